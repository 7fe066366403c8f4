"""Calling the hooks that edit the draft of a commit, and leaving out those that went on failing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.occasions import Occasion
from vaultkit.core.hooks.planning import call_plainly
from vaultkit.desk import Desk
from vaultkit.hook_failures import MOST_PLANS, HookFailures
from vaultkit.hooks_at_work import AtWork, note_rest, note_work


class Planner:
    """Calls planning hooks at one desk. `tell` hears, in words for a person, what went wrong."""

    def __init__(self, desk: Desk, tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._tell = tell
        self._failures = HookFailures(desk.state)
        self._failing: set[str] = set()

    def hooks(self) -> list[Hook]:
        """The hooks that are called in this cycle: a planning hook that went on failing is not."""
        note_rest(self._desk.state, plans=True)  # of a process that was killed
        troubles = self._failures.among(hook.name for hook in self._desk.hooks if hook.plans)
        self._failing = {trouble.hook for trouble in troubles}
        off = {trouble.hook for trouble in troubles if trouble.is_off}
        return [hook for hook in self._desk.hooks if not (hook.plans and hook.name in off)]

    def call(self, hook: Hook, occasion: Occasion, work: Callable[[], None]) -> BaseException | None:
        """Call one, and say what went wrong, if anything did."""
        overseer, tell = self._desk.overseer, partial(self._tell_of, hook, occasion)
        watched = partial(overseer.plan, hook.name, occasion.path, work, tell) if overseer else work
        error = call_plainly(hook, occasion, watched)
        if error is None:
            self._went_well(hook)
        else:
            self._failed(hook, occasion, f"{type(error).__name__}: {error}")
        return error

    def _tell_of(self, hook: Hook, occasion: Occasion, is_slow: bool) -> None:
        """Another process shall see which hook the sync waits for."""
        if is_slow:
            note_work(self._desk.state, AtWork(hook.name, occasion.path, self._desk.clock.now()))
        else:
            note_rest(self._desk.state, plans=True)

    def _went_well(self, hook: Hook) -> None:
        if hook.name in self._failing:
            self._failures.forget(hook.name)
            self._failing.discard(hook.name)

    def _failed(self, hook: Hook, occasion: Occasion, words: str) -> None:
        self._failing.add(hook.name)
        is_off = self._failures.count(hook.name, occasion.path, words, MOST_PLANS)
        end = f"; it is off now: `vaultkit hooks enable {hook.module}`" if is_off else ""
        self._tell(f"{occasion.path}: hook {hook.name} could not edit the note: {words}{end}")
