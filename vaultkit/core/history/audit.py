"""The whole history judged anew, from the commit that founded the vault: who did what, and who tried.

An audit uses the same fold as every cycle, but from the beginning and with nothing skipped. So its
verdict must be the tree that this machine holds, which cycles folded step by step, from a checkpoint
on. If the two differ, one of them was deceived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.git.changes import infer_moves
from vaultkit.core.git.sshsig import fingerprint
from vaultkit.core.git.tree import Changes, Objects, Oid
from vaultkit.core.history.fold import Fold, Violation, fold_commits, policy_at
from vaultkit.core.history.trust import follow_policies
from vaultkit.core.rules.policy import POLICY_FILE, Agent, Policy

DECISIONS = ("claim", "release", "approval", "rejection", "retraction", "completion")


class Deed(NamedTuple):
    """Something that counted: `kind` is a decision on a note, or `policy` or an agent's key changing."""

    commit: Oid
    time: int
    signer: str
    kind: str
    what: str


@dataclass(slots=True)
class Audit:
    """What history says. `tree` is what counts at its end.

    `checkpoint_holds`: where this machine's trust began, its tree was what counted.
    """

    founded: Oid
    commits: int = 0
    deeds: list[Deed] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    agents: dict[str, Agent] = field(default_factory=dict)
    tree: Oid | None = None
    checkpoint_holds: bool = True


def audit_history(objects: Objects, founded: Oid, head: Oid, trusted: Oid | None) -> Audit | None:
    """Judge every commit from `founded` to `head`; None if no way leads there. Costs the whole history.

    `trusted` is the commit whose tree this machine took as it was: it must be what counted there.
    """
    steps = follow_policies(objects, founded, head)
    if steps is None:
        return None
    tree = objects.commit(founded).tree
    audit, fold = Audit(founded), Fold(founded, tree, policy_at(objects, tree))
    audit.deeds += _founding(objects, founded, fold.policy)
    for step in steps:
        fold = _judge(objects, audit, fold, step.oid)
        if step.oid == trusted:
            audit.checkpoint_holds = objects.commit(trusted).tree == fold.tree
    audit.tree, audit.agents = fold.tree, dict(fold.policy.agents)
    return audit


def _judge(objects: Objects, audit: Audit, before: Fold, oid: Oid) -> Fold:
    fold = fold_commits(objects, Fold(before.commit, before.tree, before.policy), [oid])
    audit.commits += 1
    audit.violations += fold.violations
    signer, time = fold.signers.get(oid, "nobody"), objects.commit(oid).time
    told = [*_decisions(objects, fold.policy, fold.accepted[oid])]
    if POLICY_FILE in fold.accepted[oid]:
        told += _policy_changes(before.policy, fold.policy)
    audit.deeds += (Deed(oid, time, signer, kind, what) for kind, what in told)
    return fold


def _founding(objects: Objects, oid: Oid, policy: Policy) -> Iterator[Deed]:
    commit = objects.commit(oid)
    signer = min(policy.humans)
    nobody = Policy({}, (), None, policy.sync)
    for kind, what in _policy_changes(nobody, policy):
        yield Deed(oid, commit.time, signer, kind, what)


def _decisions(objects: Objects, policy: Policy, changes: Changes) -> Iterator[tuple[str, str]]:
    for move in infer_moves(changes, objects.blob):
        kind = policy.workflow.kind_of_move(move.src, move.dst)
        if kind in DECISIONS and (kind != "claim" or policy.is_held(move.dst)):
            yield kind, f"{move.src} -> {move.dst}"


def _policy_changes(before: Policy, after: Policy) -> Iterator[tuple[str, str]]:
    yield "policy", "changed" if before.agents else "founded"
    for name in sorted(before.agents.keys() | after.agents.keys()):
        old, new = before.agents.get(name), after.agents.get(name)
        if old != new:
            yield "agent", f"{name}: {standing_of(new)}"


def standing_of(agent: Agent | None) -> str:
    """What an agent is, in words: its key's fingerprint, and whether it is human or revoked."""
    if agent is None:
        return "removed"
    if agent.unsigned:
        return "speaks for commits nobody signed"
    key = fingerprint(agent.key) if agent.key else "no key"
    words = ("human, " if agent.human else "") + ("REVOKED, " if agent.revoked else "")
    return words + key
