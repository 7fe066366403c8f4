"""Replaying local commits on what is published, one by one.

A change that only repeats what an incoming commit had no right to make is no change of ours: another
program brought it onto this disk (`foreign`). It is left out, and the disk is put right. So is a move made by
a status which others had published (`status_moves.said_by_others`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from vaultkit.core.git.changes import follow_moves, infer_moves
from vaultkit.core.git.message import add_trailer, author_line
from vaultkit.core.git.times import after
from vaultkit.core.git.tree import (
    Change,
    Changes,
    Commit,
    Objects,
    Oid,
    changes_between,
    find_file,
    with_edits,
)
from vaultkit.core.history.fold import Fold, policy_at
from vaultkit.core.history.status_moves import said_by_others
from vaultkit.core.history.takeover import is_in_vain, without_takeover
from vaultkit.core.history.versions import Versions
from vaultkit.core.merging.merge import merge_trees
from vaultkit.core.merging.merge_terms import Conflict, Merged, Overruled, Published, Replay
from vaultkit.core.merging.refused import where_ours_stand
from vaultkit.core.merging.withdrawal import retold, trees_without
from vaultkit.core.naming.conflict_copies import free_copy
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.commit_marks import takes_up
from vaultkit.core.rules.identity import CHANGE, Identity
from vaultkit.core.rules.judge import judge_changes
from vaultkit.core.rules.policy import POLICY_FILE, Policy, Refusal
from vaultkit.core.rules.untrusted import blame_key
from vaultkit.core.text.stamps import without_stamps


@dataclass(slots=True)
class Replayed:
    """The new local branch on top of the published head, and what did not fit on the way.

    `overruled` are moves of ours that others were before. `refused` says of which places this agent may not
    publish the merge's results; ours stay on the disk there. `unmoved`: notes whose status moved nothing, for
    others had said it.
    """

    head: Oid
    tree: Oid | None
    policy: Policy
    conflicts: list[Conflict] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    unmoved: list[str] = field(default_factory=list)


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
        _apply(objects, identity, commit, merged, result)
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


def _set_aside(
    objects: Objects,
    commit: Commit,
    agent: str,
    changes: Changes,
    refused: Mapping[str, Refusal],
    copied: Mapping[str, str],
    result: Replayed,
) -> dict[str, Oid | None]:
    """Words that a merge put where this agent may not write are kept in `Conflicts/`, or else held.

    Those of a conflict copy stay where they were `copied` from. A note that is not to be removed, because it
    has an owner now, just comes back.
    """
    copies: dict[str, Oid | None] = {}
    for path, refusal in refused.items():
        new = changes[path].new
        if refusal.rule == "owner" and not new:
            continue
        stands = copied.get(path, path)
        copy = _place_aside(objects, commit, agent, stands, new, result) if new else None
        if copy:
            copies[copy] = new
            result.conflicts.append(Conflict(stands, copy, refusal.detail))
        else:
            result.refused[stands] = refusal
    return copies


def _place_aside(
    objects: Objects, commit: Commit, agent: str, path: str, new: Oid, result: Replayed
) -> str | None:
    """Where to keep words that may not stand at `path`; None where all would refuse the copy, too."""

    def holds(copy: str) -> Oid | None:
        return find_file(objects, result.tree, copy)

    copy = free_copy(path, agent, commit.time, new, holds, Names(objects, result.tree))
    change = {copy: Change(holds(copy), new)}
    return None if judge_changes(result.policy, agent, change, objects, result.tree).refused else copy


def _apply(objects: Objects, identity: Identity, commit: Commit, merged: Merged, result: Replayed) -> None:
    agent = identity.acts_as(result.policy)
    tree = with_edits(objects, result.tree, merged.edits)
    changes = changes_between(objects, result.tree, tree)
    verdict = judge_changes(result.policy, agent, changes, objects, result.tree)
    if agent is None:
        result.refused |= blame_key(verdict.refused, identity.agent, result.policy)
        return
    result.conflicts += [one for one in merged.conflicts if one.copy not in verdict.refused]
    result.overruled += merged.overruled
    if verdict.refused:
        edits = {path: change.new for path, change in verdict.accepted.items()}
        back = _bring_back_owned(objects, changes, verdict.refused, result)
        refused = {path: why for path, why in verdict.refused.items() if path not in back}
        copied = {one.copy: one.path for one in merged.conflicts}
        edits |= _set_aside(objects, commit, agent, changes, refused, copied, result)
        tree = with_edits(objects, result.tree, edits)
    if tree != result.tree:
        _publish_on(objects, identity, commit, tree, result)


def _bring_back_owned(
    objects: Objects, changes: Changes, refused: Mapping[str, Refusal], result: Replayed
) -> set[str]:
    """Moves of notes that got an owner meanwhile: they are undone. Where nothing but stamps was written on
    the way, nothing is left to be kept; the places of these are returned."""
    owned = {path for path, why in refused.items() if why.rule == "owner" and not changes[path].new}
    undone: set[str] = set()
    for move in infer_moves(changes, objects.blob) if owned else ():
        if move.src in owned and move.dst in refused:
            by = refused[move.src].detail.partition(" ")[0]
            result.overruled.append(Overruled(move.src, move.dst, move.src, by))
            old, new = objects.blob(move.old), objects.blob(move.new)
            undone |= {move.dst} if without_stamps(old, new) == old else set()
    return undone


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
        _apply(objects, identity, commit, Merged(dict(missing)), result)


def _publish_on(objects: Objects, identity: Identity, commit: Commit, tree: Oid, result: Replayed) -> None:
    time = after(objects.commit(result.head).time, commit.time)
    moved = replace(commit, tree=tree, parents=(result.head,), time=time, signature=b"", payload=b"")
    result.head = objects.put_commit(identity.sign(moved, result.policy))
    if find_file(objects, tree, POLICY_FILE) != find_file(objects, result.tree, POLICY_FILE):
        result.policy = policy_at(objects, tree)
    result.tree = tree
