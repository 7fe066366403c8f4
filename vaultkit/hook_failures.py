"""What is remembered of hooks that fail, until they work again: a hook that goes on failing is switched off.

A note that a hook cannot deal with is one thing: its job is given up after some tries, and others go on. A
hook that fails note after note is off until a person has looked: by `vaultkit hooks enable`, or `retry`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from vaultkit.ports import State

MOST_PLANS = 10
"""Failures of a planning hook in a row."""
MOST_JOBS = 3
"""Jobs of an acting hook, given up one after the other."""


@dataclass(frozen=True, slots=True)
class HookTrouble:
    """A hook that failed last time: how often in a row, at which note, with what words.

    `is_off`: it is not called any more.
    """

    hook: str
    count: int
    note: str
    error: str
    is_off: bool


class HookFailures:
    """The failures of one machine's hooks, by the hook's name."""

    def __init__(self, state: State) -> None:
        self._state = state

    def of(self, hook: str) -> HookTrouble | None:
        text = self._state.get(f"hook:{hook}")
        return HookTrouble(**json.loads(text)) if text else None

    def among(self, hooks: Iterable[str]) -> list[HookTrouble]:
        """Those of these hooks, each once."""
        return [trouble for hook in dict.fromkeys(hooks) if (trouble := self.of(hook))]

    def is_off(self, hook: str) -> bool:
        trouble = self.of(hook)
        return trouble is not None and trouble.is_off

    def count(self, hook: str, note: str, error: str, most: int) -> bool:
        """It failed once more; True if that was once too often, and it is off from now on."""
        before = self.of(hook)
        count = before.count + 1 if before else 1
        trouble = HookTrouble(hook, count, note, error, count >= most)
        self._state.put(**{f"hook:{hook}": json.dumps(asdict(trouble))})
        return trouble.is_off

    def forget(self, hook: str) -> None:
        """It works again, or shall be tried again."""
        if self.of(hook):
            self._state.put(**{f"hook:{hook}": None})
