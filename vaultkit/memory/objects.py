"""The ObjectStore port in memory, with git's own hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import MappingProxyType

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.git_format import (
    decode_commit,
    decode_folder,
    encode_commit,
    encode_folder,
    storable_id,
)
from vaultkit.core.git.tree import Commit, Folder, Oid

MAIN, TRACKING = "refs/heads/main", "refs/remotes/origin/main"


class MemoryObjects:
    """Objects and refs of one imaginary repository.

    `stored` is every object's kind and encoded content, by its hash; another store's may be added to
    it, which is what a fetch or a push comes to. `refs` are the branches by their full names. `fetched`
    and `committed` are what another git program is to have brought here, and made here.
    """

    def __init__(self) -> None:
        self.fetched: set[Oid] = set()
        self.committed: set[Oid] = set()
        self.stored: dict[Oid, tuple[str, bytes]] = {}
        self.refs: dict[str, Oid] = {}
        self._folders: dict[Oid, Folder] = {}

    def contains(self, oid: Oid) -> bool:
        return oid in self.stored

    def folder(self, oid: Oid) -> Folder:
        if oid not in self._folders:
            with _malformed_is_missing(oid):
                self._folders[oid] = MappingProxyType(decode_folder(self._content(oid, "tree")))
        return self._folders[oid]

    def blob(self, oid: Oid) -> bytes:
        return self._content(oid, "blob")

    def blob_size(self, oid: Oid) -> int:
        return len(self.blob(oid))

    def commit(self, oid: Oid) -> Commit:
        with _malformed_is_missing(oid):
            return decode_commit(self._content(oid, "commit"))

    def put_folder(self, folder: Folder) -> Oid:
        return self._put("tree", encode_folder(folder))

    def put_blob(self, data: bytes) -> Oid:
        return self._put("blob", data)

    def put_commit(self, commit: Commit) -> Oid:
        return self._put("commit", encode_commit(commit))

    def put_blobs(self, contents: Iterable[bytes]) -> Iterator[Oid]:
        return iter([self.put_blob(data) for data in contents])

    def head(self) -> Oid | None:
        return self.refs.get(MAIN)

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        if self.head() != expected:
            return False
        self.refs[MAIN] = new
        return True

    def tracking(self) -> Oid | None:
        return self.refs.get(TRACKING)

    def set_tracking(self, new: Oid) -> None:
        self.refs[TRACKING] = new

    def brought_here(self) -> frozenset[Oid]:
        found = {oid for name, oid in self.refs.items() if name.startswith("refs/remotes/")}
        return frozenset(oid for oid in found | self.fetched if oid in self.stored)

    def made_here(self) -> frozenset[Oid]:
        return frozenset(self.committed)

    def _content(self, oid: Oid, kind: str) -> bytes:
        found, content = self.stored[oid]
        if found != kind or len(content) > LARGEST[kind]:
            raise KeyError(oid)
        return content

    def _put(self, kind: str, content: bytes) -> Oid:
        oid = storable_id(kind, content)
        self.stored[oid] = (kind, content)
        return oid


@contextmanager
def _malformed_is_missing(oid: Oid) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise KeyError(oid) from error
