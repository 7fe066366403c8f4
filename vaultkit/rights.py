"""May this machine make these changes? Asked before the first of them, so that none is made in vain."""

from __future__ import annotations

from typing import NoReturn

from vaultkit.core.cycle.mass_deletion import is_mass_deletion, removals
from vaultkit.core.git.tree import Changes
from vaultkit.core.history.fold import policy_at
from vaultkit.core.merging.reversal import changes_trust
from vaultkit.core.rules.judge import judge_changes
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.rules.staying import reason_to_stay
from vaultkit.core.rules.untrusted import why_untrusted
from vaultkit.desk import Desk
from vaultkit.errors import RefusedByPolicy, ZoneViolation


def refuse_forbidden(desk: Desk, edits: Changes) -> None:
    """RefusedByPolicy if any of `edits` may not be made here; they are judged like any local change."""
    tree = desk.head_tree()
    policy = policy_at(desk.objects, tree)
    verdict = judge_changes(policy, desk.identity.acts_as(policy), edits, desk.objects, tree)
    for path, refusal in sorted(verdict.refused.items()):
        refuse(desk, policy, path, refusal)


def refuse(desk: Desk, policy: Policy, path: str, refusal: Refusal) -> NoReturn:
    """Say why not, and who could change that."""
    workflow = policy.workflow
    me, holder = desk.identity.acts_as(policy), workflow.holder(path, policy.agents)
    hint = "The zones are in vaultkit.yaml; only a human agent may change them."
    if refusal.rule == "collision":
        hint = "Rename or move that one, then try again."
    if refusal.rule == "owner":
        hint = "Ask its owner or the person to do it, or to hand the note over."
    if workflow.stage_of(path) == "in_progress" and not policy.is_held(path):
        hint = f"It is in no agent's folder; the person drags it to {workflow.place('needs_action', '')}."
    elif holder and holder != me:
        hint = f"{holder} has this task; take another one, or wait until the person hands it out anew."
    if me is None:
        refusal, hint = why_untrusted(desk.identity.agent, policy), "There: `vaultkit agents add LINE`."
    error = ZoneViolation if refusal.rule == "zone" else RefusedByPolicy
    raise error(f"{path}: {refusal.detail} (rule: {refusal.rule})", hint=hint, note=path)


def refuse_staying(path: str, *contents: bytes | None) -> None:
    """A note that stays on this machine is in no commit, so nothing that is a commit can be done with it."""
    found = (reason_to_stay(path, data) for data in contents if data is not None)
    if refusal := next(filter(None, found), None):
        raise RefusedByPolicy(
            f"{path}: {refusal.detail} (rule: {refusal.rule})",
            hint="Without `zone: local` in its frontmatter it is shared like any other note.",
            note=path,
        )


def refuse_unasked_trust(desk: Desk, edits: Changes) -> None:
    """Who is trusted is decided on purpose, not by bringing an old policy back."""
    if changes_trust(desk.objects, edits):
        raise RefusedByPolicy(
            "that would change which keys are trusted",
            hint="Say whom to trust with `vaultkit agents add` and `vaultkit agents revoke`.",
        )


def refuse_mass_deletion(desk: Desk, edits: Changes) -> None:
    """Many notes are only ever deleted by deleting them, and saying that it was meant."""
    tree = desk.head_tree()
    gone = removals(desk.objects, edits)
    if is_mass_deletion(desk.objects, policy_at(desk.objects, tree), tree, gone):
        raise RefusedByPolicy(
            f"that would delete {len(gone)} notes at once",
            hint="Delete them in Obsidian, then `vaultkit resolve --deletions allow`.",
        )
