"""Conflict copies, and the names that tell of them: `Conflicts/<path> (<agent> <UTC time>).md`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from vaultkit.core.git.changes import COPIES
from vaultkit.core.git.tree import Objects, Oid, find, walk
from vaultkit.core.naming.names import Names
from vaultkit.core.naming.paths import MOST_DEPTH, MOST_NAME_BYTES, MOST_PATH_BYTES

TRIES = 8

_NAME = re.compile(
    r"(?P<stem>.+) \((?P<agent>[^()/]+) (?P<time>\d{4}-\d\d-\d\dT\d{6}Z)\)(?P<type>\.[^./ ]+)?"
)


class Copy(NamedTuple):
    """A conflict copy: the words of `agent`, of `time` (UTC seconds), for the note that was at `path`."""

    copy: str
    path: str
    agent: str
    time: int


def conflict_path(path: str, agent: str, time: int) -> str:
    """Where the losing version of `path` is kept; the same loser always gets the same name."""
    stamp = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H%M%SZ")
    copy = f"{COPIES}{beside(path, f'{agent} {stamp}')}"
    if len(copy.encode()) <= MOST_PATH_BYTES and copy.count("/") < MOST_DEPTH:
        return copy
    folder, _, name = path.rpartition("/")
    return f"{COPIES}{_hash(folder)}/{beside(name, f'{agent} {stamp}')}"


def free_copy(
    path: str, agent: str, time: int, oid: Oid | None, there: Callable[[str], Oid | None], names: Names
) -> str:
    """The same for the words `oid`, where others may be kept beside that note and second already.

    `there` tells what a copy holds, `names` which names are taken. A later second's name is tried then, and
    after a few of them one is made of the words: a hostile side may have written any number of copies.
    """

    def is_free(copy: str) -> bool:
        found = there(copy)
        return found == oid or (found is None and names.collision(copy) is None)

    later = (conflict_path(path, agent, time + n) for n in range(TRIES))
    return next(filter(is_free, later), None) or conflict_path(_marked(path, f" {oid}"), agent, time)


def beside(path: str, mark: str) -> str:
    """`path` with ` (mark)` before its extension; of a long name the beginning, and a mark of the rest."""
    return _marked(path, f" ({mark})")


def is_beside(other: str, path: str, agent: str) -> bool:
    """Is `other` a name that a merge gives to a note of `agent` where the name `path` is taken?"""
    beginning = beside(path, agent).rpartition(")")[0]
    return other.startswith((f"{beginning})", f"{beginning} "))


def _marked(path: str, mark: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    tail = f"{mark}{dot}{extension}"
    return f"{folder}{slash}{_cut(stem, MOST_NAME_BYTES - len(tail.encode()))}{tail}"


def _cut(stem: str, most: int) -> str:
    data = stem.encode()
    if len(data) <= most:
        return stem
    mark = f"-{_hash(stem)}"
    return data[: max(0, most - len(mark))].decode(errors="ignore").rstrip(" .") + mark


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def read_copy(copy: str) -> Copy | None:
    """What a copy's name says; None if that is no conflict copy."""
    found = _NAME.fullmatch(copy.removeprefix(COPIES)) if copy.startswith(COPIES) else None
    if found is None:
        return None
    try:
        time = datetime.strptime(found["time"], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Copy(copy, f"{found['stem']}{found['type'] or ''}", found["agent"], int(time.timestamp()))


def copies_in(objects: Objects, tree: Oid | None) -> Iterator[Copy]:
    """The conflict copies of a tree."""
    folder = COPIES.rstrip("/")
    entry = find(objects, tree, folder)
    if entry and entry.is_folder:
        found = (read_copy(path) for path, _ in walk(objects, entry.oid, folder))
        yield from (copy for copy in found if copy)
