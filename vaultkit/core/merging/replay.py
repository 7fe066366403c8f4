"""Replaying local commits on what is published, one by one.

A change that only repeats what an incoming commit had no right to make is no change of ours: another
program brought it onto this disk (`foreign`). It is left out, and the disk is put right. So is a move made by
a status which others had published (`status_moves.said_by_others`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from vaultkit.core.git.changes import follow_moves
from vaultkit.core.git.message import add_trailer, author_line
from vaultkit.core.git.tree import (
    Commit,
    Objects,
    Oid,
    changes_between,
    find_file,
    with_edits,
)
from vaultkit.core.history.fold import Fold
from vaultkit.core.history.status_moves import said_by_others
from vaultkit.core.history.takeover import is_in_vain, without_takeover
from vaultkit.core.history.versions import Versions
from vaultkit.core.merging.applying import Replayed, apply_merge
from vaultkit.core.merging.merge import merge_trees
from vaultkit.core.merging.merge_terms import Merged, Published, Replay
from vaultkit.core.merging.refused import where_ours_stand
from vaultkit.core.merging.withdrawal import retold, trees_without
from vaultkit.core.rules.commit_marks import takes_up
from vaultkit.core.rules.identity import CHANGE, Identity


def replay_commits(
    objects: Objects,
    identity: Identity,
    local: Sequence[Oid],
    base_tree: Oid | None,
    onto: Fold,
    foreign: Versions,
    sighted: Mapping[str, Oid],
    stays: Set[str] = frozenset(),
    key: str = "",
) -> Replayed:
    """Replay `local` commits, oldest first, the first made on `base_tree`, on the folded history `onto`.

    `sighted` is what the disk held, by path, before a hook wrote into the note. Of the notes that now stay
    on this machine (`stays`) no words are published that were not. `key` is this cycle's nonce.
    """
    if onto.commit is None:
        raise ValueError("there is nothing published to replay on")
    result = Replayed(onto.commit, onto.tree, onto.policy)
    moved = _moved_since(objects, local, onto)
    theirs = _given(onto)
    diverted: dict[str, str] = {}
    before = base_tree
    commits = [objects.commit(oid) for oid in local]
    trees = trees_without(objects, base_tree, [commit.tree for commit in commits], stays)
    for made, tree in zip(commits, trees, strict=True):
        commit = made if tree == made.tree else retold(objects, made, before, tree)
        if takes_up(commit, identity):
            for path in changes_between(objects, before, commit.tree):
                diverted.pop(path, None)  # from here on the disk had what the merge made of it
            before = commit.tree
            continue
        ours = _without_foreign(objects, before, commit.tree, foreign, sighted)
        back = said_by_others(objects, before, ours, theirs, sighted)
        ours = with_edits(objects, ours, back)
        result.unmoved += [path for path, oid in back.items() if oid]
        if is_in_vain(commit, identity, key, onto):
            ours = without_takeover(objects, before, ours, commit, identity, onto.policy)
        step = Replay(before, ours, identity.agent, commit.time)
        published = Published(result.tree, onto.touched, moved)
        merged = _merge(objects, step, result, published, diverted)
        diverted.update(merged.diverted)
        apply_merge(objects, identity, commit, merged, result)
        before = commit.tree
    result.refused = where_ours_stand(objects, result.refused, before, result.tree, moved, diverted)
    return result


def _given(onto: Fold) -> dict[str, set[Oid]]:
    """The contents that others gave to paths."""
    given: dict[str, set[Oid]] = {}
    for changes in onto.accepted.values():
        for path, change in changes.items():
            if change.new:
                given.setdefault(path, set()).add(change.new)
    return given


def _moved_since(objects: Objects, local: Sequence[Oid], onto: Fold) -> dict[str, str]:
    """What others moved since the first of the `local` commits was made, where that is known."""
    accepted = list(onto.accepted.items())
    parents = objects.commit(local[0]).parents if local else ()
    start = next((n for n, (oid, _) in enumerate(accepted, 1) if oid in parents), 0)
    return follow_moves((changes for _, changes in accepted[start:]), objects.blob) if local else {}


def _without_foreign(
    objects: Objects, before: Oid | None, ours: Oid, foreign: Versions, sighted: Mapping[str, Oid]
) -> Oid:
    """The tree `ours` without the changes that others made and had no right to."""
    if not foreign:
        return ours
    changes = changes_between(objects, before, ours)
    back = {
        path: old
        for path, (old, new) in changes.items()
        if foreign.gave(path, new) or (new and path in sighted and foreign.gave(path, sighted[path]))
    }
    return with_edits(objects, ours, back) if back else ours


def _merge(
    objects: Objects, step: Replay, onto: Replayed, published: Published, diverted: Mapping[str, str]
) -> Merged:
    def may_write(agent: str, path: str) -> bool:
        return onto.policy.may(agent, path, adds=False)

    return merge_trees(objects, step, published, may_write, diverted)


def bring_back(
    objects: Objects,
    identity: Identity,
    notes: Mapping[str, Oid | None],
    time: int,
    key: str,
    result: Replayed,
) -> None:
    """One more commit on `result`, with those of `notes` that are not there; they never leave the disk."""
    missing = {path: oid for path, oid in notes.items() if oid and not find_file(objects, result.tree, path)}
    if missing:
        message = add_trailer(f"restore {len(missing)} notes", CHANGE, key)
        commit = Commit(objects.put_folder({}), (), author_line(identity.agent), time, message)
        apply_merge(objects, identity, commit, Merged(dict(missing)), result)
