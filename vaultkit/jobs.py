"""Running after-hooks: in their own time, at least once, never in the way of the sync.

A job is due once its move is confirmed, and an approval's once its grace time is over (`grace`). It is
kept until it succeeds; a failure is tried again with growing pauses, and after `MOST_TRIES` it waits for
a person. Only one process at a time runs jobs.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from vaultkit.core.fold import policy_at
from vaultkit.core.hooks import Hook, HookMove
from vaultkit.desk import Desk
from vaultkit.errors import VaultBusy
from vaultkit.grace import call_off
from vaultkit.ports import Job, Lock

FIRST_PAUSE_SECONDS = 5.0
MOST_TRIES = 6

log = logging.getLogger("vaultkit")


@dataclass(slots=True)
class JobsReport:
    """How many jobs ran, and what went wrong with the others, in words."""

    done: int
    problems: list[str]


def run_jobs(desk: Desk, lock: Lock, vault: object) -> JobsReport:
    """Run the jobs that are due now; none if another process is at it."""
    report = JobsReport(0, [])
    due = [job for job in desk.state.jobs() if job.tries < MOST_TRIES and job.not_before <= desk.clock.now()]
    if not due:
        return report
    try:
        lock.acquire(0)
    except VaultBusy:
        return report
    try:
        report.problems += call_off(desk, due)
        still_due = {job.key for job in desk.state.jobs()}
        for job in due:
            if job.key in still_due:
                _run(desk, job, vault, report)
    finally:
        lock.release()
    return report


def seconds_of_grace(desk: Desk) -> float:
    """How long until the last approval that waits for its grace time can be acted on."""
    fresh = [job.not_before - desk.clock.now() for job in desk.state.jobs() if job.tries == 0]
    grace = policy_at(desk.objects, desk.head_tree()).workflow.grace
    return min(max([0.0, *fresh]), grace)


def _run(desk: Desk, job: Job, vault: object, report: JobsReport) -> None:
    move = HookMove(**json.loads(job.move))
    hook = next((hook for hook in desk.hooks if hook.name == job.hook), None)
    if hook is None:
        desk.state.retry(job.key, desk.clock.now() + 3600, "the hook is not enabled any more")
        return
    try:
        hook.call(move=move, vault=vault)
    except Exception as error:
        _fail(desk, job, hook, move, error, report)
    else:
        desk.state.finish(job.key)
        report.done += 1


def _fail(desk: Desk, job: Job, hook: Hook, move: HookMove, error: Exception, report: JobsReport) -> None:
    log.debug("hook %s failed", hook.name, exc_info=error)
    pause = FIRST_PAUSE_SECONDS * 2**job.tries
    words = f"{type(error).__name__}: {error}"
    desk.state.retry(job.key, desk.clock.now() + pause, words)
    report.problems.append(
        f"{move.path}: hook {hook.name} failed ({words}); it is tried again in {pause:.0f} s"
    )
