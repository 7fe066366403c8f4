"""What people may still be at: it is left as it is on the disk for now, and looked at again later."""

from __future__ import annotations

from collections.abc import Iterable, Set

from vaultkit.core.changes import Move, infer_moves
from vaultkit.core.tree import Changes, Objects, Oid, find_file
from vaultkit.core.workflow import Workflow


def gone_for_good(objects: Objects, changes: Changes) -> set[str]:
    """The notes that are gone and turned up nowhere.

    Each may have been moved where nobody said to look. A move that is taken for a removal and a new note
    comes undone when others changed the note.
    """
    gone = {path for path, change in changes.items() if change.new is None}
    return gone - {move.src for move in infer_moves(changes, objects.blob)} if gone else set()


def half_seen(objects: Objects, tree: Oid | None, changes: Changes, unsettled: Set[str]) -> frozenset[str]:
    """The notes that are gone, while one is just being saved at a new place: moved there, maybe."""
    is_saved = any(find_file(objects, tree, path) is None for path in unsettled)
    return frozenset(gone_for_good(objects, changes)) if is_saved else frozenset()


def fresh_decisions(workflow: Workflow, moves: Iterable[Move], rested: Set[Move]) -> frozenset[Move]:
    """The decisions that have not rested yet: each may be a slip of the hand."""
    decided = (move for move in moves if workflow.is_decision(move.src, move.dst))
    return frozenset(move for move in decided if move not in rested)
