"""The hooks of this machine: which there are, trying them, switching them on and off, running them again."""

from __future__ import annotations

from vaultkit.api.session import Session
from vaultkit.hook_status import WaitingCall, drop_calls, waiting_calls
from vaultkit.hook_trial import HookTrial, try_hooks
from vaultkit.hooks_here import Hooks


class Hooking(Session):
    """What a person decides about hooks."""

    @property
    def hooks(self) -> Hooks:
        """The hooks that this machine has and enables."""
        return Hooks(self.root, self._desk, self._hooks)

    def try_hooks(self, note: str, src: str, dst: str, *, module: str | None = None) -> HookTrial:
        """What would run, and be edited, if `note` went from `src` to `dst` (folders, stages or paths).

        `-` as `src`: as a new note; the same as `dst`: edited there. `module` is tried too though it is not
        enabled. Nothing is changed. Raises UsageError, HookError, and VaultError if there is no such note.
        """
        hooks = self.hooks.with_module(module)
        return try_hooks(self._desk, self.policy, hooks, note, src, dst, self.clock.now())

    def waiting_calls(self) -> list[WaitingCall]:
        """The calls of acting hooks that are not over: which one runs, and why one waits for a person."""
        return waiting_calls(self._desk, self.hooks_at_work())

    def drop_calls(self, hook: str, note: str = "") -> list[WaitingCall]:
        """Never make the calls of a module or hook that wait for a person; `note`: only that note's.

        Returns what was dropped. UsageError if nothing of it waits for a person.
        """
        return drop_calls(self._desk, hook, note)
