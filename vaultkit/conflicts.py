"""The conflicts that are open: words that did not fit, kept in `Conflicts/` until a person has decided.

A copy's name says whose words it holds and for which note; history says where that note is now, and
this machine's records why, if the merge was made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import tee
from typing import Literal

from vaultkit.core.git.tree import find_file
from vaultkit.core.history.chronicle import Entry, whereabouts
from vaultkit.core.naming.conflict_copies import Copy, copies_in
from vaultkit.desk import Desk
from vaultkit.log import Log

UNKNOWN = "words of {agent} that could not be merged"


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """`copy` holds words of `agent`, of `time` (UTC seconds), that did not fit into `note`, and why.

    `is_there`: the note is not gone · `mine`: which of the two are this machine's agent's words.
    """

    note: str
    copy: str
    agent: str
    time: int
    reason: str
    is_there: bool
    mine: Literal["note", "copy"]


def open_conflicts(desk: Desk) -> list[OpenConflict]:
    """All of them, oldest first, each with the note as it is called now."""
    tree = desk.head_tree()
    reasons = {copy: reason for _, copy, reason, _ in desk.state.conflicts()}
    found = sorted(copies_in(desk.objects, tree), key=lambda copy: (copy.time, copy.copy))
    entries = Log(desk).entries() if found else iter(())
    pasts = zip(found, _again(entries), strict=False)
    return [_read(desk, copy, reasons.get(copy.copy), past) for copy, past in pasts]


def _again(entries: Iterator[Entry]) -> Iterator[Iterator[Entry]]:
    """The same entries from the first on, as often as one likes, each judged once."""
    while True:
        entries, past = tee(entries)
        yield past


def _read(desk: Desk, copy: Copy, reason: str | None, past: Iterator[Entry]) -> OpenConflict:
    note = whereabouts(past, copy.copy, copy.path)
    is_there = find_file(desk.objects, desk.head_tree(), note) is not None
    mine: Literal["note", "copy"] = "copy" if copy.agent == desk.identity.agent else "note"
    reason = reason or UNKNOWN.format(agent=copy.agent)
    return OpenConflict(note, copy.copy, copy.agent, copy.time, reason, is_there, mine)


def conflict_records(desk: Desk) -> Iterator[tuple[str, str, str, int]]:
    """The same at the cost of a look at one folder: path then, copy, reason and time."""
    recorded = {record[1]: record for record in desk.state.conflicts()}
    for copy in sorted(copies_in(desk.objects, desk.head_tree())):
        made_up = (copy.path, copy.copy, UNKNOWN.format(agent=copy.agent), copy.time)
        yield recorded.get(copy.copy, made_up)
