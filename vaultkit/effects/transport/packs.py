"""Which objects go over the wire, and how arrived ones are stored.

What a push sends follows the change: the new commits, and in them only the folders and files that
their parents do not have. What a fetch brings is unpacked if it is little (a pack per fetch would
pile up: hundreds of open files) and kept as a pack if it is much. Then everything the new commits
need is looked up once, so an incomplete answer is never taken for a complete one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dulwich.object_store import DiskObjectStore, MissingObjectFinder
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import PackData, PackInflater, UnpackedObject

from vaultkit.errors import RemoteUnreachable

FEW = 200
FILE_KINDS = 0o170000
FOLDER, SUBMODULE = 0o040000, 0o160000


class Incomplete(RemoteUnreachable):
    """A remote named something it did not deliver; trying again usually helps."""


def new_objects(store: DiskObjectStore, new: ObjectID, old: ObjectID | None) -> list[ObjectID] | None:
    """What `new` needs and `old` has not, commits last; None if history between is no straight line."""
    commits: list[Commit] = []
    at: ObjectID | None = new
    while at != old:
        commit = store[at] if at else None
        if not isinstance(commit, Commit) or len(commit.parents) > 1:
            return None
        commits.append(commit)
        at = commit.parents[0] if commit.parents else None
    found: dict[ObjectID, None] = {}
    for commit in reversed(commits):
        before = store[commit.parents[0]].tree if commit.parents else None  # type: ignore[attr-defined]
        found.update(dict.fromkeys(_new_below(store, commit.tree, before)))
    found.update(dict.fromkeys(commit.id for commit in reversed(commits)))
    return list(found)


def _new_below(store: DiskObjectStore, tree: ObjectID, before: ObjectID | None) -> Iterator[ObjectID]:
    """The folders and files of `tree` that `before` has not at the same place."""
    waiting = [(tree, before)]
    while waiting:
        new, old = waiting.pop()
        if new == old:
            continue
        yield new
        known = {entry.path: entry.sha for entry in _tree(store, old).iteritems()} if old else {}
        for entry in _tree(store, new).iteritems():
            was = known.get(entry.path)
            kind = entry.mode & FILE_KINDS
            if entry.sha == was or kind == SUBMODULE:
                continue
            if kind == FOLDER:
                is_folder = was is not None and isinstance(store[was], Tree)
                waiting.append((entry.sha, was if is_folder else None))
            else:
                yield entry.sha


def _tree(store: DiskObjectStore, oid: ObjectID) -> Tree:
    tree = store[oid]
    if not isinstance(tree, Tree):
        raise KeyError(oid)
    return tree


def unpacked(store: DiskObjectStore, oids: list[ObjectID]) -> Iterator[UnpackedObject]:
    for oid in oids:
        kind, data = store.get_raw(oid)
        yield UnpackedObject(
            kind, sha=bytes.fromhex(oid.decode()), decomp_chunks=[data], decomp_len=len(data)
        )


def copy_objects(source: DiskObjectStore, target: DiskObjectStore, oids: list[ObjectID]) -> None:
    """Copy few one by one, many as one pack; in the order given, so a commit comes after what it needs."""
    missing = [oid for oid in oids if not holds(target, oid)]
    if len(missing) > FEW:
        target.add_pack_data(len(missing), unpacked(source, missing))
    else:
        for oid in missing:
            store_loose(target, source[oid])
    sync_folders(target, missing)


def all_objects(store: DiskObjectStore, new: ObjectID, old: ObjectID | None) -> list[ObjectID]:
    """Everything `new` needs and `old` has not, in any history; costs the size of the history."""
    finder = MissingObjectFinder(store, haves=[old] if old else [], wants=[new])
    return [oid for oid, _ in finder][::-1]


def take_pack(store: DiskObjectStore, pack: IO[bytes]) -> None:
    """Store what a fetch brought."""
    pack.seek(0, os.SEEK_END)
    if pack.tell() == 0:
        return
    pack.seek(8)
    count = int.from_bytes(pack.read(4), "big")
    pack.seek(0)
    if count > FEW:
        store.add_thin_pack(pack.read, None)
        _sync(Path(os.fsdecode(store.path), "pack"))
        return
    data = PackData.from_file(pack, store.object_format, size=_size(pack))
    objects = list(PackInflater.for_pack_data(data, resolve_ext_ref=store.get_raw))
    for thing in sorted(objects, key=lambda o: isinstance(o, Commit)):
        store_loose(store, thing)
    sync_folders(store, [thing.id for thing in objects])


def _size(pack: IO[bytes]) -> int:
    pack.seek(0, os.SEEK_END)
    size = pack.tell()
    pack.seek(0)
    return size


def check_complete(store: DiskObjectStore, head: ObjectID, known: list[ObjectID]) -> None:
    """Raise Incomplete unless everything between what was known and `head` has arrived."""
    try:
        waiting, seen = [head], set(known)
        first = not known
        while waiting:
            oid = waiting.pop()
            if oid in seen:
                continue
            seen.add(oid)
            commit = store[oid]
            if not isinstance(commit, Commit):
                raise KeyError(oid)
            _check_tree(store, commit)
            if not first:
                waiting.extend(commit.parents)
    except KeyError as error:
        raise Incomplete("the remote named something it did not deliver", hint="Try again.") from error


def _check_tree(store: DiskObjectStore, commit: Commit) -> None:
    parent = store[commit.parents[0]] if commit.parents and holds(store, commit.parents[0]) else None
    before = parent.tree if isinstance(parent, Commit) else None
    for oid in _new_below(store, commit.tree, before):
        if not holds(store, oid):
            raise KeyError(oid)


def holds(store: DiskObjectStore, oid: ObjectID) -> bool:
    """Is it there, and more than the empty file a power cut leaves?"""
    try:
        return os.stat(store._get_shafile_path(oid)).st_size > 0
    except FileNotFoundError:
        return store.contains_packed(oid)


def store_loose(store: DiskObjectStore, thing: ShaFile | Blob) -> None:
    if holds(store, thing.id):
        return
    path = store._get_shafile_path(thing.id)
    if os.path.exists(path):
        os.unlink(path)
    store.add_object(thing)


def sync_folders(store: DiskObjectStore, oids: list[ObjectID]) -> None:
    """Make the new names durable; dulwich syncs files, never folders."""
    for name in {oid[:2].decode() for oid in oids} | {"pack", "."}:
        folder = Path(os.fsdecode(store.path), name)
        if folder.is_dir():
            _sync(folder)


def _sync(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
