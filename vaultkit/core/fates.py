"""What became of each note on one side: the changes of a side, read note by note.

Merging asks "what did each side do to this note?", not "what differs at this path?", so that an
edit can meet a move. A note is known by the path it had in the base tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vaultkit.core.changes import infer_moves, without_moves
from vaultkit.core.tree import Changes, Oid


class Fate(NamedTuple):
    """Where a note is now and what it holds; both None if it was removed."""

    path: str | None
    oid: Oid | None

    def moved_from(self, base: str) -> bool:
        return self.path is not None and self.path != base


REMOVED = Fate(None, None)


class Side(NamedTuple):
    """One side's doings: `fates` of notes the base has, and `added` notes it has not."""

    fates: dict[str, Fate]
    added: dict[str, Oid]
    base: dict[str, Oid]


def read_side(changes: Changes, read: Callable[[Oid], bytes]) -> Side:
    """Sort `changes` (from the base to one side) into fates and additions."""
    side = Side({}, {}, {})
    moves = infer_moves(changes, read)
    for move in moves:
        side.fates[move.src] = Fate(move.dst, move.new)
        side.base[move.src] = move.old
    for path, (old, new) in without_moves(changes, moves).items():
        if old is None and new is not None:
            side.added[path] = new
        elif old is not None:
            side.fates[path] = Fate(path, new) if new else REMOVED
            side.base[path] = old
    return side
