"""What a merge by another program took in: the commits of its other sides, each judged by its own signer.

vaultkit never merges with a merge commit; git and obsidian-git do. Which side a replica had published
before, and which the merge brought in, differs from one replica to the next. All must come to the
same tree all the same, so the sides are equal: each of their commits is folded by what it changed
against its own parent, after those of the main side. Where both sides changed one path, the content
that the merge has there is taken if it is one of the two (a person, or the program, chose); else the
same one everywhere, and the merge's signer may then change it like anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from vaultkit.core.arrival import Arrival, entry_at, read_arrival
from vaultkit.core.changes import infer_moves
from vaultkit.core.fold import Fold, policy_at, take
from vaultkit.core.identity import author_of
from vaultkit.core.judge import contents_to_compare
from vaultkit.core.names import Names
from vaultkit.core.policy import POLICY_FILE, Refusal
from vaultkit.core.tree import Change, Commit, Entry, Objects, Oid, find_file, with_edits

Contents = Mapping[str, Oid | None]


def fold_sides(objects: Objects, fold: Fold, merge: Commit, sides: Iterable[Oid]) -> Set[str]:
    """Take the commits of `sides`, parents first, into `fold`; the paths they changed, or tried to."""
    main, raw = fold.tree, tree_of(objects, fold.commit)
    began: dict[str, Oid | None] = {}
    touched: set[str] = set()
    for oid in sides:
        author = author_of(objects.commit(oid), fold.policy)
        own = _own_changes(objects, oid, fold.policy.allowance(author.agent).notes)
        began = {path: change.old for path, change in own.changes.items()} | began
        touched |= _paths(own)
        _refuse_lost_moves(objects, fold, own)
        take(objects, fold, oid, author, _onto(objects, fold.tree, own))
    chosen = dict(_choose(objects, fold.tree, main, raw, merge.tree, began))
    if chosen:
        fold.tree = with_edits(objects, fold.tree, chosen)
        fold.policy = policy_at(objects, fold.tree) if POLICY_FILE in chosen else fold.policy
    return touched


def content_to_count(
    main: Oid | None, side: Oid | None, began: Oid | None, raw: Oid | None, merged: Oid | None
) -> Oid | None:
    """What counts at a path that a side changed: `began` is what it had before, `raw` what the main side has.

    It does not matter which of the two sides is called the main one, unless that side did not change it.
    """
    if began in (main, raw):
        return side
    return merged if merged in (main, side) else max(main or "", side or "") or None  # type: ignore[return-value]


def is_carried(
    objects: Objects, main: Oid | None, counted: Oid | None, merge: Commit, touched: Set[str], path: str
) -> bool:
    """Does a merge only carry along at `path` what one of its parents has, and what was judged there?

    `main` is its parent on the main side, `counted` the tree that counted there, `touched` what the other
    sides changed.
    """
    new = entry_at(objects, merge.tree, path)
    if _entry_in(objects, main, path) == new:
        return entry_at(objects, counted, path) != new if counted else False
    others = (parent for parent in merge.parents if parent != main)
    return path in touched and any(_entry_in(objects, parent, path) == new for parent in others)


def own_content(objects: Objects, commit: Commit, path: str) -> tuple[bool, Oid | None, Oid | None]:
    """Did a commit itself change `path`, and from what to what? A merge changed what no parent has."""
    new = content_at(objects, commit.tree, path)
    before = [content_at(objects, tree_of(objects, parent), path) for parent in commit.parents]
    old = before[0] if before else None
    return new not in (before or [None]), old, new


def tree_of(objects: Objects, commit: Oid | None) -> Oid | None:
    """A commit's tree; None if there is no such commit, or none that can be read."""
    try:
        return objects.commit(commit).tree if commit else None
    except KeyError:
        return None


def content_at(objects: Objects, tree: Oid | None, path: str) -> Oid | None:
    """The content that a tree from elsewhere names at `path`; None if no file is there."""
    entry = entry_at(objects, tree, path) if tree else None
    return entry.oid if entry and not entry.is_folder else None


def _own_changes(objects: Objects, oid: Oid, most: int) -> Arrival:
    """What a commit changed against its parent; a merge, what none of its parents has."""
    commit = objects.commit(oid)
    first, *others = [tree_of(objects, parent) for parent in commit.parents] or [None]
    own = read_arrival(objects, first, commit.tree, most)
    for other in others:
        same = {p for p in _paths(own) if _entry_in(objects, other, p) == entry_at(objects, commit.tree, p)}
        own = without(own, same)
    return own


def without(arrival: Arrival, paths: Set[str]) -> Arrival:
    """The same, but for some paths."""
    return Arrival(
        {path: change for path, change in arrival.changes.items() if path not in paths},
        {path: refusal for path, refusal in arrival.refused.items() if path not in paths},
    )


def _refuse_lost_moves(objects: Objects, fold: Fold, own: Arrival) -> None:
    """A task that the main side moved is not moved a second time: one claim, one decision counts."""
    gone = {p for p, change in own.changes.items() if not change.new and not find_file(objects, fold.tree, p)}
    for move in infer_moves(own.changes, contents_to_compare(objects)) if gone else ():
        if move.src in gone and fold.policy.workflow.kind_of_move(move.src, move.dst):
            own.refused[move.dst] = Refusal("move", f"{move.src} had been moved elsewhere first")
            del own.changes[move.dst]


def _onto(objects: Objects, tree: Oid | None, own: Arrival) -> Arrival:
    """The same changes, as changes to what counts now."""
    changes = (
        (path, Change(find_file(objects, tree, path), change.new)) for path, change in own.changes.items()
    )
    return Arrival({path: change for path, change in changes if change.old != change.new}, own.refused)


def _choose(
    objects: Objects, tree: Oid | None, main: Oid | None, raw: Oid | None, merged: Oid, began: Contents
) -> Iterator[tuple[str, Oid | None]]:
    """Where what the sides left in `tree` does not count after all: what does, if there is room for it."""
    names = Names(objects, tree)
    for path, old in sorted(began.items()):
        ours, theirs = (find_file(objects, side, path) for side in (main, tree))
        chosen = content_to_count(
            ours, theirs, old, content_at(objects, raw, path), content_at(objects, merged, path)
        )
        if chosen != theirs and not (chosen and theirs is None and names.collision(path)):
            names.add(path)
            yield path, chosen


def _paths(arrival: Arrival) -> Set[str]:
    return arrival.changes.keys() | arrival.refused.keys()


def _entry_in(objects: Objects, commit: Oid | None, path: str) -> Entry | None:
    tree = tree_of(objects, commit)
    return entry_at(objects, tree, path) if tree else None
