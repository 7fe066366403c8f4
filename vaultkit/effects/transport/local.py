"""A remote on a local path: its objects and its branch, read and written directly.

The server's hooks do not run here; there is no server. The branch moves by compare-and-swap under
git's own lock file, so git and other vaults can use the same repository at the same time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from dulwich.file import FileLocked
from dulwich.objects import ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from vaultkit.core.tree import Oid
from vaultkit.effects.transport import packs
from vaultkit.effects.transport.failures import explain
from vaultkit.effects.transport.url import Address
from vaultkit.ports import Outcome, Pushed

MAIN = Ref(b"refs/heads/main")
STALE_LOCK_SECONDS = 60.0


class LocalTransport:
    """The Transport port over a path."""

    def __init__(self, repo: Repo, address: Address) -> None:
        self._repo = repo
        self._address = address

    def look(self) -> Oid | None:
        with self._remote() as remote:
            return _head(remote)

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        with self._remote() as remote:
            source, target = remote.object_store, self._repo.object_store
            new = ObjectID(head.encode())
            old = next((ObjectID(oid.encode()) for oid in known if packs.holds(source, _id(oid))), None)
            try:
                oids = packs.new_objects(source, new, old) if old else None
                packs.copy_objects(
                    source, target, packs.all_objects(source, new, old) if oids is None else oids
                )
                packs.check_complete(target, new, [_id(oid) for oid in known])
            except KeyError as error:
                raise packs.Incomplete("the remote is being written to", hint="Try again.") from error

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        with self._remote() as remote:
            if _head(remote) != expected:
                return Pushed(Outcome.LOST, "somebody else was first")
            source, target = self._repo.object_store, remote.object_store
            old = _id(expected) if expected else None
            oids = packs.new_objects(source, _id(new), old) if old else None
            packs.copy_objects(
                source, target, packs.all_objects(source, _id(new), old) if oids is None else oids
            )
            try:
                moved = _swap(remote, expected, new)
            except FileLocked as error:
                _clear_stale_lock(os.fsdecode(error.lockfilename))
                return Pushed(Outcome.LOST, "the branch is locked by somebody else")
            return Pushed(Outcome.ACCEPTED if moved else Outcome.LOST)

    def interrupt(self) -> None:
        """A path answers at once; there is nothing to wait for."""

    def close(self) -> None:
        """Nothing is held open."""

    @contextmanager
    def _remote(self) -> Iterator[Repo]:
        """The repository, opened anew each time so that nothing remembered is out of date."""
        try:
            remote = Repo(os.path.expanduser(self._address.path))
            try:
                yield remote
            finally:
                remote.close()
        except Exception as error:
            raise explain(error, self._address) from error


def _id(oid: Oid) -> ObjectID:
    return ObjectID(oid.encode())


def _head(remote: Repo) -> Oid | None:
    try:
        return Oid(remote.refs[MAIN].decode("ascii"))
    except KeyError:
        return None


def _swap(remote: Repo, expected: Oid | None, new: Oid) -> bool:
    if expected is None:
        return remote.refs.add_if_new(MAIN, _id(new))
    return remote.refs.set_if_equals(MAIN, _id(expected), _id(new))


def _clear_stale_lock(path: str) -> None:
    """A lock this old was left by a program that was killed; git holds one for moments."""
    with suppress(FileNotFoundError):
        if time.time() - os.stat(path).st_mtime > STALE_LOCK_SECONDS:
            os.unlink(path)
