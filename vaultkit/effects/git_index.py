"""Git's index, written so that `git status` in the vault tells the truth without git's help.

The index lists every file of the branch with what `stat` said about it. vaultkit needs none of it,
so it is a courtesy: it is never waited for, and where it cannot be written the answer is False.

Only version 2 of the format is written or patched. An entry is 62 bytes, the path, and one to eight
zeros that fill it up to a multiple of eight; all are sorted by the bytes of their path. A patch goes
over the entries once to learn where each begins, finds its paths by bisection, and copies what lies
between them in runs. Git's optional extensions are caches that a change makes stale, so they are
left out. What was staged by hand stays staged in a patch, not in a whole writing.
"""

from __future__ import annotations

import hashlib
import os
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping

from dulwich.file import FileLocked, GitFile
from dulwich.repo import Repo

from vaultkit.core.git.tree import FILE, Oid
from vaultkit.ports import Stamp

HEADER = struct.Struct(">4sLL")
ENTRY = struct.Struct(">10L20sH")
SIGNATURE, VERSION = b"DIRC", 2
HASH_BYTES = 20
NAME_AT = ENTRY.size
LENGTH_BITS = 0xFFF
NAMED_INODES = os.name != "nt"  # git itself knows no inodes on Windows
SECOND = 1_000_000_000

Line = tuple[str, Oid, Stamp] | tuple[str, Oid, Stamp, int]
"""Path, content, what `stat` said, and the mode unless it is that of an ordinary file."""

Owner = tuple[int, int]
Content = tuple[int, list[bytes | memoryview]]
"""The number of entries, and their bytes in pieces."""


def write_index(repo: Repo, entries: Iterable[Line]) -> bool:
    """Write the whole index; False, and nothing changed, while another git program holds it.

    The entries may come in any order. A zero stamp makes git compare the file's content itself.
    """
    owner = _owner(repo)
    lines: dict[bytes, bytes] = {}
    for path, oid, stamp, *mode in entries:
        name = _name(path)
        lines[name] = _line(name, oid, stamp, owner, *mode)
    return _replace(repo, lambda: (len(lines), [lines[name] for name in sorted(lines)]))


def patch_index(repo: Repo, changes: Mapping[str, tuple[Oid, Stamp] | None]) -> bool:
    """Replace, add or (None) remove the entries of some ordinary files, and leave the others alone.

    False, and nothing changed, if the index is missing or damaged or of a kind that has to be
    written whole, or while another git program holds it.
    """
    owner = _owner(repo)
    wanted: dict[bytes, bytes | None] = {}
    for path, change in changes.items():
        name = _name(path)
        wanted[name] = _line(name, *change, owner) if change else None
    return _replace(repo, lambda: _patched(_read(repo), wanted))


def _replace(repo: Repo, content: Callable[[], Content | None]) -> bool:
    """Write what `content` returns, computed under git's own lock, so that no change is lost."""
    try:
        with GitFile(repo.index_path(), "wb") as file:
            found = content()
            if found is None:
                file.abort()
                return False
            digest = hashlib.sha1(usedforsecurity=False)
            for piece in (HEADER.pack(SIGNATURE, VERSION, found[0]), *found[1]):
                digest.update(piece)
                file.write(piece)
            file.write(digest.digest())
    except FileLocked:
        return False
    return True


# Patching


def _read(repo: Repo) -> bytes:
    try:
        with open(repo.index_path(), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _patched(data: bytes, wanted: Mapping[bytes, bytes | None]) -> Content | None:
    starts = _starts(data) if _is_whole(data) else None
    if starts is None or not _only_optional(data, starts[-1]):
        return None
    last, view = len(starts) - 1, memoryview(data)
    count, copied, pieces = last, HEADER.size, list[bytes | memoryview]()

    def name_at(start: int) -> bytes:
        return data[start + NAME_AT : data.index(0, start + NAME_AT)]

    for name in sorted(wanted):
        first = bisect_left(starts, name, hi=last, key=name_at)
        beyond = bisect_right(starts, name, lo=first, hi=last, key=name_at)
        line = wanted[name]
        pieces += [view[copied : starts[first]], line or b""]
        count += (line is not None) - (beyond - first)
        copied = starts[beyond]
    return count, [*pieces, view[copied : starts[last]]]


def _is_whole(data: bytes) -> bool:
    """Version 2, and as its checksum says (which git may be told to leave zero)."""
    body, checksum = memoryview(data)[:-HASH_BYTES], data[-HASH_BYTES:]
    if len(body) < HEADER.size or HEADER.unpack_from(body)[:2] != (SIGNATURE, VERSION):
        return False
    return checksum in (hashlib.sha1(body, usedforsecurity=False).digest(), bytes(HASH_BYTES))


def _starts(data: bytes) -> array[int] | None:
    """Where each entry starts, and where the last one ends."""
    starts, at = array("Q"), HEADER.size
    try:
        for _ in range(HEADER.unpack_from(data)[2]):
            starts.append(at)
            length = (data[at + 60] & 0x0F) << 8 | data[at + 61]
            if length == LENGTH_BITS:
                length = data.index(0, at + NAME_AT) - at - NAME_AT
            at += (NAME_AT + length + 8) & ~7
    except (IndexError, ValueError):
        return None
    starts.append(at)
    return starts if at <= len(data) - HASH_BYTES else None


def _only_optional(data: bytes, at: int) -> bool:
    """Do only extensions follow that may be dropped? Git writes those with a capital letter."""
    while at < len(data) - HASH_BYTES:
        if not data[at : at + 1].isupper():
            return False
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return at == len(data) - HASH_BYTES


# Entries


def _line(name: bytes, oid: Oid, stamp: Stamp, owner: Owner, mode: int = FILE) -> bytes:
    times = (*divmod(stamp.ctime_ns, SECOND), *divmod(stamp.mtime_ns, SECOND))
    inode = stamp.inode if NAMED_INODES else 0
    numbers = (*times, 0, inode, mode, *owner, stamp.size)
    low = (number & 0xFFFFFFFF for number in numbers)
    entry = ENTRY.pack(*low, bytes.fromhex(oid), min(len(name), LENGTH_BITS)) + name
    return entry.ljust((len(entry) + 8) & ~7, b"\0")


def _owner(repo: Repo) -> Owner:
    """Whom git will find the files to belong to: most likely the vault's own owner.

    A wrong guess makes git read the file once, then it corrects the entry by itself.
    """
    info = os.stat(repo.path)
    return info.st_uid, info.st_gid


def _name(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
