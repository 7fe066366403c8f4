"""What a person should know about this machine's hooks: what failed, at which note, what is off, what waits.

A call that nobody would make any more (its hook is disabled or off, or it was given up) waits for a person,
who can also drop it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.occasions import place_in
from vaultkit.core.naming.paths import is_named
from vaultkit.desk import Desk
from vaultkit.errors import UsageError
from vaultkit.hook_failures import HookFailures, HookTrouble
from vaultkit.hooks_at_work import AtWork
from vaultkit.jobs import is_given_up
from vaultkit.ports import Job


class FailedHook(NamedTuple):
    """A call that failed: how often, with what words, at which note. `given_up`: it waits for a person.

    `enabled`: its hook is; else the call waits until it is again.
    """

    key: str
    hook: str
    tries: int
    error: str
    note: str
    given_up: bool
    enabled: bool = True


class WaitingCall(NamedTuple):
    """A call that is still to be made: of which hook, for which note ("": a moment), how often it failed.

    `why` it waits for a person: `disabled`, `off` or `given up`; "" if it is queued. `since`: it is being
    made now, and was begun then (UTC seconds).
    """

    key: str
    hook: str
    note: str
    tries: int
    why: str
    since: int | None = None


def waiting_calls(desk: Desk, at_work: Iterable[AtWork] = ()) -> list[WaitingCall]:
    """The calls of acting hooks that are not over yet, in their order. `at_work`: the hooks that run now."""
    begun = {work.key: work.since for work in at_work if work.key}
    enabled, failures = {hook.name for hook in desk.hooks}, HookFailures(desk.state)
    return [
        WaitingCall(
            job.key,
            job.hook,
            place_in(job.move),
            job.tries,
            _why(job, enabled, failures),
            begun.get(job.key),
        )
        for job in desk.state.jobs()
    ]


def drop_calls(desk: Desk, name: str, note: str = "") -> list[WaitingCall]:
    """Never make the calls of a module or hook (for `note` alone) that wait for a person; which they were.

    UsageError if there are none.
    """
    there = [call for call in waiting_calls(desk) if name in (call.hook, call.hook.partition(".")[0])]
    there = [call for call in there if not note or is_named(call.note, note)]
    dropped = [call for call in there if call.why]
    if there and not dropped:
        hint = f"`vaultkit hooks disable {name}` first."
        raise UsageError(f"the hook {name} is enabled, so its calls are still made", hint=hint)
    if not there:
        hint = "`vaultkit hooks waiting` names those that do."
        raise UsageError(f"no call of the hook {name} waits{f' for {note}' if note else ''}", hint=hint)
    desk.state.call_off([call.key for call in dropped])
    return dropped


def _why(job: Job, enabled: Container[str], failures: HookFailures) -> str:
    if job.hook not in enabled:
        return "disabled"
    if failures.is_off(job.hook):
        return "off"
    return "given up" if is_given_up(job) else ""


def failed_hooks(desk: Desk) -> list[FailedHook]:
    """The calls of acting hooks that failed and were not made up for yet."""
    jobs, enabled = {job.key: job for job in desk.state.jobs()}, {hook.name for hook in desk.hooks}
    return [
        FailedHook(
            *failed, place_in(jobs[failed[0]].move), is_given_up(jobs[failed[0]]), failed[1] in enabled
        )
        for failed in desk.state.failed_jobs()
        if failed[0] in jobs
    ]


def hook_troubles(desk: Desk, hooks: Sequence[Hook]) -> list[HookTrouble]:
    """The hooks that are off, and planning ones that failed last time."""
    is_planning = {hook.name: hook.plans for hook in hooks}
    found = HookFailures(desk.state).among(is_planning)
    return [trouble for trouble in found if trouble.is_off or is_planning[trouble.hook]]
