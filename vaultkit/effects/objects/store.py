"""The ObjectStore port over a git repository.

Objects are read from loose files, then from packs, then from the repositories this one borrows
from, and hashed on the way: what does not hash to its name counts as missing. Single objects are
stored as loose files, many blobs as one pack. Finding a pack that another program added costs no
more than looking for an object that is not there: dulwich then lists the packs again.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException
from dulwich.objects import ObjectID
from dulwich.repo import Repo

from vaultkit.core.git_format import decode_commit, decode_folder, encode_commit, encode_folder, object_id
from vaultkit.core.tree import Commit, Folder, Oid
from vaultkit.effects.objects.folder_cache import FolderCache
from vaultkit.effects.objects.loose import LooseObjects
from vaultkit.effects.objects.packs import packed_size, write_pack
from vaultkit.effects.objects.refs import (
    MAIN,
    TRACKING,
    brought_refs,
    committed_here,
    move_ref,
    read_ref,
    set_ref,
)

MANY = 200
MANY_BYTES = 8 * 1024 * 1024
CACHED_ENTRIES = 20_000

BLOB, FOLDER, COMMIT = "blob", "tree", "commit"
_KINDS = {1: COMMIT, 2: FOLDER, 3: BLOB, 4: "tag"}
_OID = re.compile(r"[0-9a-f]{40}")
_UNREADABLE = (
    ApplyDeltaError,
    AssertionError,
    ChecksumMismatch,
    EOFError,
    FileFormatException,
    LookupError,
    ValueError,
    zlib.error,
)


class GitObjects:
    """The objects and the refs of `repo`, which the caller closes.

    Reading raises KeyError for what is missing, damaged, or of another kind than asked for. Folders
    that come back are shared and cannot be changed. Moving a ref raises VaultBusy while another git
    program holds it, reading one NotAVault if it is damaged. `place` is the folder of the objects.
    """

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._store = repo.object_store
        self.place = os.fspath(self._store.path)
        self._loose = LooseObjects(self.place)
        self._folders = FolderCache(CACHED_ENTRIES)

    # Reading

    def contains(self, oid: Oid) -> bool:
        return bool(_OID.fullmatch(oid)) and (self._loose.read(oid) is not None or self._is_packed(oid))

    def folder(self, oid: Oid) -> Folder:
        known = self._folders.get(oid)
        return known if known is not None else self._folders.put(oid, self._decoded_folder(oid))

    def blob(self, oid: Oid) -> bytes:
        return self._read(oid, BLOB)

    def blob_size(self, oid: Oid) -> int:
        """The size in bytes; the content itself is read only if it is stored as a difference."""
        if not _OID.fullmatch(oid):
            raise KeyError(oid)
        size = self._loose.size(oid, BLOB)
        if size is None:
            size = packed_size(self._store, oid)
        return len(self.blob(oid)) if size is None else size

    def commit(self, oid: Oid) -> Commit:
        try:
            return decode_commit(self._read(oid, COMMIT))
        except ValueError as error:
            raise KeyError(oid) from error

    def _decoded_folder(self, oid: Oid) -> Folder:
        try:
            return decode_folder(self._read(oid, FOLDER))
        except ValueError as error:
            raise KeyError(oid) from error

    def _read(self, oid: Oid, kind: str) -> bytes:
        if not _OID.fullmatch(oid):
            raise KeyError(oid)
        found, content = self._loose.read(oid) or self._read_packed(oid)
        if found != kind:
            raise KeyError(oid)
        return content

    def _read_packed(self, oid: Oid) -> tuple[str, bytes]:
        if not self._is_packed(oid):
            raise KeyError(oid)
        try:
            number, content = self._store.get_raw(_bytes(oid))
            kind = _KINDS[number]
        except _UNREADABLE as error:
            raise KeyError(oid) from error
        if object_id(kind, content) != oid:
            raise KeyError(oid)
        return kind, content

    def _is_packed(self, oid: Oid) -> bool:
        borrowed = self._store.alternates
        return self._store.contains_packed(_bytes(oid)) or any(_bytes(oid) in store for store in borrowed)

    # Writing

    def put_folder(self, folder: Folder) -> Oid:
        return self._put(FOLDER, encode_folder(folder))

    def put_blob(self, data: bytes) -> Oid:
        return self._put(BLOB, data)

    def put_commit(self, commit: Commit) -> Oid:
        return self._put(COMMIT, encode_commit(commit))

    def put_blobs(self, contents: Iterable[bytes]) -> Iterator[Oid]:
        """Store `contents`, read one by one: a few as loose files, more (200 or 8 MiB) as one pack.

        All are stored when this returns; if reading them fails, none need be.
        """
        few: list[bytes] = []
        rest, size = iter(contents), 0
        for data in rest:
            few.append(data)
            size += len(data)
            if len(few) > MANY or size > MANY_BYTES:
                return iter(self._put_many(chain(few, rest)))
        oids = [self._add(BLOB, data) for data in few]
        self._loose.sync()
        return iter(oids)

    def _put_many(self, contents: Iterable[bytes]) -> list[Oid]:
        oids: list[Oid] = []

        def missing() -> Iterator[tuple[Oid, bytes]]:
            for data in contents:
                oids.append(oid := object_id(BLOB, data))
                if not self.contains(oid):
                    yield oid, data

        write_pack(os.path.join(self.place, "pack"), missing())
        return oids

    def _put(self, kind: str, data: bytes) -> Oid:
        oid = self._add(kind, data)
        self._loose.sync()
        return oid

    def _add(self, kind: str, data: bytes) -> Oid:
        oid = object_id(kind, data)
        if not self.contains(oid):
            self._loose.write(oid, kind, data)
        return oid

    # Refs

    def head(self) -> Oid | None:
        return read_ref(self._repo, MAIN)

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        return move_ref(self._repo, MAIN, expected, new)

    def tracking(self) -> Oid | None:
        return read_ref(self._repo, TRACKING)

    def set_tracking(self, new: Oid) -> None:
        set_ref(self._repo, TRACKING, new)

    def brought_here(self) -> frozenset[Oid]:
        return frozenset(oid for oid in brought_refs(self._repo) if self.contains(oid))

    def made_here(self) -> frozenset[Oid]:
        return committed_here(self._repo)


def _bytes(oid: Oid) -> ObjectID:
    return ObjectID(oid.encode("ascii"))
