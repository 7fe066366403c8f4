"""Conflict copies, and the names that tell of them: `Conflicts/<path> (<agent> <UTC time>).md`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from vaultkit.core.changes import COPIES
from vaultkit.core.tree import Objects, Oid, find, walk

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
    return f"{COPIES}{beside(path, f'{agent} {stamp}')}"


def free_copy(path: str, agent: str, time: int, is_free: Callable[[str], bool]) -> str:
    """The same, for words beside which others of that path and second are kept already: a later second's."""
    return next(copy for copy in (conflict_path(path, agent, time + n) for n in count()) if is_free(copy))


def beside(path: str, mark: str) -> str:
    """`path` with ` (mark)` before its extension."""
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    return f"{folder}{slash}{stem} ({mark}){dot}{extension}" if stem else f"{path} ({mark})"


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
