"""One look at the disk: folder by folder, or only where somebody says."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Entry, Folder, Oid, find, walk
from vaultkit.core.history.admission import is_note as is_note_here
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.desk import Desk
from vaultkit.observe.observation import NOT_STORED, Observation
from vaultkit.observe.reader import Reader
from vaultkit.ports import Item, Kind, Seen, Stamp

MOST_LOOKS_AGAIN = 5
NO_STAMP = Stamp(0, 0, 0, 0)
HIDDEN, LOOKALIKE = "dot-folder", "look-alike"
NO_NOTE = {
    Kind.OTHER: Refusal("not-a-file", "it is a link or a special file, not a note"),
    Kind.SHARED: Refusal(
        "hard-link", "it has another name too (a hard link), maybe outside the vault; a copy of it would sync"
    ),
}


class Observer:
    """One look at the disk, under one policy, compared with one tree."""

    def __init__(self, desk: Desk, policy: Policy, tree: Oid | None, *, adopts: bool = False) -> None:
        self._disk = desk.disk
        self._state = desk.state
        self._objects = desk.objects
        self._policy = policy
        self._tree = tree
        self._known: dict[str, dict[str, Seen]] = {}
        self._names = Names(desk.objects, tree)
        self._found = Observation()
        self._reader = Reader(desk, policy, adopts=adopts)
        self._came_from: set[str] = set()
        self._listed: dict[str, Stamp | None] = {}

    @property
    def unsettled(self) -> set[str]:
        """The notes that were just being saved, and could not be read."""
        return self._found.unsettled

    def look(self, paths: Iterable[str] | None) -> dict[str, Sighting]:
        """The paths that may differ, with what they hold now. None: look at everything."""
        self._found.is_of_everything = paths is None
        if paths is None:
            self._look_at_everything()
        else:
            self._look_at_all(set(paths))
        self._reader.read(self._found)
        self._state.see(self._found.seen)
        return dict(sorted(self._found.sightings.items()))

    def _look_at_everything(self) -> None:
        self._look_below("", self._tree)
        for _ in range(MOST_LOOKS_AGAIN if self._tree and self._came_or_went() else 0):
            if changed := self._changed():
                self._look_again_in({"", *changed})  # the vault's own folder is in none that would show it

    def _came_or_went(self) -> bool:
        """Is a note new at its path, or gone?"""
        gone = (one.oid is None and one.refusal is None for one in self._found.sightings.values())
        return any(gone) or any(old is None for _, old in self._found.unread)

    def _changed(self) -> list[str]:
        """The folders that a name came into, or left, since they were looked at; where a disk tells."""
        told = ((folder, stamp) for folder, stamp in self._listed.items() if stamp != NO_STAMP)
        return [folder for folder, stamp in told if self._stamp_of(folder) != stamp]

    def _stamp_of(self, folder: str) -> Stamp | None:
        item = self._disk.item(folder)
        return item.stamp if item else None

    def _look_again_in(self, folders: set[str]) -> None:
        """What was found directly in these folders is forgotten, and found again."""
        found = self._found
        found.sightings = {path: one for path, one in found.sightings.items() if _above(path) not in folders}
        found.unread = [one for one in found.unread if _above(one[0]) not in folders]
        found.seen = [one for one in found.seen if _above(one[0]) not in folders]
        for folder in sorted(folders):
            if folder in self._listed:
                self._listed[folder] = self._stamp_of(folder)
            self._look_below(folder, self._folder_in_tree(folder))

    def _folder_in_tree(self, folder: str) -> Oid | None:
        there = find(self._objects, self._tree, folder) if folder else None
        return self._tree if not folder else there.oid if there and there.is_folder else None

    def _look_at_all(self, paths: set[str]) -> None:
        """Look at some paths, and where the files that are new there were seen before.

        A move of which only one end was told would otherwise pass for a copy.
        """
        waiting, looked = deque(sorted(paths)), set(paths)
        while waiting:
            self._look_at(waiting.popleft())
            waiting += sorted(self._came_from - looked)
            looked |= self._came_from
            self._came_from.clear()

    def _look_at(self, path: str) -> None:
        if not path:
            return self._look_below("", self._tree)
        if self._is_skipped(path):
            return None
        item = self._disk.item(path)
        there = find(self._objects, self._tree, path)
        if item is not None and item.kind is Kind.FOLDER:
            if not self._enters(path):
                return None
            return self._look_below(path, there.oid if there and there.is_folder else None)
        folder, _, name = path.rpartition("/")
        if item is None:
            return self._gone(path, there)
        return self._look_at_item(path, item, there, self._seen_in(folder).get(name))

    def _is_skipped(self, path: str) -> bool:
        parts = path.split("/")
        folders = ("/".join(parts[:n]) for n in range(1, len(parts)))
        return any(self._passes_over(folder) for folder in folders)

    def _passes_over(self, folder: str) -> bool:
        """Nothing syncs from such a folder; of one that a person may have taken for another, tell."""
        refusal = self._policy.skips_folder(folder)
        if refusal and refusal.rule == LOOKALIKE and self._disk.item(folder):
            self._found.sightings[folder] = Sighting(None, refusal)
        return refusal is not None

    def _look_below(self, folder: str, oid: Oid | None) -> None:
        waiting = [(folder, oid)]
        while waiting:
            waiting.extend(self._look_in(*waiting.pop()))

    def _look_in(self, folder: str, oid: Oid | None) -> Iterator[tuple[str, Oid | None]]:
        """Look at what is directly in `folder`; the folders still to be looked at come back."""
        prefix = f"{folder}/" if folder else ""
        known = self._state.seen(folder)
        there: Folder = self._objects.folder(oid) if oid else {}
        items = {item.name: item for item in self._items(folder)}
        for name, item in items.items():
            path, entry = prefix + name, there.get(name)
            if entry and entry.is_folder != (item.kind is Kind.FOLDER):
                self._gone(path, entry)
            if item.kind is not Kind.FOLDER:
                self._look_at_item(path, item, entry, known.get(name))
            elif self._enters(path) and self._is_unlisted(path, item):
                yield path, entry.oid if entry and entry.is_folder else None
        for name in (there.keys() | known.keys()) - items.keys():
            self._gone(prefix + name, there.get(name))

    def _is_unlisted(self, folder: str, item: Item) -> bool:
        """When a folder is looked at again, those below it were looked at already."""
        is_new = folder not in self._listed
        self._listed.setdefault(folder, item.stamp)
        return is_new

    def _items(self, folder: str) -> list[Item]:
        """What is in a folder, once what a killed write left there is cleared away."""
        items = self._disk.items(folder)
        return self._disk.items(folder) if self._disk.clear(folder, items) else items

    def _enters(self, folder: str) -> bool:
        refusal = self._policy.skips_folder(folder)
        if refusal and refusal.rule != HIDDEN:
            self._found.sightings[folder] = Sighting(None, refusal)
        return refusal is None

    def _look_at_item(self, path: str, item: Item, entry: Entry | None, known: Seen | None) -> None:
        refusal = self._policy.refusal(path, item.stamp.size)
        if refusal is None and item.kind in NO_NOTE:
            refusal = NO_NOTE[item.kind]
        old = entry.oid if entry and not entry.is_folder else None
        if refusal:
            self._found_refused(path, refusal, old)
        elif known and known.stamp == item.stamp and known.oid != NOT_STORED:
            self._found.add(path, known.oid, old)
        elif known and known.stamp == item.stamp and path in self._reader.staying:
            self._found.sightings[path] = Sighting(None, self._reader.staying[path])
        else:
            if old is None and known is None and not self._found.is_of_everything and item.stamp.inode:
                self._came_from |= set(self._state.places_of(item.stamp.inode))
            self._found.unread.append((path, old))

    def _found_refused(self, path: str, refusal: Refusal, old: Oid | None) -> None:
        """A file that does not sync is worth a word, unless it is hidden or was adopted with a repository."""
        if refusal.rule != HIDDEN and (old is None or self._policy.path_refusal(path) is None):
            self._found.sightings[path] = Sighting(None, refusal)

    def _gone(self, path: str, entry: Entry | None) -> None:
        if entry and entry.is_folder:
            for below, inner in walk(self._objects, entry.oid, path):
                self._gone(below, inner)
            return
        if entry and not self._was_here(path, entry):
            return
        self._found.seen.append((path, None))
        if entry is None or self._policy.path_refusal(path) is None:
            self._found.sightings[path] = Sighting(None)

    def _was_here(self, path: str, entry: Entry) -> bool:
        """What never stood on this disk cannot be missed there (`core.history.admission`)."""
        folder, _, name = path.rpartition("/")
        if name in self._seen_in(folder):
            return True
        is_note = is_note_here(self._objects, self._policy, path, entry)
        return is_note and self._names.collision(path) is None

    def _seen_in(self, folder: str) -> dict[str, Seen]:
        """What was seen before; of one folder it is remembered, for many notes are looked at in one."""
        if folder not in self._known:
            self._known = {folder: self._state.seen(folder)}
        return self._known[folder]


def _above(path: str) -> str:
    """The folder that holds it."""
    return path.rpartition("/")[0]
