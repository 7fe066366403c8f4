"""A merge as a commit: what its author may publish of it. The rest is set aside, or held where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vaultkit.core.git.changes import infer_moves
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
from vaultkit.core.history.fold import policy_at
from vaultkit.core.merging.merge_terms import Conflict, Merged, Overruled
from vaultkit.core.naming.conflict_copies import free_copy
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.identity import Identity
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


def apply_merge(
    objects: Objects, identity: Identity, commit: Commit, merged: Merged, result: Replayed
) -> None:
    """Commit on `result` what the author of `commit` may publish; the rest is set aside, or held."""
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


def _publish_on(objects: Objects, identity: Identity, commit: Commit, tree: Oid, result: Replayed) -> None:
    time = after(objects.commit(result.head).time, commit.time)
    moved = replace(commit, tree=tree, parents=(result.head,), time=time, signature=b"", payload=b"")
    result.head = objects.put_commit(identity.sign(moved, result.policy))
    if find_file(objects, tree, POLICY_FILE) != find_file(objects, result.tree, POLICY_FILE):
        result.policy = policy_at(objects, tree)
    result.tree = tree
