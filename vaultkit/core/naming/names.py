"""The names in a tree, compared as the least careful file system would: in case and in Unicode form.

Of two names with one `fold_key` only one may stand, in the whole tree: two notes, two folders, or a
note and a folder. Folders are read as they are asked for, so looking up a path costs the folders on
its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vaultkit.core.git.tree import Entry, Objects, Oid, walk
from vaultkit.core.naming.paths import fold_key


class Names:
    """The names in `tree`, less those in `removed` and the folders that are empty without them."""

    def __init__(self, objects: Objects, tree: Oid | None, removed: Iterable[str] = ()) -> None:
        self._objects = objects
        self._tree = tree
        self._removed = set(removed)
        self._thinned = {folder for path in self._removed for folder in _folders_above(path)}
        self._folders: dict[str, dict[str, tuple[str, Oid | None]]] = {}

    def collision(self, path: str) -> str | None:
        """What stands in the way of `path`: a look-alike, a file where it needs a folder, or the reverse."""
        prefix = ""
        parts = path.split("/")
        for depth, name in enumerate(parts):
            there = self._names_in(prefix).get(fold_key(name))
            if there is None:
                return None
            is_last = depth == len(parts) - 1
            if there[0] != name or (there[1] is None) != is_last:
                return prefix + there[0]
            prefix += name + "/"
        return None

    def add(self, path: str) -> None:
        """From now on `path` is there too."""
        prefix = ""
        *folders, last = path.split("/")
        for name in folders:
            self._names_in(prefix).setdefault(fold_key(name), (name, Oid("")))
            prefix += name + "/"
        self._names_in(prefix)[fold_key(last)] = (last, None)

    def _names_in(self, prefix: str) -> dict[str, tuple[str, Oid | None]]:
        if prefix not in self._folders:
            self._folders[prefix] = self._read(prefix)
        return self._folders[prefix]

    def _read(self, prefix: str) -> dict[str, tuple[str, Oid | None]]:
        oid = self._oid_of(prefix)
        entries = self._objects.folder(oid) if oid else {}
        return {
            fold_key(name): (name, entry.oid if entry.is_folder else None)
            for name, entry in sorted(entries.items(), reverse=True)  # of twins the first by name stands
            if not self._is_gone(prefix + name, entry)
        }

    def _is_gone(self, path: str, entry: Entry) -> bool:
        """Looking below a folder ends at the first note that stays, so it costs what was removed."""
        if not entry.is_folder:
            return path in self._removed
        below = walk(self._objects, entry.oid, path) if path in self._thinned else None
        return below is not None and all(note in self._removed for note, _ in below)

    def _oid_of(self, prefix: str) -> Oid | None:
        if not prefix:
            return self._tree
        parent, _, name = prefix[:-1].rpartition("/")
        there = self._names_in(parent + "/" if parent else "").get(fold_key(name))
        return (there[1] or None) if there and there[0] == name else None


def _folders_above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
