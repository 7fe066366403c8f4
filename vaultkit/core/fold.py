"""The fold from commits to the effective tree: only what a signer may change counts.

A commit is a proposal. Starting from a tree everybody agrees on, each commit's own changes are
judged by the policy in force before it; what its signer had the right to make is taken, the rest is
a violation and changes nothing. Every honest replica folds the same history to the same tree.

Which changes are a commit's own? Not simply "what differs from its parent": the parent may itself
hold a violation. Path by path, with r what the raw parent has, e what counts, n what the commit has:
n == e is no change; n == r (and not e) is somebody else's violation carried along, which stays
undone; anything else is this commit's change from e to n. So nobody launders a violation by
committing on top of it, and an honest commit, built on the effective tree, undoes it for good.

The policy file is different in one way: it is adopted only from a human agent's commit, and only
if it reads as a policy; the policy before stays in force otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.config import read_policy
from vaultkit.core.judge import Verdict, judge_changes
from vaultkit.core.policy import Policy, Refusal
from vaultkit.core.tree import (
    FILE,
    Changes,
    Commit,
    Objects,
    Oid,
    changes_between,
    find,
    find_file,
    with_edits,
)
from vaultkit.errors import PolicyError

POLICY_FILE = "vaultkit.yaml"

Signer = Callable[[Commit], str | None]


class Violation(NamedTuple):
    """An incoming change its signer had no right to make."""

    commit: Oid
    path: str
    agent: str
    rule: str
    time: int


class Touch(NamedTuple):
    """Who changed a path since the fold began, and when last (UTC seconds, as the commits say)."""

    agents: frozenset[str]
    time: int


@dataclass(slots=True)
class Fold:
    """A fold under way: what counts after `commit`, and what was seen on the way there."""

    commit: Oid | None
    tree: Oid | None
    policy: Policy
    violations: list[Violation] = field(default_factory=list)
    touched: dict[str, Touch] = field(default_factory=dict)
    accepted: dict[Oid, Changes] = field(default_factory=dict)


def policy_at(objects: Objects, tree: Oid | None) -> Policy:
    """The policy a tree carries; PolicyError if it carries none or a broken one."""
    oid = find_file(objects, tree, POLICY_FILE)
    if oid is None:
        raise PolicyError("there is no such file", file=POLICY_FILE, hint="Run `vaultkit init` here.")
    return read_policy(objects.blob(oid))


def fold_commits(objects: Objects, signer: Signer, fold: Fold, commits: Iterable[Oid]) -> Fold:
    """Fold `commits` (`history.path_between` finds them), oldest first, into `fold` and return it."""
    for oid in commits:
        _fold_one(objects, signer, fold, oid)
    return fold


def _fold_one(objects: Objects, signer: Signer, fold: Fold, oid: Oid) -> None:
    commit = objects.commit(oid)
    agent = signer(commit) or fold.policy.unsigned_agent
    verdict = _judge(objects, fold, commit, agent)
    policy = _policy_after(objects, fold, verdict.accepted, verdict.refused)
    fold.violations += [
        Violation(oid, path, agent or "nobody", refusal.rule, commit.time)
        for path, refusal in sorted(verdict.refused.items())
    ]
    for path in verdict.accepted:
        before = fold.touched.get(path, Touch(frozenset(), 0))
        fold.touched[path] = Touch(before.agents | {agent or "nobody"}, commit.time)
    if verdict.accepted:
        edits = {path: change.new for path, change in verdict.accepted.items()}
        fold.tree = with_edits(objects, fold.tree, edits)
    fold.commit, fold.policy, fold.accepted[oid] = oid, policy, verdict.accepted


def _judge(objects: Objects, fold: Fold, commit: Commit, agent: str | None) -> Verdict:
    try:
        own = _own_changes(objects, fold, commit)
        odd = _refuse_modes(objects, commit, own)
        return judge_changes(fold.policy, agent, own, objects, fold.tree, odd)
    except (KeyError, ValueError):
        return Verdict({}, {"": Refusal("object", "a folder in it is damaged or missing")})


def _own_changes(objects: Objects, fold: Fold, commit: Commit) -> Changes:
    changes = changes_between(objects, fold.tree, commit.tree)
    parent = objects.commit(fold.commit).tree if fold.commit else None
    if parent == fold.tree:
        return changes
    return {
        path: change for path, change in changes.items() if change.new != find_file(objects, parent, path)
    }


def _refuse_modes(objects: Objects, commit: Commit, changes: Changes) -> dict[str, Refusal]:
    """Links, programs and submodules do not come in, whoever sends them."""
    found = {path: find(objects, commit.tree, path) for path, change in changes.items() if change.new}
    refusal = Refusal("mode", "it is not an ordinary file")
    return {path: refusal for path, entry in found.items() if entry is None or entry.mode != FILE}


def _policy_after(objects: Objects, fold: Fold, accepted: Changes, refused: dict[str, Refusal]) -> Policy:
    change = accepted.get(POLICY_FILE)
    if change is None:
        return fold.policy
    try:
        if change.new is None:
            raise PolicyError("it was removed", file=POLICY_FILE)
        return read_policy(objects.blob(change.new))
    except PolicyError as error:
        refused[POLICY_FILE] = Refusal("policy", error.message)
        del accepted[POLICY_FILE]
        return fold.policy
