"""Taking words out of local commits before they are published.

A note may have been committed here, offline perhaps, before its frontmatter said `zone: local`. What was
not published yet need not be: when the local commits are replayed, a note that stays here now is in each of
them what it is in the published history, or nothing. Its removal, where it had been published, stays.
A note that was moved meanwhile is followed back to where it came from.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from vaultkit.core.git.changes import infer_moves
from vaultkit.core.git.message import with_summary
from vaultkit.core.git.subject import describe
from vaultkit.core.git.tree import Commit, Objects, Oid, changes_between, find_file, with_edits


def trees_without(
    objects: Objects, published: Oid | None, trees: Sequence[Oid], stays: Set[str]
) -> list[Oid]:
    """The `trees` of local commits, one after the other, without what they say of the notes that stay.

    The first commit was made on the tree `published`; `stays` are the notes' names in the last one.
    """
    names, found = frozenset(stays), list(trees)
    for n in range(len(trees) - 1, -1, -1) if stays else ():
        found[n] = _without(objects, published, trees[n], names)
        names = _names_before(objects, trees[n - 1] if n else published, trees[n], names)
    return found


def retold(objects: Objects, commit: Commit, before: Oid | None, tree: Oid) -> Commit:
    """The commit with another tree; its first line may have named a note that it says nothing of any more."""
    changes = changes_between(objects, before, tree)
    subject = describe(changes, infer_moves(changes, objects.blob))
    return replace(commit, tree=tree, message=with_summary(commit.message, subject))


def _without(objects: Objects, published: Oid | None, tree: Oid, names: Set[str]) -> Oid:
    told = ((path, find_file(objects, published, path)) for path in names)
    edits = {path: old for path, old in told if find_file(objects, tree, path) not in (None, old)}
    return with_edits(objects, tree, edits) if edits else tree


def _names_before(objects: Objects, before: Oid | None, after: Oid, names: Set[str]) -> frozenset[str]:
    """What the notes were called before a commit."""
    moves = infer_moves(changes_between(objects, before, after), objects.blob)
    came_from = {move.dst: move.src for move in moves}
    return frozenset(came_from.get(path, path) for path in names)
