"""What was saved, word by word, and which of it must be found in the end.

Each saved version holds words that nobody wrote before. A word may only be missing if its own side took it
out again (edited the line away, deleted the note) before vaultkit can have seen it. Time does not tell that
on a busy machine, a canary does: one that set out after the word was saved, from the same side, and arrived
elsewhere while the word still stood, proves that vaultkit had looked. What others take out came by
sync, so it is in history anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

WORD = re.compile(rb"\bw\d+(?:local|cloud)\b")


@dataclass(slots=True)
class Saved:
    """A word: where it was saved and when, and when its own side took it out."""

    side: str
    path: str
    at: float
    gone: float | None = None


class Flight(NamedTuple):
    """A canary's: from which side, when it set out and when it arrived."""

    side: str
    out: float
    arrived: float


class Ledger:
    """Every word that was saved."""

    def __init__(self) -> None:
        self.words: dict[bytes, Saved] = {}
        self.flights: list[Flight] = []
        self._last = 0

    def new_word(self, side: str) -> str:
        """A word nobody wrote before; it counts once it is saved."""
        self._last += 1
        return f"w{self._last}{side}"

    def save(self, side: str, path: str, now: float, before: bytes, after: bytes) -> None:
        """A side replaced what it had read at a path by `after`; both empty if there was or is no note."""
        old, new = words_in(before), words_in(after)
        for word in new - self.words.keys():
            self.words[word] = Saved(side, path, now)
        for word in old - new:
            saved = self.words.get(word)
            if saved and saved.side == side and saved.gone is None:
                saved.gone = now

    def demanded(self) -> Iterator[tuple[bytes, Saved]]:
        """The words that must be found."""
        yield from ((word, saved) for word, saved in self.words.items() if self._was_seen(saved))

    def _was_seen(self, saved: Saved) -> bool:
        """Did it stand to the end, or while a canary flew?"""
        gone = saved.gone
        if gone is None:
            return True
        return any(f.side == saved.side and saved.at <= f.out and f.arrived <= gone for f in self.flights)


def words_in(data: bytes) -> set[bytes]:
    return set(WORD.findall(data))
