"""What a commit needs that others do not have: the same walk for what is sent and for what arrived.

A folder that is named a million times is one object, and is opened once: thirteen folders can stand
for a million million paths. Nothing here calls itself, so depth is no matter, and what cannot be read
is said, not raised, for the other side may name what nobody has.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from vaultkit.core.git.tree import Commit, Entry, Folder, Oid

_KIND_BITS = 0o170000
_FOLDER_KIND, _SUBMODULE_KIND = 0o040000, 0o160000


class History(Protocol):
    """Commits and folders by their hashes; KeyError for what cannot be read."""

    def commit(self, oid: Oid) -> Commit: ...
    def folder(self, oid: Oid) -> Folder: ...


class Needed(NamedTuple):
    """An object that a tree names. Whether a folder can be read is known, for a file nobody has looked."""

    oid: Oid
    is_folder: bool
    is_readable: bool = True


def new_commits(
    objects: History, head: Oid, known: Sequence[Oid], boundary: Collection[Oid] = ()
) -> list[Oid]:
    """The commits at and below `head` that are not at or below one of `known`, parents first.

    KeyError if one of them cannot be read. What lies below a commit in `boundary` is not looked for.
    """
    line = _straight_line(objects, head, known, boundary)
    if line is not None:
        return line
    return _parents_first(_Painting(objects, head, known, boundary).new(), head)


def _straight_line(
    objects: History, head: Oid, known: Sequence[Oid], boundary: Collection[Oid]
) -> list[Oid] | None:
    """The way straight down to a known commit (with none known, to the root); None if there is none."""
    line: list[Oid] = []
    at: Oid | None = head
    while at is not None and at not in known:
        line.append(at)
        parents = () if at in boundary else objects.commit(at).parents
        if len(parents) > 1:
            return None
        at = parents[0] if parents else None
    return None if known and at is None else line[::-1]


class _Painting:
    """Newest commits first, what is below `head` gets one colour and what is below `known` the other.

    It ends when nothing is left that has only the first. A clock that was wrong makes it go further
    than it must, or take some old commits for new ones, which costs time and harms nobody.
    """

    def __init__(self, objects: History, head: Oid, known: Sequence[Oid], boundary: Collection[Oid]) -> None:
        self._objects = objects
        self._boundary = boundary
        self._parents: dict[Oid, tuple[Oid, ...]] = {}
        self._is_old: dict[Oid, bool] = {}
        self._undecided: set[Oid] = set()
        self._waiting: list[tuple[int, Oid]] = []
        for oid in known:
            self._reach(oid, is_old=True)
        self._reach(head, is_old=False)

    def new(self) -> dict[Oid, tuple[Oid, ...]]:
        """The commits that are only below `head`, with their parents."""
        while self._undecided:
            oid = heapq.heappop(self._waiting)[1]
            self._undecided.discard(oid)
            for parent in self._parents[oid]:
                self._reach(parent, self._is_old[oid])
        return {oid: self._parents[oid] for oid, is_old in self._is_old.items() if not is_old}

    def _reach(self, oid: Oid, is_old: bool) -> None:
        before = self._is_old.get(oid)
        if before is not None and (before or not is_old):
            return
        try:
            commit = self._objects.commit(oid)
        except KeyError:
            if not is_old:
                raise
            return
        self._is_old[oid] = is_old
        self._parents[oid] = () if oid in self._boundary else commit.parents
        heapq.heappush(self._waiting, (-commit.time, oid))
        self._undecided.discard(oid) if is_old else self._undecided.add(oid)


def _parents_first(parents: dict[Oid, tuple[Oid, ...]], head: Oid) -> list[Oid]:
    ordered: dict[Oid, None] = {}
    waiting = [head]
    while waiting:
        oid = waiting[-1]
        below = [parent for parent in parents.get(oid, ()) if parent in parents and parent not in ordered]
        waiting += below
        if not below and waiting.pop() in parents:
            ordered[oid] = None
    return list(ordered)


def new_below(objects: History, tree: Oid, before: Oid | None, seen: set[Oid]) -> Iterator[Needed]:
    """What `tree` needs that `before` has not at the same place; folders in `seen` are not opened again.

    Whoever has all of `before` lacks nothing else. A folder of `before` that cannot be read has nothing.
    """
    waiting = [(tree, before)]
    while waiting:
        new, old = waiting.pop()
        if new == old or new in seen:
            continue
        seen.add(new)
        folder = _readable(objects, new)
        yield Needed(new, True, folder is not None)
        known = (_readable(objects, old) if old else None) or {}
        for name, entry in (folder or {}).items():
            if entry == known.get(name) or entry.mode & _KIND_BITS == _SUBMODULE_KIND:
                continue
            if _is_folder(entry):
                waiting.append((entry.oid, _folder_in(known, name)))
            else:
                yield Needed(entry.oid, False)


def _readable(objects: History, oid: Oid) -> Folder | None:
    try:
        return objects.folder(oid)
    except KeyError:
        return None


def _folder_in(folder: Folder, name: str) -> Oid | None:
    entry = folder.get(name)
    return entry.oid if entry and _is_folder(entry) else None


def _is_folder(entry: Entry) -> bool:
    return entry.mode & _KIND_BITS == _FOLDER_KIND
