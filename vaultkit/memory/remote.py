"""A remote in memory, and the way to it."""

from __future__ import annotations

from collections.abc import Sequence

from vaultkit.core.git.tree import Commit, Oid
from vaultkit.errors import RemoteUnreachable
from vaultkit.memory.objects import MemoryObjects
from vaultkit.ports import ObjectStore, Outcome, Pushed


class MemoryRemote:
    """A remote's objects and its branch; `reachable` False makes every call fail."""

    def __init__(self) -> None:
        self.objects = MemoryObjects()
        self.head: Oid | None = None
        self.reachable = True


class MemoryTransport:
    """The Transport port between an object store and a MemoryRemote."""

    def __init__(self, remote: MemoryRemote, store: ObjectStore) -> None:
        self._remote = remote
        self._store = store
        self._interrupted = False

    def look(self) -> Oid | None:
        self._connect()
        return self._remote.head

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        self._connect()
        _copy(self._remote.objects, self._store, head)

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        self._connect()
        if self._remote.head != expected:
            return Pushed(Outcome.LOST, "somebody else was first")
        _copy(self._store, self._remote.objects, new)
        self._remote.head = new
        return Pushed(Outcome.ACCEPTED)

    def interrupt(self) -> None:
        self._interrupted = True

    def close(self) -> None:
        """Nothing to let go of."""

    def _connect(self) -> None:
        if self._interrupted or not self._remote.reachable:
            raise RemoteUnreachable("the remote is not there", hint="Try again.")


def _copy(source: ObjectStore, target: ObjectStore, head: Oid) -> None:
    """Copy a commit and all it needs; what the target has, it has with all below.

    A commit is stored after what it needs, so whatever is missing at the source, none is there in part.
    """
    found: dict[Oid, Commit] = {}
    waiting = [head]
    try:
        while waiting:
            oid = waiting.pop()
            if oid not in found and not target.contains(oid):
                found[oid] = source.commit(oid)
                waiting.extend(found[oid].parents)
        for commit in found.values():
            _copy_folder(source, target, commit.tree)
    except KeyError as error:
        raise RemoteUnreachable("the remote named what it does not have", hint="Try again.") from error
    for commit in reversed(found.values()):
        target.put_commit(commit)


def _copy_folder(source: ObjectStore, target: ObjectStore, oid: Oid) -> None:
    if target.contains(oid):
        return
    folder = source.folder(oid)
    for entry in folder.values():
        if entry.is_folder:
            _copy_folder(source, target, entry.oid)
        elif not target.contains(entry.oid):
            target.put_blob(source.blob(entry.oid))
    target.put_folder(folder)
