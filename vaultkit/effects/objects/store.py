"""The ObjectStore port, and what a transport needs beside it, over a git repository.

Objects are read from loose files, then from packs, then from the repositories this one borrows
from, within the bounds of `core.git.bounds` and hashed on the way: what does not hash to its name, or is
larger than its kind may be, counts as missing. Single objects are stored as loose files, many as one
pack. Finding a pack that another program added costs no more than looking for an object that is not
there: the packs are then listed again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import BinaryIO

from dulwich.repo import Repo

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.git_format import (
    decode_commit,
    decode_folder,
    encode_commit,
    encode_folder,
    storable_id,
)
from vaultkit.core.git.tree import Commit, Folder, Oid
from vaultkit.effects.objects.arrival import ReceivedPack
from vaultkit.effects.objects.foreign import ForeignRepo, open_foreign
from vaultkit.effects.objects.pack_writer import PackWriter, write_pack
from vaultkit.effects.objects.recent import Recent
from vaultkit.effects.objects.refs import (
    MAIN,
    TRACKING,
    brought_refs,
    committed_here,
    move_ref,
    read_ref,
    set_ref,
)
from vaultkit.effects.objects.stored import StoredObjects
from vaultkit.ports import Weight

MANY = 200
MANY_BYTES = 8 * 1024 * 1024
CACHED_ENTRIES = 20_000
CACHED_COMMIT_BYTES = 8 * 1024 * 1024

BLOB, FOLDER, COMMIT = "blob", "tree", "commit"

Raw = tuple[str, bytes]
"""An object's kind, and its content as git encodes it."""


class GitObjects:
    """The objects and the refs of `repo`, which the caller closes.

    Reading raises KeyError for what is missing, damaged, too large or of another kind than asked for.
    Folders that come back are shared and cannot be changed. Moving a ref raises VaultBusy while
    another git program holds it, reading one NotAVault if it is damaged. `place` is the folder of the
    objects.
    """

    def __init__(self, repo: Repo | ForeignRepo) -> None:
        self._repo = repo
        self._stored = StoredObjects(repo.object_store)
        self._folders = Recent[Folder](CACHED_ENTRIES, len)
        self._commits = Recent[Commit](CACHED_COMMIT_BYTES, _bytes_of)
        self.place = os.fspath(repo.object_store.path)

    # Reading

    def contains(self, oid: Oid) -> bool:
        return self._stored.contains(oid)

    def folder(self, oid: Oid) -> Folder:
        known = self._folders.get(oid)
        return known if known is not None else self._folders.put(oid, self._decoded_folder(oid))

    def blob(self, oid: Oid) -> bytes:
        return self._read(oid, BLOB)

    def blob_size(self, oid: Oid) -> int:
        """The size in bytes; the content itself is not read."""
        kind, size = self._stored.weigh(oid)
        if kind != BLOB or size > LARGEST[BLOB]:
            raise KeyError(oid)
        return size

    def commit(self, oid: Oid) -> Commit:
        return self._commits.get(oid) or self._commits.put(oid, self._decoded_commit(oid))

    def kind(self, oid: Oid) -> str:
        return self._stored.kind(oid)

    def raw(self, oid: Oid) -> Raw:
        return self._stored.raw(oid)

    def weigh(self, oid: Oid) -> Weight:
        return self._stored.weigh(oid)

    def _decoded_commit(self, oid: Oid) -> Commit:
        try:
            return decode_commit(self._read(oid, COMMIT))
        except ValueError as error:
            raise KeyError(oid) from error

    def _decoded_folder(self, oid: Oid) -> Folder:
        try:
            return MappingProxyType(decode_folder(self._read(oid, FOLDER)))
        except ValueError as error:
            raise KeyError(oid) from error

    def _read(self, oid: Oid, kind: str) -> bytes:
        found, content = self._stored.raw(oid)
        if found != kind:
            raise KeyError(oid)
        return content

    # Writing

    def put_folder(self, folder: Folder) -> Oid:
        return self._put(FOLDER, encode_folder(folder))

    def put_blob(self, data: bytes) -> Oid:
        return self._put(BLOB, data)

    def put_commit(self, commit: Commit) -> Oid:
        return self._put(COMMIT, encode_commit(commit))

    def put_blobs(self, contents: Iterable[bytes]) -> Iterator[Oid]:
        """Store `contents`, read one by one. All are stored when this returns; if reading them fails,
        none need be."""
        return iter(self._keep((BLOB, data) for data in contents))

    def keep(self, objects: Iterable[Raw]) -> None:
        self._keep(objects)

    def receive(self, pack: BinaryIO, most_objects: int, check: Callable[[], None]) -> ReceivedPack:
        return ReceivedPack(pack, self._stored, most_objects, check)

    def _keep(self, objects: Iterable[Raw]) -> list[Oid]:
        """A few are stored as loose files, more (200 or 8 MiB) as one pack."""
        few: list[Raw] = []
        rest, size = iter(objects), 0
        for kind, data in rest:
            few.append((kind, data))
            size += len(data)
            if len(few) > MANY or size > MANY_BYTES:
                return self._keep_many(chain(few, rest))
        oids = [self._add(kind, data) for kind, data in few]
        self._stored.loose.sync()
        return oids

    def _keep_many(self, objects: Iterable[Raw]) -> list[Oid]:
        oids: list[Oid] = []
        packed: set[Oid] = set()

        def fill(pack: PackWriter) -> None:
            for kind, data in objects:
                oids.append(oid := storable_id(kind, data))
                if oid not in packed and not self.contains(oid):
                    packed.add(oid)
                    pack.add_whole(bytes.fromhex(oid), kind, data)

        write_pack(self._stored.pack_folder, fill, self._stored.access)
        return oids

    def _put(self, kind: str, data: bytes) -> Oid:
        oid = self._add(kind, data)
        self._stored.loose.sync()
        return oid

    def _add(self, kind: str, data: bytes) -> Oid:
        oid = storable_id(kind, data)
        if not self.contains(oid):
            self._stored.loose.write(oid, kind, data)
        return oid

    # Refs, and other repositories

    def head(self) -> Oid | None:
        return read_ref(self._repo, MAIN)

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        return move_ref(self._repo, MAIN, expected, new, logged=isinstance(self._repo, Repo))

    def tracking(self) -> Oid | None:
        return read_ref(self._repo, TRACKING)

    def set_tracking(self, new: Oid) -> None:
        set_ref(self._repo, TRACKING, new)

    def brought_here(self) -> frozenset[Oid]:
        return frozenset(oid for oid in brought_refs(self._repo) if self.contains(oid))

    def made_here(self) -> frozenset[Oid]:
        return committed_here(self._repo)

    def shallow(self) -> frozenset[Oid]:
        return frozenset(Oid(oid.decode("ascii")) for oid in self._repo.get_shallow())

    @contextmanager
    def other(self, path: str) -> Iterator[GitObjects]:
        with open_foreign(path) as repo:
            yield GitObjects(repo)


def _bytes_of(commit: Commit) -> int:
    """About what a commit takes in memory."""
    return 1000 + 2 * len(commit.message) + len(commit.payload) + len(commit.signature)
