"""Replaying local commits on what is published, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vaultkit.core.fold import Fold, Touch
from vaultkit.core.judge import judge_changes
from vaultkit.core.merge import Conflict, Merged, Replay, conflict_path, merge_trees
from vaultkit.core.policy import Policy, Refusal
from vaultkit.core.tree import Changes, Commit, Objects, Oid, changes_between, with_edits

Sign = Callable[[Commit, str], Commit]


@dataclass(slots=True)
class Replayed:
    """The new local branch on top of the published head, and what did not fit on the way.

    `refused` holds merge results that this agent may not publish; they stay on the disk.
    """

    head: Oid
    tree: Oid | None
    conflicts: list[Conflict] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)


def replay_commits(
    objects: Objects, sign: Sign, agent: str, local: Sequence[Oid], base_tree: Oid | None, onto: Fold
) -> Replayed:
    """Replay `local` commits, oldest first, the first made on `base_tree`, on the folded history `onto`."""
    if onto.commit is None:
        raise ValueError("there is nothing published to replay on")
    result = Replayed(onto.commit, onto.tree)
    diverted: dict[str, str] = {}
    before = base_tree
    for oid in local:
        commit = objects.commit(oid)
        step = Replay(before, commit.tree, agent, commit.time)
        merged = _merge(objects, step, result.tree, onto.touched, onto.policy, diverted)
        diverted.update(merged.diverted)
        _apply(objects, sign, agent, onto.policy, commit, merged, result)
        before = commit.tree
    return result


def _merge(
    objects: Objects,
    step: Replay,
    theirs: Oid | None,
    touched: Mapping[str, Touch],
    policy: Policy,
    diverted: Mapping[str, str],
) -> Merged:
    def may_write(agent: str, path: str) -> bool:
        return policy.may(agent, path, adds=False)

    return merge_trees(objects, step, theirs, touched, may_write, diverted)


def _set_aside(
    agent: str,
    policy: Policy,
    time: int,
    changes: Changes,
    refused: Mapping[str, Refusal],
    result: Replayed,
) -> dict[str, Oid | None]:
    """Words that a merge put where this agent may not write are kept in `Conflicts/`, or else held."""
    copies: dict[str, Oid | None] = {}
    for path, refusal in refused.items():
        copy, new = conflict_path(path, agent, time), changes[path].new
        if new and policy.may(agent, copy, adds=True):
            copies[copy] = new
            result.conflicts.append(Conflict(path, copy, refusal.detail))
        else:
            result.refused[path] = refusal
    return copies


def _apply(
    objects: Objects, sign: Sign, agent: str, policy: Policy, commit: Commit, merged: Merged, result: Replayed
) -> None:
    result.conflicts += merged.conflicts
    tree = with_edits(objects, result.tree, merged.edits)
    changes = changes_between(objects, result.tree, tree)
    verdict = judge_changes(policy, agent, changes, objects, result.tree)
    if verdict.refused:
        edits = {path: change.new for path, change in verdict.accepted.items()}
        edits |= _set_aside(agent, policy, commit.time, changes, verdict.refused, result)
        tree = with_edits(objects, result.tree, edits)
    if tree == result.tree:
        return
    parent = result.head
    time = max(commit.time, objects.commit(parent).time + 1)
    moved = replace(commit, tree=tree, parents=(parent,), time=time, signature=b"")
    result.head, result.tree = objects.put_commit(sign(moved, agent)), tree
