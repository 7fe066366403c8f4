"""The hooks of this machine: which there are, trying them, switching them on and off, running them again."""

from __future__ import annotations

from vaultkit.api.session import Session
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
