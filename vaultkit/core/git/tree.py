"""Folders of notes as values: reading, comparing and editing trees without walking them.

A tree is named by the hash of its root folder. Equal hashes mean equal content, so comparing two
trees descends only where they differ, and editing one rewrites only the folders on the way to the
edited notes: the cost follows the change, never the size of the vault.

Names are `str`; bytes that are not UTF-8 come as surrogates (`surrogateescape`), so nothing is lost
and the name rules can see and refuse them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NewType, Protocol

Oid = NewType("Oid", str)
"""The hash of an object, 40 hexadecimal digits."""

FILE = 0o100644
FOLDER = 0o040000


class Entry(NamedTuple):
    """One line of a folder: its mode as git has it, and the hash of what it names."""

    mode: int
    oid: Oid

    @property
    def is_folder(self) -> bool:
        return self.mode == FOLDER


Folder = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Commit:
    """One proposal in history. `time` is UTC seconds since 1970; `signature` is empty when unsigned.

    `payload` is what a signature is over, as it was read; empty for a commit made here.
    """

    tree: Oid
    parents: tuple[Oid, ...]
    author: str
    time: int
    message: str
    signature: bytes = b""
    payload: bytes = field(default=b"", repr=False, compare=False)


class Objects(Protocol):
    """A content-addressed store: what `put_...` returned a hash for can be read back by that hash.

    Reading a hash that is not there raises KeyError. Storing the same value twice is harmless; storing
    one beyond the limits of `core.git.bounds` raises VaultError, for nobody could read it again.
    """

    def folder(self, oid: Oid) -> Folder: ...
    def blob(self, oid: Oid) -> bytes: ...
    def blob_size(self, oid: Oid) -> int: ...
    def commit(self, oid: Oid) -> Commit: ...
    def put_folder(self, folder: Folder) -> Oid: ...
    def put_blob(self, data: bytes) -> Oid: ...
    def put_blobs(self, contents: Iterable[bytes]) -> Iterator[Oid]:
        """Store many blobs at once (one pack, for an adoption or another large change), in order."""

    def put_commit(self, commit: Commit) -> Oid: ...


class Change(NamedTuple):
    """What happened to one path: `old` is None for a new note, `new` is None for a removed one."""

    old: Oid | None
    new: Oid | None


Changes = dict[str, Change]


def find(objects: Objects, root: Oid | None, path: str) -> Entry | None:
    """The entry at `path`, or None; only the folders on the way are read."""
    entry = Entry(FOLDER, root) if root else None
    for name in path.split("/"):
        if entry is None or not entry.is_folder:
            return None
        entry = objects.folder(entry.oid).get(name)
    return entry


def find_file(objects: Objects, root: Oid | None, path: str) -> Oid | None:
    """The hash of the file at `path`, or None if there is no file."""
    entry = find(objects, root, path)
    return entry.oid if entry and not entry.is_folder else None


def walk(objects: Objects, root: Oid | None, folder: str = "") -> Iterator[tuple[str, Entry]]:
    """Every file below `root`, as (path, entry), folder by folder."""
    waiting = [(folder, root)] if root else []
    while waiting:
        prefix, oid = waiting.pop()
        for name, entry in objects.folder(oid).items():
            path = f"{prefix}/{name}" if prefix else name
            if entry.is_folder:
                waiting.append((path, entry.oid))
            else:
                yield path, entry


def changes_between(objects: Objects, old: Oid | None, new: Oid | None) -> Changes:
    """What turns tree `old` into tree `new`, path by path; equal folders are not opened.

    A changed mode counts as a change only if it makes something a file or a folder; whether a mode
    is welcome at all is the policy's question (`fold`).
    """
    found: Changes = {}
    waiting: list[tuple[str, Oid | None, Oid | None]] = [("", old, new)]
    while waiting:
        prefix, before, after = waiting.pop()
        if before != after:
            waiting.extend(_compare(objects, prefix, before, after, found))
    return dict(sorted(found.items()))  # nothing may depend on the order of a set


def _compare(
    objects: Objects, prefix: str, old: Oid | None, new: Oid | None, found: Changes
) -> list[tuple[str, Oid | None, Oid | None]]:
    before: Folder = objects.folder(old) if old else {}
    after: Folder = objects.folder(new) if new else {}
    deeper = []
    for name in before.keys() | after.keys():
        ours, theirs = before.get(name), after.get(name)
        if ours == theirs:
            continue
        path = prefix + name
        files = (_oid(ours, FILE), _oid(theirs, FILE))
        if files[0] != files[1]:
            found[path] = Change(*files)
        folders = (_oid(ours, FOLDER), _oid(theirs, FOLDER))
        if folders[0] != folders[1]:
            deeper.append((path + "/", *folders))
    return deeper


def _oid(entry: Entry | None, kind: int) -> Oid | None:
    if entry is None or entry.is_folder != (kind == FOLDER):
        return None
    return entry.oid


def with_edits(objects: Objects, root: Oid | None, edits: Mapping[str, Oid | None]) -> Oid:
    """The tree `root` with each path set to a file or (None) removed; empty folders vanish.

    Where a file and a folder want the same name, the edit wins over what was there.
    """
    oid = _edit_folder(objects, root, {tuple(path.split("/")): new for path, new in edits.items()})
    return oid or objects.put_folder({})


def _edit_folder(
    objects: Objects, oid: Oid | None, edits: Mapping[tuple[str, ...], Oid | None]
) -> Oid | None:
    folder = dict(objects.folder(oid)) if oid else {}
    below: dict[str, dict[tuple[str, ...], Oid | None]] = {}
    for (name, *rest), new in edits.items():
        if rest:
            below.setdefault(name, {})[tuple(rest)] = new
        else:
            _set(folder, name, Entry(FILE, new) if new else None)
    for name, inner in below.items():
        _descend(objects, folder, name, inner)
    return objects.put_folder(folder) if folder else None


def _descend(
    objects: Objects, folder: dict[str, Entry], name: str, inner: Mapping[tuple[str, ...], Oid | None]
) -> None:
    there = folder.get(name)
    if there and not there.is_folder and not any(inner.values()):
        return
    oid = _edit_folder(objects, _oid(there, FOLDER), inner)
    _set(folder, name, Entry(FOLDER, oid) if oid else None)


def _set(folder: dict[str, Entry], name: str, entry: Entry | None) -> None:
    if entry is None:
        folder.pop(name, None)
    else:
        folder[name] = entry
