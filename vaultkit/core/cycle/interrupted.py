"""A merge of which only a part was written, because of a kill or because somebody typed meanwhile.

What was written is on the disk and not in history, and what people did to it since is a change to that.
So the written part is taken up: a commit says what the disk held, people's doings are judged against it,
and when the local commits are replayed it is left out again, for nobody here did any of it.

Of a move that was to be written perhaps only the new place stands. A note must not be in two places, so
there the half is taken back, unless somebody has touched it; then the old place goes with the next merge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from vaultkit.core.cycle.dragged import Targets, dragged_away
from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.changes import Move, are_different, infer_moves
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, find_file


@dataclass(slots=True)
class Half:
    """What was `made` of the writes, and the new halves of moves that are to be taken back (`twins`)."""

    made: dict[str, Oid | None] = field(default_factory=dict)
    twins: dict[str, Oid] = field(default_factory=dict)


def read_half(
    objects: Objects, tree: Oid | None, targets: Targets, done: Set[str], seen: Mapping[str, Sighting]
) -> Half:
    """What is left of writing `targets` over `tree`; `done` is what surely was written, `seen` is now."""
    look = _Look(objects, tree, targets, done, seen)
    half = Half({path: new for path, new in targets.items() if look.was_made(path)})
    for move in infer_moves(look.changes, objects.blob):
        if move.src in half.made:
            continue
        twin = look.new_half(move)
        if twin:
            half.twins[twin] = move.new
        if twin or look.vanished(move.dst):
            half.made.pop(move.dst, None)
    return half


class _Look:
    """The questions about one path."""

    def __init__(
        self,
        objects: Objects,
        tree: Oid | None,
        targets: Targets,
        done: Set[str],
        seen: Mapping[str, Sighting],
    ) -> None:
        self._objects, self._done, self._seen = objects, done, seen
        self.changes: Changes = {
            path: Change(find_file(objects, tree, path), new) for path, new in targets.items()
        }
        self._dragged = dragged_away(objects, tree, targets, done, seen)

    def now(self, path: str) -> Oid | None:
        sighting = self._seen.get(path)
        return sighting.oid if sighting else self.changes[path].old

    def was_made(self, path: str) -> bool:
        (old, new), now = self.changes[path], self.now(path)
        if now == new:
            return bool(new) or path in self._done or path not in self._dragged.emptied
        if path in self._dragged.written or (self._is_new(old, new) and self._goes_on(new, now)):
            return True
        return path in self._done and (now != old or old is None)

    def _is_new(self, old: Oid | None, new: Oid | None) -> bool:
        """Was no note there before, or another one?"""
        return not old or bool(new and are_different(self._objects.blob(old), self._objects.blob(new)))

    def _goes_on(self, new: Oid | None, now: Oid | None) -> bool:
        """Are all the lines that were to be written there, and more? Nobody types them all by chance."""
        if not (new and now):
            return False
        lines = Counter(self._objects.blob(new).splitlines())
        return bool(lines) and lines <= Counter(self._objects.blob(now).splitlines())

    def new_half(self, move: Move) -> str | None:
        """Where the new half of a move is, untouched; maybe dragged on together with the old one."""
        away = move.src in self._dragged.emptied
        place = self._dragged.written.get(move.dst, move.dst) if away else move.dst
        sighting = self._seen.get(place)
        return place if (sighting.oid if sighting else self.now(move.dst)) == move.new else None

    def vanished(self, path: str) -> bool:
        """Is nothing there, nor the note anywhere else? Then it was taken back."""
        return self.now(path) is None and path not in self._dragged.written
