"""Taking a commit back: the reverse of its changes, and what stands in the way of that.

Only what still is as the commit left it is reversed. Where later work is on top, nothing is: not the
note, and not the rest of the commit either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from vaultkit.core.git.tree import Change, Changes, Objects, Oid, find_file
from vaultkit.core.history.chronicle import Entry, trace
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.policy import POLICY_FILE

APPROVED = "approved"


def reversed_changes(changes: Changes) -> Changes:
    """What turns the outcome of `changes` back into what was before."""
    return {path: Change(change.new, change.old) for path, change in changes.items()}


def overwritten(objects: Objects, edits: Changes, tree: Oid | None) -> list[str]:
    """The paths where `tree` no longer holds what `edits` start from."""
    return [path for path, change in edits.items() if find_file(objects, tree, path) != change.old]


def last_touch(newer: list[Entry], path: str) -> Entry | None:
    """The newest of the later entries that changed `path`."""
    return next((entry for entry in newer if path in entry.changes), None)


def changes_trust(objects: Objects, edits: Changes) -> bool:
    """Would these edits of the policy change who is trusted, and with which key?"""
    old, new = edits.get(POLICY_FILE, Change(None, None))
    if old == new or not (old and new):
        return POLICY_FILE in edits
    return read_policy(objects.blob(old)).agents != read_policy(objects.blob(new)).agents


def approvals_behind(entry: Entry, below: Callable[[], Iterable[Entry]]) -> Iterator[tuple[Entry, str]]:
    """The approvals that taking back `entry` would undo: its own, and those of notes it moved on.

    Each with the path where the note was approved. `below` gives the entries before `entry`, newest first.
    """
    for move in entry.moves():
        if is_approval(entry, move.dst):
            yield entry, move.dst
        elif entry.workflow.stage_of(move.src) == APPROVED:
            found = ((one, at) for one, at in trace(below(), move.src) if is_approval(one, at))
            yield from islice(found, 1)


def is_approval(entry: Entry, path: str) -> bool:
    """Did this entry approve the note that is at `path` since?"""
    if path not in entry.changes or entry.workflow.stage_of(path) != APPROVED:
        return False
    kinds = (entry.workflow.kind_of_move(move.src, move.dst) for move in entry.moves() if move.dst == path)
    return "approval" in kinds
