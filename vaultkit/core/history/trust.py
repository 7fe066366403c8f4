"""Where trust begins, and how far along history it reaches without judging every note.

A vault is founded by a commit that brings the first policy and that a human agent of this very policy
signed. From there on a policy follows from the one before: it is adopted only if a human agent signed
it. So the policies can be followed by looking at one file per commit. The newest commit that a human
agent's vaultkit made is a checkpoint: its tree is an effective tree, and a machine that joins (or has
lost its records) judges only what came after it.

Who founded the vault is the one thing that history cannot prove: its fingerprint is shown when a
machine joins, for a person to compare, and pinned from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vaultkit.core.git.sshsig import sha256
from vaultkit.core.git.tree import FILE, Commit, Objects, Oid
from vaultkit.core.history.arrival import entry_at
from vaultkit.core.history.fold import Fold, policy_at
from vaultkit.core.history.incoming import fold_path
from vaultkit.core.history.ways import Standing, path_between
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.identity import COMMITS, author_of, is_checkpoint, standing, stands_on_effective_tree
from vaultkit.core.rules.policy import POLICY_FILE, Policy
from vaultkit.errors import PolicyError


@dataclass(frozen=True, slots=True)
class Step:
    """One commit, and the policy in force before it."""

    oid: Oid
    policy: Policy


def founding_commit(objects: Objects, head: Oid) -> Oid | None:
    """The oldest commit that brings a policy and is signed by a human agent of that policy."""
    path = path_between(objects, lambda _, commit: int(bool(commit.signature)), None, head) or []
    return next((oid for oid in path if _founds(objects, objects.commit(oid))), None)


def _founds(objects: Objects, commit: Commit) -> bool:
    policy = _readable_policy(objects, commit.tree)
    return policy is not None and is_checkpoint(commit, policy)


def fold_from(objects: Objects, start: Oid, head: Oid) -> Fold | None:
    """What counts at `head`, given that the tree of `start` counts as it is; None if no way leads there."""
    steps = follow_policies(objects, start, head)
    if steps is None:
        return None
    base = checkpoint(objects, start, steps)
    rest = [step.oid for step in steps]
    rest = rest[rest.index(base) + 1 :] if base in rest else rest
    tree = objects.commit(base).tree
    return fold_path(objects, base, tree, policy_at(objects, tree), rest)


def checkpoint(objects: Objects, start: Oid, steps: Sequence[Step]) -> Oid:
    """The newest commit of the way whose tree can be taken whole; `start` if there is none."""
    newest_first = reversed(steps)
    return next((s.oid for s in newest_first if is_checkpoint(objects.commit(s.oid), s.policy)), start)


def follow_policies(objects: Objects, start: Oid, head: Oid) -> list[Step] | None:
    """The commits after `start` up to `head`, each with the policy in force before it.

    Which side of a merge is the way depends on who signed what, and that on the policies: so the way
    is looked for again with the keys that were found on it, until it stays the same.
    """
    policies = [policy_at(objects, objects.commit(start).tree)]
    before: list[Oid] | None = None
    while True:
        path = path_between(objects, _standing_in_any(policies), start, head)
        if path is None:
            return None
        steps = list(_follow(objects, start, path))
        if path == before or all(len(objects.commit(oid).parents) < 2 for oid in path):
            return steps
        before, policies = path, [step.policy for step in steps]


def _standing_in_any(policies: Sequence[Policy]) -> Standing:
    """What a signer counts for under the policy that gives it most."""
    distinct = list({id(policy): policy for policy in policies}.values())
    return lambda _, commit: max(standing(commit, policy) for policy in distinct)


def _follow(objects: Objects, start: Oid, path: Sequence[Oid]) -> Iterator[Step]:
    """The fold, for the one file that the policy is in."""
    raw = counts = _policy_entry(objects, objects.commit(start).tree)
    policy = policy_at(objects, objects.commit(start).tree)
    for oid in path:
        yield Step(oid, policy)
        commit = objects.commit(oid)
        proposed = _policy_entry(objects, commit.tree)
        is_own = proposed != counts and (proposed != raw or stands_on_effective_tree(commit))
        new = _adopted(objects, commit, policy) if is_own and proposed else None
        raw = proposed
        policy, counts = (new, proposed) if new else (policy, counts)


def _adopted(objects: Objects, commit: Commit, policy: Policy) -> Policy | None:
    oid = _policy_entry(objects, commit.tree)
    if oid is None or author_of(commit, policy).agent not in policy.humans:
        return None
    if policy.refusal(POLICY_FILE, objects.blob_size(oid)):
        return None
    return _readable_policy(objects, commit.tree)


def _policy_entry(objects: Objects, tree: Oid) -> Oid | None:
    entry = entry_at(objects, tree, POLICY_FILE)
    return entry.oid if entry and entry.mode == FILE else None


def _readable_policy(objects: Objects, tree: Oid) -> Policy | None:
    oid = _policy_entry(objects, tree)
    try:
        return read_policy(objects.blob(oid)) if oid else None
    except (PolicyError, KeyError):
        return None


def allowed_signers(objects: Objects, start: Oid, head: Oid, policy: Policy) -> list[str]:
    """The lines by which git verifies the commits: every key that a policy in force has trusted, or does.

    git asks only whether the key is known; which zones it has, and from when to when it counts, the
    policies say.
    """
    policies = [*(step.policy for step in follow_policies(objects, start, head) or ()), policy]
    agents = (agent for policy in policies for agent in policy.agents.values())
    lines = (f'{agent.name} namespaces="{COMMITS}" {agent.key}' for agent in agents if agent.key)
    return list(dict.fromkeys(lines))


def policy_fingerprint(data: bytes) -> str:
    """What a person compares to know that two machines speak of the same policy."""
    return sha256(data)
