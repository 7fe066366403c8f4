"""What a commit from elsewhere says, read without trusting it: its changes, and what cannot be one.

A remote tree is data. It may name objects nobody has, folders that are files, links and programs,
ten folders that are all the same folder twelve levels down. So it is walked without recursion, only
where it differs from what counts, and a folder that is new is weighed before it is entered. What
cannot be taken is refused by name, the rest is read on: one bad entry never keeps an honest one out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from vaultkit.core.git.tree import FILE, Change, Changes, Entry, Folder, Objects, Oid, find
from vaultkit.core.naming.paths import MOST_DEPTH, name_problem
from vaultkit.core.rules.policy import Refusal

HARMLESS_MODES = frozenset({0o100644, 0o100664, 0o100755})

MODE = Refusal("mode", "it is not an ordinary file")
DAMAGED = Refusal("object", "its folder is damaged or missing")
DEEP = Refusal("name", "its folders are nested too deeply")
HEAVY = Refusal("too-many", "it holds more notes than one commit may bring")


@dataclass(slots=True)
class Arrival:
    """What a commit would change, and what of it can be no change, path by path."""

    changes: Changes = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


def entry_at(objects: Objects, root: Oid, path: str) -> Entry | None:
    """What a tree from elsewhere names at `path`; None if nothing, or nothing that can be read."""
    try:
        return find(objects, root, path)
    except (KeyError, ValueError):
        return None


def problem_of_whole(objects: Objects, root: Oid, most: int) -> str:
    """Why a tree cannot be taken as it is, without a look at what each path is; "" if it can.

    Each distinct folder is read once, however often it is named.
    """
    known: dict[Oid, tuple[int, int]] = {}
    try:
        for oid, folder, below in _children_first(objects.folder, root, known):
            notes = len(folder) - len(below) + sum(known[one][0] for one in below)
            depth = 1 + max((known[one][1] for one in below), default=0)
            if notes > most or len(known) > most:
                return f"it holds more than {most:,} notes"
            if depth > MOST_DEPTH:
                return DEEP.detail
            known[oid] = notes, depth
    except (KeyError, ValueError):
        return DAMAGED.detail
    return ""


def _children_first(
    read: Callable[[Oid], Folder], root: Oid, known: Container[Oid]
) -> Iterator[tuple[Oid, Folder, list[Oid]]]:
    """The folders at and below `root` with the folders in each, every one after those in it.

    The caller makes each `known` that comes; one that is known is not entered again.
    """
    waiting = [root]
    while waiting:
        folder = read(waiting[-1])
        below = [entry.oid for entry in folder.values() if entry.is_folder]
        unknown = {oid for oid in below if oid not in known}
        if unknown:
            waiting.extend(unknown)
        else:
            yield waiting.pop(), folder, below


class _Place:
    """A folder on both sides; `before` counts, `after` is proposed (None: no such folder)."""

    __slots__ = ("after", "before", "prefix")

    def __init__(self, prefix: str, before: Oid | None, after: Oid | None) -> None:
        self.prefix, self.before, self.after = prefix, before, after


def read_arrival(objects: Objects, before: Oid | None, after: Oid, most: int) -> Arrival:
    """What turns the tree `before` into `after`, at most `most` new notes, in the order of the paths."""
    reading = _Reading(objects, most)
    waiting = deque([_Place("", before, after)])
    while waiting:
        place = waiting.popleft()
        if place.before != place.after:
            waiting.extend(reading.compare(place))
    found = reading.found
    return Arrival(dict(sorted(found.changes.items())), dict(sorted(found.refused.items())))


class _Reading:
    def __init__(self, objects: Objects, most: int) -> None:
        self._objects = objects
        self._most = self._left = most
        self._weights: dict[Oid, int] = {}
        self.found = Arrival()

    def compare(self, place: _Place) -> list[_Place]:
        """The changes directly in a folder; the folders to compare next come back."""
        proposed = self._folder(place.after)
        if proposed is None:
            self.found.refused[place.prefix.rstrip("/")] = DAMAGED
            return []
        here = self._folder(place.before) or {}
        names = sorted(name for name in here.keys() | proposed.keys() if here.get(name) != proposed.get(name))
        pairs = ((place.prefix + name, here.get(name), proposed.get(name)) for name in names)
        return [found for path, ours, theirs in pairs if (found := self._compare_entry(path, ours, theirs))]

    def _folder(self, oid: Oid | None) -> Folder | None:
        """None if it cannot be read."""
        try:
            return self._objects.folder(oid) if oid else {}
        except (KeyError, ValueError):
            return None

    def _compare_entry(self, path: str, ours: Entry | None, theirs: Entry | None) -> _Place | None:
        old = ours.oid if ours and not ours.is_folder else None
        there = ours.oid if ours and ours.is_folder else None
        if theirs is None:
            return self._gone(path, old, there)
        if theirs.is_folder:
            return self._folder_proposed(path, old, there, theirs.oid)
        if theirs.oid == old and theirs.mode in HARMLESS_MODES:
            return None  # a program's mark on a note that stays as it is means nothing here
        if theirs.mode != FILE:
            self.found.refused[path] = MODE
            return None
        return self._file_proposed(path, old, there, theirs.oid)

    def _gone(self, path: str, old: Oid | None, there: Oid | None) -> _Place | None:
        if old:
            self.found.changes[path] = Change(old, None)
        return _Place(f"{path}/", there, None) if there else None

    def _file_proposed(self, path: str, old: Oid | None, there: Oid | None, new: Oid) -> _Place | None:
        if old is None:
            self._left -= 1
            if self._left < 0:
                self.found.refused[path] = HEAVY
                return None
        self.found.changes[path] = Change(old, new)
        return _Place(f"{path}/", there, None) if there else None

    def _folder_proposed(self, path: str, old: Oid | None, there: Oid | None, new: Oid) -> _Place | None:
        refusal = None if there else self._refuse_new_folder(path, new)
        if refusal:
            self.found.refused[path] = refusal
            return None
        if old:
            self.found.changes[path] = Change(old, None)
        return _Place(f"{path}/", there, new)

    def _refuse_new_folder(self, path: str, oid: Oid) -> Refusal | None:
        if path.count("/") + 1 >= MOST_DEPTH:
            return DEEP
        if problem := name_problem(path):
            return Refusal("name", problem)
        return HEAVY if self._weigh(oid) > self._left else None

    def _weigh(self, oid: Oid) -> int:
        """How many files are below a folder; each distinct folder is read once, however often it is named."""
        found = _children_first(lambda one: self._folder(one) or {}, oid, self._weights)
        while len(self._weights) <= self._most and (next_one := next(found, None)):
            one, folder, below = next_one
            weight = len(folder) - len(below) + sum(self._weights[inner] for inner in below)
            self._weights[one] = min(weight, self._most + 1)
        return self._weights.get(oid, self._most + 1)
