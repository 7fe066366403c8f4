"""Running after-hooks: in their own time, at least once, never in the way of the sync.

A job is due once its occasion is confirmed, and an approval's once its grace time is over (`grace`). It is
kept until it succeeds; a failure is tried again with growing pauses, and after `MOST_TRIES` it waits for
a person. A hook that fails at one note after the other is switched off (`hook_failures`); its jobs wait,
and so do those of a hook that is not enabled. Only one process at a time runs jobs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.calls import as_marked
from vaultkit.core.hooks.hook import Every, Hook
from vaultkit.core.hooks.occasions import HookTick, Occasion, read_occasion, write_occasion
from vaultkit.desk import Desk
from vaultkit.errors import VaultBusy
from vaultkit.grace import call_off
from vaultkit.hook_failures import MOST_JOBS, HookFailures
from vaultkit.hooks_at_work import AtWork, note_rest, note_work
from vaultkit.ports import Job, Lock

FIRST_PAUSE_SECONDS = 5.0
MOST_TRIES = 6
MOST_IN_A_ROW = 20
"""Hooks that call each other by what they do; the next one would go on for ever, and is switched off."""

log = logging.getLogger("vaultkit")


@dataclass(slots=True)
class JobsReport:
    """How many jobs ran, and what went wrong with the others, in words."""

    done: int = 0
    problems: list[str] = field(default_factory=list)


def run_jobs(desk: Desk, lock: Lock, vault: object, *, scheduled: bool = False) -> JobsReport:
    """Run the jobs that are due; none if another process is at it. `scheduled`: by the clock too."""
    if scheduled:
        _enqueue_ticks(desk)
    report = JobsReport()
    if not any(_due(desk)):
        return report
    try:
        lock.acquire(0)
    except VaultBusy:
        return report
    try:
        note_rest(desk.state, plans=False)  # of a process that was killed
        _run_all(desk, vault, report)
        note_rest(desk.state, plans=False)
    finally:
        lock.release()
    return report


def seconds_of_grace(desk: Desk) -> float:
    """How long until the last approval that waits for its grace time can be acted on."""
    fresh = [job.not_before - desk.clock.now() for job in desk.state.jobs() if job.tries == 0]
    grace = policy_at(desk.objects, desk.head_tree()).workflow.grace
    return min(max([0.0, *fresh]), grace)


def is_given_up(job: Job) -> bool:
    """Does it wait for a person? One who asked for it again set its time to 0."""
    return job.tries >= MOST_TRIES and job.not_before > 0


def _due(desk: Desk) -> Iterator[tuple[Job, Hook]]:
    """The jobs that can be run now, with their hooks."""
    hooks, failures = {hook.name: hook for hook in desk.hooks if not hook.plans}, HookFailures(desk.state)
    off = {trouble.hook for trouble in failures.among(hooks) if trouble.is_off}
    ready = {name: hook for name, hook in hooks.items() if name not in off and not _is_stuck(desk, hook)}
    now = desk.clock.now()
    for job in desk.state.jobs():
        if job.hook in ready and job.not_before <= now and not is_given_up(job):
            yield job, ready[job.hook]


def _run_all(desk: Desk, vault: object, report: JobsReport) -> None:
    """What was due before the lock was ours may have been done or called off by whoever had it."""
    report.problems += call_off(
        desk, [(job, read_occasion(hook.event, job.move)) for job, hook in _due(desk)]
    )
    failures, unwell = HookFailures(desk.state), set[str]()
    for job, hook in _one_by_one(desk):
        if hook.name in unwell and (failures.is_off(hook.name) or _is_stuck(desk, hook)):
            continue
        occasion = read_occasion(hook.event, job.move)
        if occasion.depth >= MOST_IN_A_ROW:
            report.problems.append(_end_loop(desk, job, hook, occasion))
            continue
        try:
            _call(desk, job, hook, occasion, partial(hook.call, occasion, vault=vault))
        except (Exception, SystemExit) as error:
            unwell.add(hook.name)
            report.problems.append(_fail(desk, job, hook, occasion, error))
        else:
            _over(desk, job, hook)
            failures.forget(hook.name)
            report.done += 1


def _one_by_one(desk: Desk) -> Iterator[tuple[Job, Hook]]:
    """What is due now, without what was disabled, or dropped then, while a call before it was being made."""
    due, hooks = list(_due(desk)), desk.hooks
    still = {job.key for job, _ in due}
    for job, hook in due:
        if desk.hooks is not hooks:
            hooks = desk.hooks
            still = {job.key for job, _ in _due(desk)}
        if job.key in still:
            yield job, hook


def _is_stuck(desk: Desk, hook: Hook) -> bool:
    return desk.overseer is not None and desk.overseer.is_running(hook.name)


def _over(desk: Desk, job: Job, hook: Hook) -> None:
    """A moment does not come again, so its key need not be remembered."""
    if hook.event == "schedule":
        desk.state.drop_job(job.key)
    else:
        desk.state.finish(job.key)


def _call(desk: Desk, job: Job, hook: Hook, occasion: Occasion, work: Callable[[], None]) -> None:
    if desk.overseer:
        mark = as_marked(hook.name, occasion.depth + 1)
        now, limit = desk.clock.now(), desk.overseer.limit
        note_work(desk.state, AtWork(hook.name, occasion.path, now, limit, job.key))
        desk.overseer.act(hook.name, occasion.path or "its time", work, mark)
    else:
        work()


def _end_loop(desk: Desk, job: Job, hook: Hook, occasion: Occasion) -> str:
    """This call is over; the hook stays off until a person has looked.

    What arrived only says how deep it is, so it ends the call and switches nothing off.
    """
    words = f"hooks called each other {MOST_IN_A_ROW} times in a row, by what they did (`again=True`)"
    desk.state.finish(job.key)
    told = f"{occasion.path}: hook {hook.name} goes round in a loop: {words}"
    if occasion.origin == "remote":
        return f"{told}; it was not called"
    HookFailures(desk.state).count(hook.name, occasion.path, words, 1)
    return f"{told}; it is off now: `vaultkit hooks enable {hook.module}` switches it on again"


def _fail(desk: Desk, job: Job, hook: Hook, occasion: Occasion, error: BaseException) -> str:
    """Remember the failure, and say what comes next."""
    log.debug("hook %s failed", hook.name, exc_info=error)
    pause = FIRST_PAUSE_SECONDS * 2 ** min(job.tries, MOST_TRIES)
    words = f"{type(error).__name__}: {error}"
    desk.state.retry(job.key, desk.clock.now() + pause, words)
    told = f"{occasion.path or 'the clock'}: hook {hook.name} failed ({words})"
    if job.tries + 1 < MOST_TRIES:
        return f"{told}; it is tried again in {pause:.0f} s"
    if hook.event == "schedule":
        desk.state.drop_job(job.key)  # the next moment is another try
    if HookFailures(desk.state).count(hook.name, occasion.path, words, MOST_JOBS):
        return f"{told}; it is off now: `vaultkit hooks enable {hook.module}` switches it on again"
    return f"{told}; it is given up: `vaultkit hooks retry {hook.module}` runs it again"


# By the clock


def _enqueue_ticks(desk: Desk) -> None:
    for hook in desk.hooks:
        if isinstance(hook.wants, Every) and (tick := _tick(desk, hook, hook.wants.seconds)):
            job = Job(f"{tick.key}:{hook.name}", hook.name, write_occasion(tick), 0, 0.0)
            desk.state.enqueue([job])
            desk.state.put(**{_record(hook): str(tick.time)})


def _tick(desk: Desk, hook: Hook, seconds: float) -> HookTick | None:
    """The moment that has come for a hook; none while its last one is not over. Clocks may be put back."""
    now, record = desk.clock.now(), desk.state.get(_record(hook))
    last = int(record) if record else None
    is_early = last is not None and 0 <= now - last < seconds
    if is_early or any(job.hook == hook.name for job in desk.state.jobs()):
        return None
    return HookTick(now, f"every:{now}", desk.identity.agent, last)


def _record(hook: Hook) -> str:
    return f"tick:{hook.name}"
