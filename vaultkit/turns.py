"""Whose turn it is to publish: who does it again and again leaves room for the others.

A push counts only on top of what was published last. Who edits all the time publishes at once; another
has to take that in first, note by note, and by then the next push is there: with a slow machine or line
it never gets its turn. So after some pushes in a row without a word from anybody else, each next one
waits a little longer, and what is edited meanwhile goes together.
"""

from __future__ import annotations

FREE = 3
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 4.0
FORGOTTEN_SECONDS = 30.0


class Turns:
    """The pushes of one machine in a row. Times are seconds of its monotonic clock."""

    def __init__(self) -> None:
        self._row = 0
        self._last = 0.0
        self.free_at = 0.0

    def after(self, pushes: int, *, heard_others: bool, now: float) -> None:
        """A cycle that sent `pushes` has ended; in it something by others was taken in, or not."""
        if heard_others or now - self._last > FORGOTTEN_SECONDS:
            self._row = 0
        if pushes:
            self._row, self._last = self._row + 1, now
            self.free_at = now + self._pause()

    def _pause(self) -> float:
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (self._row - FREE - 1)) if self._row > FREE else 0.0
