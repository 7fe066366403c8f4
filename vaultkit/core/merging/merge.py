"""Three trees to one: what I did locally, replayed on what is published.

`theirs` is published and stays as it is; the result says what to change in it. The rules, note by
note (a note is known by its path in the base):

- One side changed: take it. Both the same: nothing to do. Change beats delete.
- Both edited: merge the text; if that is not clean, the published text stays and mine becomes a
  conflict copy. Markers are never written into a note.
- An edit follows a move only where its author may write the destination. Otherwise the moved note
  stays as it was moved and the edit becomes a conflict copy: nobody edits an approved note through
  the back door.
- Two moves of one note: the published one wins. The loser's stamps go with the lost move, its other
  words are kept.
- Two new notes with one name (or look-alike names): both stay, mine gets ` (<agent>)`.
- One note that both brought (say, back after it was removed) stays once, where it is published.

Nothing here reads a clock: conflict copies are named by the time of the commit they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from vaultkit.core.git.changes import known_again
from vaultkit.core.git.tree import Changes, Objects, Oid, changes_between, find_file
from vaultkit.core.history.fates import REMOVED, Fate, Side, read_side
from vaultkit.core.history.fold import Touch
from vaultkit.core.history.twins import Twins, holds_all
from vaultkit.core.merging.diverted import Way, follow_diverted
from vaultkit.core.merging.file_merge import merge_files
from vaultkit.core.merging.merge_terms import (
    Conflict,
    MayWrite,
    Merged,
    Overruled,
    Published,
    Replay,
    may_follow,
)
from vaultkit.core.naming.conflict_copies import beside, conflict_path, free_copy
from vaultkit.core.naming.names import Names
from vaultkit.core.text.stamps import claimed_after, only_stamped, stamped_over, without_stamps


def merge_trees(
    objects: Objects,
    replay: Replay,
    theirs: Published,
    may_write: MayWrite,
    diverted: Mapping[str, str],
) -> Merged:
    """Replay one local change on what is published."""
    ours = changes_between(objects, replay.base, replay.ours)
    way = follow_diverted(objects, ours, replay, theirs, may_write, diverted) if diverted else Way(ours)
    ours = way.changes
    published = changes_between(objects, replay.base, theirs.tree)
    if not published:
        edits = {path: change.new for path, change in ours.items()}
        return Merged(edits, way.conflicts, diverted=dict(way.moved))
    merged = _Merger(objects, replay, theirs, may_write, way.placed).merge(ours, published)
    afresh = {path: path for path, change in ours.items() if change.old is None and path in diverted}
    merged.diverted = {**afresh, **way.moved, **merged.diverted}
    merged.conflicts += way.conflicts
    return merged


class _Merger:
    def __init__(
        self,
        objects: Objects,
        replay: Replay,
        theirs: Published,
        may_write: MayWrite,
        placed: Set[str],
    ) -> None:
        """`placed`: where a change speaks of a note as it is published, not as it is in the base."""
        self._placed = placed
        self._objects = objects
        self._replay = replay
        self._theirs = theirs.tree
        self._touched, self._moved = theirs.touched, theirs.moved
        self._may_write = may_write
        self._result = Merged()
        self._known_again: set[str] = set()

    def merge(self, ours: Changes, theirs: Changes) -> Merged:
        leaving = {path for path, change in ours.items() if change.new is None and path not in theirs}
        self._names = Names(self._objects, self._theirs, leaving)
        mine = read_side(ours, self._objects.blob, {})
        published = read_side(theirs, self._objects.blob, self._moved)
        self._know_moved_again(mine, published)
        self._left = {path for path, fate in mine.fates.items() if self._leaves(path, fate, mine, published)}
        self._twins = Twins(published.added, set(self._moved.values()), self._objects.blob)
        for path, fate in sorted(mine.fates.items()):
            self._combine(path, mine.base[path], fate, self._their_fate(path, mine.base[path], published))
        for path, oid in sorted(mine.added.items()):
            self._bring(path, oid)
        return self._result

    def _know_moved_again(self, mine: Side, published: Side) -> None:
        """A note new to me, of the name and `id` of one that others moved, is that one, moved here too.

        So it is where another program had put their move on this disk before I moved the note myself.
        """
        moved = {
            path: published.base[path] for path, fate in published.fates.items() if fate.moved_from(path)
        }
        left = {path: oid for path, oid in moved.items() if path not in mine.fates}
        for path, src in known_again(mine.added, left, self._objects.blob).items():
            mine.fates[src], mine.base[src] = Fate(path, mine.added.pop(path)), left[src]
            self._known_again.add(src)

    def _their_fate(self, path: str, base: Oid, published: Side) -> Fate:
        untouched = Fate(path, find_file(self._objects, self._theirs, path) or base)
        return untouched if path in self._placed else published.fates.get(path, untouched)

    def _combine(self, path: str, base: Oid, mine: Fate, theirs: Fate) -> None:
        if mine in (theirs, Fate(path, base)):
            return
        if theirs == Fate(path, base):
            self._take(path, mine)
        elif mine == REMOVED:
            return  # change beats delete
        elif theirs == REMOVED:
            self._bring_back(mine)
        elif mine.path == theirs.path:
            self._meet(path, base, mine, theirs)
        elif not theirs.moved_from(path):
            self._their_edit_follows(path, base, mine, theirs)
        elif mine.moved_from(path):
            self._lose_move(path, base, mine, theirs)
        else:
            self._my_edit_follows(path, base, mine, theirs)

    def _take(self, path: str, mine: Fate) -> None:
        if mine.path != path:
            self._remove(path)
        if mine == REMOVED:
            return
        self._place(path, mine)

    def _place(self, path: str, mine: Fate) -> None:
        """Put my version where I have it, beside what may stand there already."""
        if mine.path is None or mine.oid is None:
            return
        if mine.path == path:
            self._set(path, mine.oid)
        else:
            self._add(mine.path, mine.oid)

    def _bring_back(self, mine: Fate) -> None:
        """They removed the note; another one may be in its place now."""
        if mine.path and mine.oid:
            self._bring(mine.path, mine.oid)

    def _bring(self, path: str, oid: Oid) -> None:
        """A note that was not there, unless others have brought the very same one, wherever they have it."""
        twin = self._twins.of(path, oid)
        if twin is None or twin.path in self._result.diverted.values():
            self._add(path, oid)
            return
        self._result.diverted[path] = twin.path
        if not twin.has_more:
            return
        if self._may_write(self._replay.agent, twin.path) and not twin.went_on:
            ours = without_stamps(b"", self._read(oid))
            self._merge_into(twin.path, self._objects.put_blob(twin.words), ours, twin.oid)
        else:
            reason = f"written at {path} after others had put the note at {twin.path}"
            self._keep_mine_aside(path, oid, reason)

    def _add(self, path: str, oid: Oid) -> None:
        if self._result.edits.get(path, find_file(self._objects, self._theirs, path)) == oid:
            return
        free = self._free_name(path)
        if free != path:
            self._result.diverted[path] = free
        if free == self._copy_of(path):
            self._result.conflicts.append(Conflict(path, free, "neither its name nor one like it is free"))
        self._set(free, oid)

    def _meet(self, path: str, base: Oid, mine: Fate, theirs: Fate) -> None:
        """Both have the note at one place, with different words."""
        moved = theirs.moved_from(path)
        ours = self._without_my_stamps(base, mine.oid) if moved else self._read(mine.oid)
        if self._lacks(path, base, ours):
            reason = f"at {theirs.path}, where others moved the note, without some of its lines"
            self._keep_mine_aside(theirs.path or path, self._objects.put_blob(ours), reason)
        else:
            self._merge_into(theirs.path or path, base, ours, theirs.oid)

    def _lacks(self, path: str, base: Oid, ours: bytes) -> bool:
        """Is it one that was known again, and lacks what it had? Nobody knows that anybody took that out."""
        return path in self._known_again and not holds_all(ours, self._read(base))

    def _their_edit_follows(self, path: str, base: Oid, mine: Fate, theirs: Fate) -> None:
        """I moved the note, they edited it where it was."""
        self._remove(path)
        target = mine.path or path
        touch = self._touched.get(path, Touch(frozenset(), self._replay.time))
        before, ours, published = self._read(base), self._read(mine.oid), self._read(theirs.oid)
        ours = claimed_after(before, ours, published)
        merged: bytes | None = None
        if only_stamped(before, published):
            merged = ours
        elif may_follow(touch, target, self._may_write):
            merged = _merge_move(path, before, ours, published)
        self._place(path, Fate(target, self._objects.put_blob(ours if merged is None else merged)))
        if merged is not None:
            return
        reason = f"edited by {_names(touch.agents)} while it was moved to {target}"
        self._keep_aside(path, theirs.oid, _names(touch.agents), touch.time, reason)

    def _my_edit_follows(self, path: str, base: Oid, mine: Fate, theirs: Fate) -> None:
        """They moved the note, I edited it where it was."""
        target = theirs.path or path
        if self._may_write(self._replay.agent, target):
            self._merge_into(target, base, self._read(mine.oid), theirs.oid)
            self._result.diverted.setdefault(path, target)
        else:
            reason = f"edited while it was moved to {target}, where {self._replay.agent} may not write"
            self._keep_mine_aside(path, mine.oid, reason)

    def _lose_move(self, path: str, base: Oid, mine: Fate, theirs: Fate) -> None:
        """Both moved it: the published move stands, my stamps go, my other words stay."""
        ours = self._without_my_stamps(base, mine.oid)
        target = theirs.path or path
        if mine.path:
            self._result.diverted[mine.path] = target
            touch = self._touched.get(target, Touch(frozenset(), self._replay.time))
            self._result.overruled.append(Overruled(path, mine.path, target, _names(touch.agents)))
        if ours == self._read(base):
            return
        if self._may_write(self._replay.agent, target) and not self._lacks(path, base, ours):
            self._merge_into(target, base, ours, theirs.oid)
        else:
            reason = f"moved to {mine.path} after others had moved it to {target}"
            self._keep_mine_aside(path, self._objects.put_blob(ours), reason)

    def _merge_into(self, target: str, base: Oid, ours: bytes, theirs: Oid | None) -> None:
        merged = merge_files(target, self._read(base), ours, self._read(theirs))
        if merged is None:
            reason = "both sides changed the same words"
            self._keep_mine_aside(target, self._objects.put_blob(ours), reason)
        elif merged != self._read(theirs):
            self._set(target, self._objects.put_blob(merged))

    def _keep_mine_aside(self, path: str, oid: Oid | None, reason: str) -> None:
        copy = self._keep_aside(path, oid, self._replay.agent, self._replay.time, reason)
        self._result.diverted[path] = copy

    def _keep_aside(self, path: str, oid: Oid | None, agent: str, time: int, reason: str) -> str:
        copy = free_copy(path, agent, time, oid, self._holds, self._names)
        self._set(copy, oid)
        self._result.conflicts.append(Conflict(path, copy, reason))
        return copy

    def _holds(self, copy: str) -> Oid | None:
        return self._result.edits.get(copy) or find_file(self._objects, self._theirs, copy)

    def _without_my_stamps(self, base: Oid, oid: Oid | None) -> bytes:
        return without_stamps(self._read(base), self._read(oid))

    def _read(self, oid: Oid | None) -> bytes:
        return self._objects.blob(oid) if oid else b""

    def _remove(self, path: str) -> None:
        self._result.edits.setdefault(path, None)

    def _set(self, path: str, oid: Oid | None) -> None:
        before = self._result.edits.get(path)
        self._result.edits[path] = oid
        self._names.add(path)
        if before not in (None, oid):
            self._keep_mine_aside(path, before, "other words came to the same place")

    def _free_name(self, path: str) -> str:
        """`path`, or the first free name beside what stands there."""
        if self._is_free(path):
            return path
        tries = (beside(path, self._replay.agent + n) for n in ("", *map(" {}".format, range(2, 100))))
        return next((name for name in tries if self._is_free(name)), self._copy_of(path))

    def _copy_of(self, path: str) -> str:
        return conflict_path(path, self._replay.agent, self._replay.time)

    def _is_free(self, path: str) -> bool:
        stands = path not in self._left and find_file(self._objects, self._theirs, path)
        return not (stands or self._result.edits.get(path)) and self._names.collision(path) is None

    def _leaves(self, path: str, fate: Fate, mine: Side, published: Side) -> bool:
        """Does my move or removal of a note make room at `path` in the published tree?"""
        theirs = self._their_fate(path, mine.base[path], published)
        stays = theirs.path == path and (fate != REMOVED or theirs.oid == mine.base[path])
        return fate.path != path and stays and path not in published.added


def _merge_move(path: str, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """A move that stands says what the note is now, whatever others wrote into the keys that it stamps."""
    merged = merge_files(path, base, ours, theirs)
    if merged is not None:
        return merged
    words = merge_files(path, base, without_stamps(base, ours), theirs)
    return None if words is None else stamped_over(base, ours, words)


def _names(agents: frozenset[str]) -> str:
    return " and ".join(sorted(agents)) or "somebody"
