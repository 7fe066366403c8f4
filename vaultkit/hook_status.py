"""What a person should know about this machine's hooks: what failed, at which note, and what is off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vaultkit.core.hooks import Hook
from vaultkit.core.occasions import place_in
from vaultkit.desk import Desk
from vaultkit.hook_failures import HookFailures, HookTrouble
from vaultkit.jobs import is_given_up


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
