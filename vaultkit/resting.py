"""Decisions that are still fresh, and since when, by this machine's own monotonic clock.

A drag may be a slip of the hand. So a decision is left as it is on the disk until it has been there,
unchanged, for the policy's quiet time; if it is taken back before, nobody ever hears of it. Typing into
the note begins the time anew.
"""

from __future__ import annotations

from collections.abc import Set

from vaultkit.core.git.changes import Move


class Resting:
    """The decisions that rest. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._since: dict[Move, float] = {}

    def rested(self, now: float, quiet: float) -> frozenset[Move]:
        """Those that have rested long enough."""
        return frozenset(move for move, since in self._since.items() if now - since >= quiet)

    def seconds_left(self, now: float, quiet: float) -> float | None:
        """How long until the next one has; None if none rests."""
        oldest = min(self._since.values(), default=None)
        return None if oldest is None else max(0.0, oldest + quiet - now)

    def update(self, seen: Set[Move], looked_at: Set[str] | None, now: float) -> None:
        """These are fresh still, of all that could be seen by looking at these paths (None: everywhere)."""
        elsewhere = {} if looked_at is None else self._since
        kept = {move: at for move, at in elsewhere.items() if not {move.src, move.dst} & (looked_at or set())}
        self._since = {**{move: self._since.get(move, now) for move in seen}, **kept}


def ends(moves: Set[Move]) -> frozenset[str]:
    """Both places of each."""
    return frozenset(end for move in moves for end in (move.src, move.dst))
