"""The state of a fold: what counts so far, and one commit's changes judged and taken into it.

A commit is a proposal. What its signer had the right to make is taken, the rest is a violation and
changes nothing. The policy file is different in one way: it is adopted only from a human agent's
commit, and only if it reads as a policy; the policy before stays in force otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.arrival import Arrival
from vaultkit.core.config import read_policy
from vaultkit.core.identity import Author
from vaultkit.core.judge import judge_changes
from vaultkit.core.policy import POLICY_FILE, Policy, Refusal
from vaultkit.core.tree import Changes, Objects, Oid, find_file, with_edits
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
    does not; `signers` who signed each. `own` are the commits of this machine that it never saw
    published, `left_out` what of them does not count, by path.
    """

    commit: Oid | None
    tree: Oid | None
    policy: Policy
    violations: list[Violation] = field(default_factory=list)
    touched: dict[str, Touch] = field(default_factory=dict)
    accepted: dict[Oid, Changes] = field(default_factory=dict)
    refused: set[Oid] = field(default_factory=set)
    signers: dict[Oid, str] = field(default_factory=dict)
    own: Set[Oid] = frozenset()
    left_out: dict[Oid, Set[str]] = field(default_factory=dict)


def policy_at(objects: Objects, tree: Oid | None) -> Policy:
    """The policy a tree carries; PolicyError if it carries none or a broken one."""
    oid = find_file(objects, tree, POLICY_FILE)
    if oid is None:
        raise PolicyError("there is no such file", file=POLICY_FILE, hint="Run `vaultkit init` here.")
    return read_policy(objects.blob(oid))


def take(
    objects: Objects, fold: Fold, oid: Oid, author: Author, arrival: Arrival, carried: Set[str] = frozenset()
) -> None:
    """Judge what a commit changes in the tree that counts, take what its signer may do, record the rest.

    Nothing is told about `carried` paths: whoever put something there was told of it.
    """
    verdict = judge_changes(fold.policy, author.agent, arrival.changes, objects, fold.tree, arrival.refused)
    policy, time = _policy_after(objects, fold, verdict.accepted), objects.commit(oid).time
    told = {path: refusal for path, refusal in verdict.refused.items() if path not in carried}
    fold.violations += _violations(oid, time, author, told)
    _touch(fold, author.agent or "nobody", time, verdict.accepted)
    if verdict.accepted:
        edits = {path: change.new for path, change in verdict.accepted.items()}
        fold.tree = with_edits(objects, fold.tree, edits)
    fold.policy, fold.accepted[oid] = policy, verdict.accepted
    if verdict.refused:
        fold.refused.add(oid)
        if oid in fold.own:
            fold.left_out[oid] = verdict.refused.keys()
    if author.agent:
        fold.signers[oid] = author.agent


def _policy_after(objects: Objects, fold: Fold, accepted: Changes) -> Policy:
    change = accepted.get(POLICY_FILE)
    return read_policy(objects.blob(change.new)) if change and change.new else fold.policy


def _violations(oid: Oid, time: int, author: Author, told: dict[str, Refusal]) -> list[Violation]:
    who, why = author.agent or "nobody", author.problem
    found = [
        Violation(oid, path, who, refusal.rule, time, why or refusal.detail)
        for path, refusal in sorted(told.items())
    ]
    if len(found) <= MOST_TOLD:
        return found
    rest = f"and {len(found) - MOST_TOLD} more in this commit"
    return [*found[:MOST_TOLD], Violation(oid, "", who, "more", time, rest)]


def _touch(fold: Fold, agent: str, time: int, paths: Iterable[str]) -> None:
    for path in paths:
        before = fold.touched.get(path, Touch(frozenset(), 0))
        fold.touched[path] = Touch(before.agents | {agent}, time)
