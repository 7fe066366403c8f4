"""What became of each note on one side: the changes of a side, read note by note.

Merging asks "what did each side do to this note?", not "what differs at this path?", so that an
edit can meet a move. A note is known by the path it had in the base tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from vaultkit.core.git.changes import are_different, infer_successions, unexplained, without_moves
from vaultkit.core.git.tree import Changes, Oid


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


def read_side(changes: Changes, read: Callable[[Oid], bytes], known: Mapping[str, str]) -> Side:
    """Sort `changes` (from the base to one side) into fates and additions.

    `known` are moves that the side's history tells; the others are inferred. A note may have been moved
    to where another one was before, so a known move explains only what left its source and what came to
    its destination; nor is it one where another note is at its source by now, as the `id`s tell.
    """
    side = Side({}, {}, {})
    known = {src: dst for src, dst in known.items() if _is_move(changes, src, dst, read)}
    for src, dst in known.items():
        _note(side, src, changes[src].old, Fate(dst, changes[dst].new))
    rest = unexplained(changes, known)
    moves = infer_successions(rest, read)
    for move in moves:
        _note(side, move.src, move.old, Fate(move.dst, move.new))
    for path, (old, new) in without_moves(rest, moves).items():
        if old is None and new is not None:
            side.added[path] = new
        else:
            _note(side, path, old, Fate(path, new) if new else REMOVED)
    return side


def _is_move(changes: Changes, src: str, dst: str, read: Callable[[Oid], bytes]) -> bool:
    if src not in changes or dst not in changes:
        return False
    left, came = changes[src].old, changes[dst].new
    return bool(left and came and not are_different(read(left), read(came)))


def _note(side: Side, path: str, old: Oid | None, fate: Fate) -> None:
    if old is not None:
        side.fates[path], side.base[path] = fate, old
