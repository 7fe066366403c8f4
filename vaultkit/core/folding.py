"""The fold from commits to the effective tree: every honest replica folds the same history to the same tree.

Starting from a tree everybody agrees on, each commit's own changes are judged by the policy in force
before it (`fold.take`). Which changes are a commit's own? Path by path, with r what the raw parent
has, e what counts, n what the commit has: n == e is no change. A commit by vaultkit is built on what
counts, so all else is its own. Another program builds on the raw parent, which may hold a violation:
there n == r (and not e) is somebody else's violation carried along, which stays undone. So nobody
launders a violation by committing on top of it, an honest commit undoes it for good, and a person may
still decide to do exactly what somebody else had no right to do.

A merge by another program first takes in what its other sides brought, each commit by its own signer
(`sides`). Its own is only what is neither what counts then, nor carried along from one of its parents.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaultkit.core.arrival import Arrival, entry_at, read_arrival
from vaultkit.core.fold import Fold, take
from vaultkit.core.history import Sides
from vaultkit.core.identity import author_of, stands_on_effective_tree
from vaultkit.core.sides import fold_sides, is_carried, without
from vaultkit.core.tree import Commit, Objects, Oid

NO_SIDES: Sides = {}


def fold_commits(objects: Objects, fold: Fold, commits: Iterable[Oid], sides: Sides = NO_SIDES) -> Fold:
    """Fold `commits` (`history.path_between` finds them), oldest first, into `fold` and return it.

    `sides`: what `history.sides_of_merges` found for them.
    """
    for oid in commits:
        commit = objects.commit(oid)
        if len(commit.parents) > 1:
            _fold_merge(objects, fold, oid, sides.get(oid, ()))
        else:
            _fold_one(objects, fold, oid)
        fold.commit = oid
    return fold


def _fold_one(objects: Objects, fold: Fold, oid: Oid) -> None:
    commit = objects.commit(oid)
    author = author_of(commit, fold.policy)
    arrival = read_arrival(objects, fold.tree, commit.tree, fold.policy.allowance(author.agent).notes)
    carried = _carried(objects, fold, commit, arrival)
    own = arrival if stands_on_effective_tree(commit) else without(arrival, carried)
    take(objects, fold, oid, author, own, carried)


def _carried(objects: Objects, fold: Fold, commit: Commit, arrival: Arrival) -> set[str]:
    """The paths where the commit only carries along what its parent had."""
    parent = objects.commit(fold.commit).tree if fold.commit else None
    if parent is None or parent == fold.tree:
        return set()
    paths = arrival.changes.keys() | arrival.refused.keys()
    return {path for path in paths if entry_at(objects, parent, path) == entry_at(objects, commit.tree, path)}


def _fold_merge(objects: Objects, fold: Fold, oid: Oid, sides: Iterable[Oid]) -> None:
    commit, before = objects.commit(oid), fold.tree
    touched = fold_sides(objects, fold, commit, sides)
    author = author_of(commit, fold.policy)
    arrival = read_arrival(objects, fold.tree, commit.tree, fold.policy.allowance(author.agent).notes)
    paths = arrival.changes.keys() | arrival.refused.keys()
    carried = {path for path in paths if is_carried(objects, fold.commit, before, commit, touched, path)}
    take(objects, fold, oid, author, without(arrival, carried))
