"""What people may still be at: it is left as it is on the disk for now, and looked at again later."""

from __future__ import annotations

from collections.abc import Iterable, Set

from vaultkit.core.git.changes import Move, infer_moves
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, find_file
from vaultkit.core.history.status_moves import status_in
from vaultkit.core.rules.judge import judge_changes
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import Workflow


def gone_for_good(objects: Objects, changes: Changes) -> set[str]:
    """The notes that are gone and turned up nowhere.

    Each may have been moved where nobody said to look. A move that is taken for a removal and a new note
    comes undone when others changed the note.
    """
    gone = {path for path, change in changes.items() if change.new is None}
    return gone - {move.src for move in infer_moves(changes, objects.blob)} if gone else set()


def half_seen(objects: Objects, tree: Oid | None, changes: Changes, unsettled: Set[str]) -> frozenset[str]:
    """The notes that are gone, while one is just being saved at a new place: it may be any of them.

    It may have been renamed, too, and what it says is not to be seen yet.
    """
    is_saved = any(find_file(objects, tree, path) is None for path in unsettled)
    return frozenset(gone_for_good(objects, changes)) if is_saved else frozenset()


def fresh_decisions(workflow: Workflow, moves: Iterable[Move], rested: Set[Move]) -> frozenset[Move]:
    """The decisions that have not rested yet: each may be a slip of the hand."""
    decided = (move for move in moves if workflow.is_decision(move.src, move.dst))
    return frozenset(move for move in decided if move not in rested)


def may_go_ahead(objects: Objects, policy: Policy, agent: str | None, move: Move, tree: Oid | None) -> bool:
    """May what was typed into a dragged note be committed where the note was, before its drag has rested?

    Each save begins the quiet time anew, and so does a restart; words must not wait for that. But a status is
    part of the decision, and what is approved is not edited.
    """
    old, new = objects.blob(move.old), objects.blob(move.new)
    if old == new or policy.workflow.stage_of(move.src) == "approved" or status_in(old) != status_in(new):
        return False
    typed = {move.src: Change(move.old, move.new)}
    return bool(judge_changes(policy, agent, typed, objects, tree).accepted)
