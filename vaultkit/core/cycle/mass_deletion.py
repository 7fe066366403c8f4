"""Alarmingly many notes that are gone at once: a person must say that this was meant, on either side."""

from __future__ import annotations

from collections.abc import Sequence

from vaultkit.core.cycle.outgoing import Outgoing
from vaultkit.core.git.changes import infer_moves, without_moves
from vaultkit.core.git.tree import Changes, Objects, Oid, changes_between, walk
from vaultkit.core.history.fold import Fold
from vaultkit.core.rules.policy import Policy, Refusal

MASS_DELETION = "mass-delete"


def hold_mass_deletion(objects: Objects, policy: Policy, outgoing: Outgoing, head_tree: Oid | None) -> None:
    """Take the deletions out of `outgoing` and hold them, if there are alarmingly many."""
    gone = removals(objects, outgoing.gestures)
    if not is_mass_deletion(objects, policy, head_tree, gone):
        return
    detail = f"{len(gone)} notes disappeared at once; a person must say that this was meant"
    for path in gone:
        outgoing.held[path] = (Refusal(MASS_DELETION, detail), outgoing.accepted.pop(path).old)


def incoming_mass_deletion(objects: Objects, tree: Oid | None, fold: Fold) -> list[str]:
    """The notes of `tree` that others removed, if they are alarmingly many."""
    changes = changes_between(objects, tree, fold.tree)
    gone = [path for path, change in changes.items() if change.new is None]
    if not is_mass_deletion(objects, fold.policy, tree, gone):
        return []
    left = removals(objects, changes)
    return left if is_mass_deletion(objects, fold.policy, tree, left) else []


def removals(objects: Objects, changes: Changes) -> list[str]:
    """The paths that are gone and did not just move."""
    left = without_moves(changes, infer_moves(changes, objects.blob))
    return [path for path, change in left.items() if change.new is None]


def is_mass_deletion(objects: Objects, policy: Policy, tree: Oid | None, gone: Sequence[str]) -> bool:
    """More than the policy's count and more than its share of all notes? Counts notes only if need be."""
    if len(gone) <= policy.sync.mass_delete_count:
        return False
    total = sum(1 for _ in walk(objects, tree))
    return len(gone) * 100 > total * policy.sync.mass_delete_percent


def removals_of_many(objects: Objects, policy: Policy, changes: Changes) -> int:
    """How many notes are gone, if so many that more may follow; else 0, which is quickly told."""
    few = max(2, policy.sync.mass_delete_count // 25)
    gone = sum(change.new is None for change in changes.values())
    return len(removals(objects, changes)) if gone > few else 0
