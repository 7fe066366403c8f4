"""Taking over a task whose agent fell silent, and taking that back where the agent was not silent after all.

A takeover is a local commit that says from whom (`TAKES_OVER`). It may be published only in the cycle in
which its machine knew of the silence, and only if nothing by that agent turns up on the way: what was not
published at once is taken back when local commits are replayed. Words written on the way are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.core.git.changes import Move, infer_moves
from vaultkit.core.git.message import read_trailer
from vaultkit.core.git.tree import Commit, Objects, Oid, changes_between, with_edits
from vaultkit.core.history.fold import Fold
from vaultkit.core.naming.conflict_copies import conflict_path
from vaultkit.core.rules.identity import CHANGE, Identity
from vaultkit.core.rules.policy import Policy
from vaultkit.core.text.stamps import without_stamps

TAKES_OVER = "Vaultkit-Takes-Over"
"""The trailer of a commit that takes a task over; its value is the agent that held it."""


def taken_from(commit: Commit, identity: Identity) -> str | None:
    """The agent from whom this commit of ours takes a task over."""
    holder = read_trailer(commit.message, TAKES_OVER)
    return holder if holder and identity.made(commit) else None


def is_in_vain(commit: Commit, identity: Identity, key: str, onto: Fold | None = None) -> bool:
    """Must this takeover be taken back? `key` is the cycle's nonce, `onto` what was published meanwhile."""
    holder = taken_from(commit, identity)
    if holder is None:
        return False
    was_heard = onto is not None and holder in onto.signers.values()
    return was_heard or read_trailer(commit.message, CHANGE) != key


def without_takeover(
    objects: Objects, before: Oid | None, ours: Oid, commit: Commit, identity: Identity, policy: Policy
) -> Oid:
    """The tree `ours` with the task back where it was; words that are no stamps become a conflict copy."""
    edits: dict[str, Oid | None] = {}
    for move in _taken(objects, before, ours, commit, identity, policy):
        edits |= {move.src: move.old, move.dst: None}
        if without_stamps(objects.blob(move.old), objects.blob(move.new)) != objects.blob(move.old):
            edits[conflict_path(move.dst, identity.agent, commit.time)] = move.new
    return with_edits(objects, ours, edits) if edits else ours


def _taken(
    objects: Objects, before: Oid | None, ours: Oid, commit: Commit, identity: Identity, policy: Policy
) -> Iterator[Move]:
    holder, workflow = taken_from(commit, identity), policy.workflow
    for move in infer_moves(changes_between(objects, before, ours), objects.blob):
        ends = (workflow.holder(move.src, policy.agents), workflow.holder(move.dst, policy.agents))
        if ends == (holder, identity.agent):
            yield move
