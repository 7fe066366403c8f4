"""The object store: an ordinary git repository's objects and refs.

Reading goes through dulwich, which knows packs. Single objects are written here, as loose objects:
dulwich never syncs a folder and cannot heal an object that a power cut left empty. Files are synced
as they are written, their folders once, before a ref moves: no ref ever names what could be lost.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path

from dulwich.file import FileLocked
from dulwich.pack import UnpackedObject
from dulwich.refs import Ref
from dulwich.repo import Repo

from vaultkit.core.git_format import (
    decode_commit,
    decode_folder,
    encode_commit,
    encode_folder,
    object_id,
)
from vaultkit.core.tree import Commit, Entry, Folder, Oid
from vaultkit.errors import VaultBusy

MAIN = Ref(b"refs/heads/main")
TRACKING = Ref(b"refs/remotes/origin/main")
MANY = 200
CACHED_ENTRIES = 20_000

_COMMIT, _TREE, _BLOB = 1, 2, 3
_KINDS = {_COMMIT: "commit", _TREE: "tree", _BLOB: "blob"}


class GitObjects:
    """The ObjectStore port over a dulwich repository."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._folder = Path(os.fsdecode(repo.object_store.path))
        self._unsynced: set[Path] = set()
        self._cache: OrderedDict[Oid, Folder] = OrderedDict()
        self._cached_entries = 0

    # Reading

    def contains(self, oid: Oid) -> bool:
        try:
            self._raw(oid)
        except KeyError:
            return False
        return True

    def folder(self, oid: Oid) -> Folder:
        if oid in self._cache:
            self._cache.move_to_end(oid)
            return self._cache[oid]
        folder = decode_folder(self._read(oid, _TREE))
        self._remember(oid, folder)
        return folder

    def blob(self, oid: Oid) -> bytes:
        return self._read(oid, _BLOB)

    def blob_size(self, oid: Oid) -> int:
        return len(self._read(oid, _BLOB))

    def commit(self, oid: Oid) -> Commit:
        return decode_commit(self._read(oid, _COMMIT))

    def _read(self, oid: Oid, kind: int) -> bytes:
        found, data = self._raw(oid)
        if found != kind:
            raise KeyError(oid)
        return data

    def _raw(self, oid: Oid) -> tuple[int, bytes]:
        """Kind and content; KeyError if it is not there, or only as what a power cut left of it."""
        try:
            return self._repo.object_store.get_raw(oid.encode())  # type: ignore[arg-type]
        except KeyError:
            raise
        except Exception as error:
            raise KeyError(oid) from error

    def _remember(self, oid: Oid, folder: dict[str, Entry]) -> None:
        self._cache[oid] = folder
        self._cached_entries += len(folder)
        while self._cached_entries > CACHED_ENTRIES and len(self._cache) > 1:
            self._cached_entries -= len(self._cache.popitem(last=False)[1])

    # Writing

    def put_folder(self, folder: Folder) -> Oid:
        return self._put(_TREE, encode_folder(folder))

    def put_blob(self, data: bytes) -> Oid:
        return self._put(_BLOB, data)

    def put_commit(self, commit: Commit) -> Oid:
        return self._put(_COMMIT, encode_commit(commit))

    def put_blobs(self, contents: Iterable[bytes]) -> Iterator[Oid]:
        """Few go in one by one; many go into one pack, written as they come."""
        waiting: list[bytes] = []
        iterator = iter(contents)
        for data in iterator:
            waiting.append(data)
            if len(waiting) > MANY:
                yield from self._put_pack(waiting, iterator)
                return
        yield from map(self.put_blob, waiting)

    def _put_pack(self, first: list[bytes], rest: Iterator[bytes]) -> Iterator[Oid]:
        """The pack's header holds a count, so the contents wait, compressed, in a temporary file."""
        oids: list[Oid] = []
        with tempfile.TemporaryFile(dir=self._folder) as spool:
            lengths = []
            for contents in (first, rest):
                for data in contents:
                    oids.append(object_id("blob", data))
                    lengths.append((oids[-1], spool.write(zlib.compress(data, 1))))
            spool.seek(0)
            unique: set[Oid] = set()
            records = (
                _unpacked(oid, zlib.decompress(data))
                for oid, length in lengths
                if (data := spool.read(length)) and oid not in unique and not unique.add(oid)  # type: ignore[func-returns-value]
            )
            self._repo.object_store.add_pack_data(len(set(oids)), records)
        self._unsynced.add(self._folder / "pack")
        yield from oids

    def _put(self, kind: int, data: bytes) -> Oid:
        oid = object_id(_KINDS[kind], data)
        path = self._folder / oid[:2] / oid[2:]
        if not _holds_something(path) and not self._repo.object_store.contains_packed(oid.encode()):  # type: ignore[arg-type]
            self._write_loose(path, b"%s %d\0" % (_KINDS[kind].encode(), len(data)) + data)
        return oid

    def _write_loose(self, path: Path, data: bytes) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            self._unsynced.add(path.parent.parent)
        handle, temporary = tempfile.mkstemp(prefix="tmp_obj_", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zlib.compress(data, 1))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o444)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._unsynced.add(path.parent)

    def sync(self) -> None:
        """Make the names of what was stored durable too."""
        for folder in self._unsynced:
            _sync_folder(folder)
        self._unsynced.clear()

    # Refs

    def head(self) -> Oid | None:
        return self._ref(MAIN)

    def tracking(self) -> Oid | None:
        return self._ref(TRACKING)

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        return self._move(MAIN, expected, new)

    def set_tracking(self, new: Oid) -> None:
        self._move(TRACKING, self.tracking(), new)

    def _ref(self, name: Ref) -> Oid | None:
        try:
            return Oid(self._repo.refs[name].decode("ascii"))
        except KeyError:
            return None

    def _move(self, name: Ref, expected: Oid | None, new: Oid) -> bool:
        self.sync()
        if expected == new == self._ref(name):
            return True
        try:
            if expected is None:
                moved = self._repo.refs.add_if_new(name, new.encode())  # type: ignore[arg-type]
            else:
                moved = self._repo.refs.set_if_equals(name, expected.encode(), new.encode())  # type: ignore[arg-type]
        except FileLocked as error:
            hint = "Another git program is at work here. Try again when it is done."
            raise VaultBusy(f"the branch is locked ({os.fsdecode(error.lockfilename)})", hint=hint) from error
        _sync_folder(Path(os.fsdecode(self._repo.refs.refpath(name))).parent)  # type: ignore[attr-defined]
        return bool(moved)


def _unpacked(oid: Oid, data: bytes) -> UnpackedObject:
    return UnpackedObject(_BLOB, sha=bytes.fromhex(oid), decomp_chunks=[data], decomp_len=len(data))


def _holds_something(path: Path) -> bool:
    """Is there a file with anything in it? A power cut can leave an empty one, which is healed by writing."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened; the system writes it with the file
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


