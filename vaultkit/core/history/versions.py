"""Which contents some commits gave to a path: looked up path by path, never listed.

Their trees may be hostile and stand for a million million paths, so nothing is walked: a question costs
the folders on the way to one path, in each of the commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from vaultkit.core.git.changes import are_different
from vaultkit.core.git.tree import Entry, Objects, Oid
from vaultkit.core.history.arrival import entry_at
from vaultkit.core.rules.judge import contents_to_compare


class Versions:
    """What `commits` made of paths, except what `excepted` names by commit."""

    def __init__(
        self, objects: Objects, commits: Iterable[Oid] = (), excepted: Mapping[Oid, Collection[str]] = {}
    ) -> None:
        self._objects = objects
        self._excepted = excepted
        self._steps = [(oid, *_trees(objects, oid)) for oid in commits]

    def __bool__(self) -> bool:
        return bool(self._steps)

    def gave(self, path: str, content: Oid | None) -> bool:
        """Did one of them change `path` to just this (None: removed it)?"""
        return any(
            self._changed_to(before, after, path) == [content]
            for oid, before, after in self._steps
            if path not in self._excepted.get(oid, ())
        )

    def changed(self, path: str) -> bool:
        """Did one of them change `path` at all?"""
        return any(self._changed_to(before, after, path) for _, before, after in self._steps)

    def put(self, path: str, note: bytes) -> bool:
        """Did one of them put there what may be this `note`? Only one that calls itself otherwise is not."""
        made = [oid for _, before, after in self._steps for oid in self._changed_to(before, after, path)]
        return any(oid and not self._is_another(oid, note) for oid in made)

    def _is_another(self, oid: Oid, note: bytes) -> bool:
        try:
            return are_different(contents_to_compare(self._objects)(oid), note)
        except KeyError:
            return False

    def _changed_to(self, before: Oid | None, after: Oid | None, path: str) -> list[Oid | None]:
        """What a commit changed the path to; nothing if it did not change it."""
        old, new = (entry_at(self._objects, tree, path) if tree else None for tree in (before, after))
        return [] if old == new else [_content(new)]


def _content(entry: Entry | None) -> Oid | None:
    return entry.oid if entry and not entry.is_folder else None


def _trees(objects: Objects, oid: Oid) -> tuple[Oid | None, Oid | None]:
    """The tree before and the tree after a commit; what cannot be read was empty."""
    after = _commit_tree(objects, oid)
    parents = objects.commit(oid).parents if after else ()
    return (_commit_tree(objects, parents[0]) if parents else None), after


def _commit_tree(objects: Objects, oid: Oid) -> Oid | None:
    try:
        return objects.commit(oid).tree
    except KeyError:
        return None
