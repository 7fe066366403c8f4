"""An allowance of work, spent as it is done."""

from __future__ import annotations

from collections.abc import Callable


class OverBudget(Exception):
    """What was allowed is used up; the work in hand is given up."""


class Budget:
    """So much work may still be done. `check` is called with each spending, and may raise to end it all."""

    def __init__(self, allowed: int, check: Callable[[], None] = lambda: None) -> None:
        self.left = allowed
        self.check = check

    def spend(self, work: int) -> None:
        """Take `work` away; OverBudget if there was not enough."""
        self.check()
        self.left -= work
        if self.left < 0:
            raise OverBudget
