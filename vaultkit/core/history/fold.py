"""The fold from commits to the effective tree: only what a signer may change counts.

A commit is a proposal. Starting from a tree everybody agrees on, each commit's own changes are
judged by the policy in force before it; what its signer had the right to make is taken, the rest is
a violation and changes nothing. Every honest replica folds the same history to the same tree.

Which changes are a commit's own? Path by path, with r what the raw parent has, e what counts, n what
the commit has: n == e is no change. A commit by vaultkit is built on what counts, so all else is its
own. Another program builds on the raw parent, which may hold a violation: there n == r (and not e) is
somebody else's violation carried along, which stays undone. So nobody launders a violation by
committing on top of it, an honest commit undoes it for good, and a person may still decide to do
exactly what somebody else had no right to do.

After a merge, replicas may differ in what counts until a human agent says it (`core.history.ways`). A commit
by vaultkit may then carry along a removal that counted for its signer alone. Where they may not make
it, that stays undone, too. But it is no half of a move, and what they wrote counts without it, or the
next push by somebody else would undo their words. Without a merge, what is carried along can only be a
violation, and a move of which it would be one half is refused whole.

The policy file is different in one way: it is adopted only from a human agent's commit, and only
if it reads as a policy; the policy before stays in force otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.git.tree import Changes, Commit, Objects, Oid, find_file, with_edits
from vaultkit.core.history.arrival import Arrival, entry_at, read_arrival
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.identity import Author, author_of, stands_on_effective_tree
from vaultkit.core.rules.judge import Verdict, judge_changes
from vaultkit.core.rules.policy import POLICY_FILE, Policy, Refusal
from vaultkit.errors import PolicyError

MOST_TOLD = 100
"""A commit may break rules at a million paths; a person is told of so many, and how many more."""


class Violation(NamedTuple):
    """An incoming change its signer had no right to make. `agent` is "nobody" where the key is unknown."""

    commit: Oid
    path: str
    agent: str
    rule: str
    time: int
    detail: str = ""


class Touch(NamedTuple):
    """Who changed a path since the fold began, and when last (UTC seconds, as the commits say)."""

    agents: frozenset[str]
    time: int


@dataclass(slots=True)
class Fold:
    """A fold under way: what counts after `commit`, and what was seen on the way there.

    `accepted` holds, commit by commit, the changes that count; `refused` the commits of which something
    does not; `signers` who signed each. `is_unclear`: there was a merge, and no human agent's vaultkit
    has said since what counts. Replicas that knew different sides of it may differ until one does.
    """

    commit: Oid | None
    tree: Oid | None
    policy: Policy
    violations: list[Violation] = field(default_factory=list)
    touched: dict[str, Touch] = field(default_factory=dict)
    accepted: dict[Oid, Changes] = field(default_factory=dict)
    refused: set[Oid] = field(default_factory=set)
    signers: dict[Oid, str] = field(default_factory=dict)
    is_unclear: bool = False


def policy_at(objects: Objects, tree: Oid | None) -> Policy:
    """The policy a tree carries; PolicyError if it carries none or a broken one."""
    oid = find_file(objects, tree, POLICY_FILE)
    if oid is None:
        raise PolicyError("there is no such file", file=POLICY_FILE, hint="Run `vaultkit init` here.")
    return read_policy(objects.blob(oid))


def fold_commits(objects: Objects, fold: Fold, commits: Iterable[Oid]) -> Fold:
    """Fold `commits` (`history.path_between` finds them), oldest first, into `fold` and return it."""
    for oid in commits:
        _fold_one(objects, fold, oid)
    return fold


def _fold_one(objects: Objects, fold: Fold, oid: Oid) -> None:
    commit = objects.commit(oid)
    author = author_of(commit, fold.policy)
    arrival, carried = _read(objects, fold, commit, author)
    verdict = _judge(objects, fold, author, arrival, carried)
    policy = _policy_after(objects, fold, verdict.accepted)
    told = {path: refusal for path, refusal in verdict.refused.items() if path not in carried}
    fold.violations += _violations(oid, commit, author, told)
    _touch(fold, author.agent or "nobody", commit.time, verdict.accepted)
    if verdict.accepted:
        edits = {path: change.new for path, change in verdict.accepted.items()}
        fold.tree = with_edits(objects, fold.tree, edits)
    fold.commit, fold.policy, fold.accepted[oid] = oid, policy, verdict.accepted
    if verdict.refused:
        fold.refused.add(oid)
    if author.agent:
        fold.signers[oid] = author.agent
    if len(commit.parents) > 1:
        fold.is_unclear = True
    elif stands_on_effective_tree(commit) and author.agent in fold.policy.humans:
        fold.is_unclear = False


def _read(objects: Objects, fold: Fold, commit: Commit, author: Author) -> tuple[Arrival, set[str]]:
    """The commit's own changes, and the paths where it only carries along what its parent had."""
    arrival = read_arrival(objects, fold.tree, commit.tree, fold.policy.allowance(author.agent).notes)
    parent = objects.commit(fold.commit).tree if fold.commit else None
    if parent is None or parent == fold.tree:
        return arrival, set()
    paths = arrival.changes.keys() | arrival.refused.keys()
    carried = {p for p in paths if entry_at(objects, parent, p) == entry_at(objects, commit.tree, p)}
    if stands_on_effective_tree(commit):
        return arrival, carried
    return Arrival(
        {path: change for path, change in arrival.changes.items() if path not in carried},
        {path: refusal for path, refusal in arrival.refused.items() if path not in carried},
    ), carried


def _judge(objects: Objects, fold: Fold, author: Author, arrival: Arrival, carried: Set[str]) -> Verdict:
    """What counts of a commit. After a merge, a removal carried along in vain is no half of a move."""
    agent, changes = author.agent, arrival.changes
    verdict = judge_changes(fold.policy, agent, changes, objects, fold.tree, arrival.refused)
    undone = {p for p in carried & verdict.refused.keys() if p in changes and not changes[p].new}
    if not (undone and fold.is_unclear):
        return verdict
    own = {path: change for path, change in changes.items() if path not in undone}
    return judge_changes(fold.policy, agent, own, objects, fold.tree, arrival.refused)


def _policy_after(objects: Objects, fold: Fold, accepted: Changes) -> Policy:
    change = accepted.get(POLICY_FILE)
    return read_policy(objects.blob(change.new)) if change and change.new else fold.policy


def _violations(oid: Oid, commit: Commit, author: Author, told: dict[str, Refusal]) -> list[Violation]:
    who, why = author.agent or "nobody", author.problem
    found = [
        Violation(oid, path, who, refusal.rule, commit.time, why or refusal.detail)
        for path, refusal in sorted(told.items())
    ]
    if len(found) <= MOST_TOLD:
        return found
    rest = f"and {len(found) - MOST_TOLD} more in this commit"
    return [*found[:MOST_TOLD], Violation(oid, "", who, "more", commit.time, rest)]


def _touch(fold: Fold, agent: str, time: int, paths: Iterable[str]) -> None:
    for path in paths:
        before = fold.touched.get(path, Touch(frozenset(), 0))
        fold.touched[path] = Touch(before.agents | {agent}, time)
