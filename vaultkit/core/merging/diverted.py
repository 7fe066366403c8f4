"""What I did later to a note whose words an earlier merge put elsewhere.

My commits are replayed one by one. Where the first of them lost a move, or its words became a conflict
copy, the later ones still speak of the note where I had it. They are made where its words are now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field

from vaultkit.core.git.changes import COPIES, Move, infer_successions, without_moves
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, find_file
from vaultkit.core.merging.merge_terms import Conflict, MayWrite, Published, Replay, may_follow
from vaultkit.core.naming.conflict_copies import free_copy, is_beside
from vaultkit.core.naming.names import Names


@dataclass(slots=True)
class Way:
    """My changes where an earlier replay put the notes' words.

    `placed`: there a change speaks of a note as it is published, not as it is in the base. `moved`: where
    the words are of notes that I moved once more. `conflicts`: what found no place but a new copy.
    """

    changes: Changes
    placed: Set[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def follow_diverted(
    objects: Objects,
    ours: Changes,
    replay: Replay,
    theirs: Published,
    may_write: MayWrite,
    diverted: Mapping[str, str],
) -> Way:
    """My changes `ours`, made where the words are: `diverted` says where an earlier replay put a path's."""
    return _Following(objects, replay, theirs, may_write, diverted).follow(ours)


class _Following:
    def __init__(
        self,
        objects: Objects,
        replay: Replay,
        theirs: Published,
        may_write: MayWrite,
        diverted: Mapping[str, str],
    ) -> None:
        self._objects, self._replay, self._theirs = objects, replay, theirs
        self._may_write, self._diverted = may_write, diverted
        self._conflicts: list[Conflict] = []
        self._copies: dict[str, Oid] = {}
        self._whole: set[str] = set()
        self._names = Names(objects, theirs.tree)

    def follow(self, ours: Changes) -> Way:
        moves = infer_successions(ours, self._objects.blob)
        again = [move for move in moves if self._place_of(move.src) != move.src]
        others = without_moves(ours, again)
        edits, moved = self._edit(others), self._move_again(again, others)
        changes = edits | moved | _both(edits, moved) | self._kept_from(edits, moved)
        mine = [ours.items(), others.items()]
        placed = {
            p for p, change in changes.items() if change.old and all((p, change) not in m for m in mine)
        }
        away = [m for m in again if not self._is_renamed(m.src) and m.dst not in self._whole]
        now = {move.dst: self._diverted[move.src] for move in away}
        return Way(changes, placed, now, self._conflicts)

    def _place_of(self, path: str) -> str:
        return self._diverted.get(path, path)

    def _published_at(self, path: str) -> Oid | None:
        return find_file(self._objects, self._theirs.tree, path)

    def _edit(self, changes: Changes) -> Changes:
        """The same changes, made where an earlier replay put the note's words.

        Where that is a conflict copy that its author may add but not change, or where the author has put
        another note meanwhile, a new copy is added. A note that is new at a path starts afresh there.
        """
        found: Changes = {}
        for path, change in changes.items():
            there = self._place_of(path) if change.old else path
            if there == path:
                found[path] = change
            elif change.new is None and (self._published_at(there) != change.old or self._is_shared(path)):
                continue  # change beats delete: others' words are there too, or those of another note of mine
            elif self._may_write(self._replay.agent, there) and there not in changes:
                found[there] = change
            elif change.new:
                found |= self._copied(path, change.new, f"written after its words had gone to {there}")
        return found

    def _is_shared(self, path: str) -> bool:
        """Did the words of another path go to the same place?"""
        there = self._diverted[path]
        return any(place == there for other, place in self._diverted.items() if other not in (path, there))

    def _move_again(self, moves: Collection[Move], others: Changes) -> Changes:
        """Moves of notes whose words an earlier replay put elsewhere.

        Where others moved the note, their move stands against this one, too. Where it stayed and only my
        words went aside, it is moved with the words it has, if who wrote them may write there. New words go
        where the earlier ones went, unless I put another note there meanwhile. A note of mine that only was
        given another name is moved from there.
        """
        found: Changes = {}
        come = {move.dst: move for move in moves}
        for move in moves:
            there, published = self._diverted[move.src], self._published_at(move.src)
            if self._is_renamed(move.src):
                found |= _moved(there, move.dst, move.old, move.new)
                continue
            if there.startswith(COPIES) and published:
                if not may_follow(self._theirs.touched.get(move.src), move.dst, self._may_write):
                    found |= _moved(move.src, move.dst, move.old, move.new)
                    self._whole.add(move.dst)
                    continue
                found |= _moved(move.src, move.dst, published, published)
            is_free = there not in others and come.get(there, move) == move
            if move.new != move.old and self._may_write(self._replay.agent, there) and is_free:
                found[there] = Change(move.old, move.new)
            elif move.new != move.old:
                found |= self._copied(
                    move.dst, move.new, f"moved, and written after its words went to {there}"
                )
        return found

    def _is_renamed(self, path: str) -> bool:
        """Was my note only given another name beside one that was there already?"""
        return is_beside(self._diverted[path], path, self._replay.agent)

    def _kept_from(self, edits: Changes, moves: Changes) -> Changes:
        """Words that were to go into a note which I moved on in the same breath: nobody else has them."""
        kept: Changes = {}
        for path, change in edits.items():
            if path in moves and change != moves[path] and change.new:
                kept |= self._copied(path, change.new, "written while the note there was moved on")
        return kept

    def _copied(self, path: str, oid: Oid, reason: str) -> Changes:
        agent, time = self._replay.agent, self._replay.time
        copy = free_copy(path, agent, time, oid, self._holds, self._names)
        self._copies[copy] = oid
        self._conflicts.append(Conflict(path, copy, reason))
        return {copy: Change(None, oid)}

    def _holds(self, copy: str) -> Oid | None:
        return self._copies.get(copy) or self._published_at(copy)


def _both(edits: Changes, moved: Changes) -> Changes:
    """Where one note leaves a place, and one that is moved again comes to it."""
    return {
        path: Change(edits[path].old, moved[path].new)
        for path in edits.keys() & moved.keys()
        if edits[path].new is None and moved[path].old is None
    }


def _moved(src: str, dst: str, old: Oid, new: Oid) -> Changes:
    return {src: Change(old, None), dst: Change(None, new)}
