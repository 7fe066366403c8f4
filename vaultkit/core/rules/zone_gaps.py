"""Folders of the workflow that the zones forgot: renamed under `workflow:`, and not under `zones:`.

Such a policy is valid, and means that agents may not work there, which nobody meant. It is told, no more: who
writes a zone for the folder, whatever it allows, has thought of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.core.naming.paths import fold_key
from vaultkit.core.rules.policy import POLICY_FILE, Policy
from vaultkit.core.rules.workflow import DEFAULT_FOLDERS

NEEDED = ("needs_action", "in_progress", "pending_approval")
"""The stages without which no agent can work. Who has no use for another one may well leave it out."""
DECISIONS = ("approved", "rejected")
"""The stages that are a person's alone."""


def zone_gaps(policy: Policy) -> list[str]:
    """What to tell of the folders that no zone names, and in which agents (or all) may write nothing."""
    return [told for stage in policy.workflow.folders for told in _gap(policy, stage)]


def _gap(policy: Policy, stage: str) -> Iterator[str]:
    folder, usual = policy.workflow.folders[stage], DEFAULT_FOLDERS[stage]
    if (folder == usual and stage not in NEEDED) or _is_named(policy, folder):
        return
    writers = {agent for agent in policy.agents if _may_write(policy, stage, agent)}
    workers = _workers(policy)
    if not writers or (workers and not workers & writers and stage not in DECISIONS):
        who = "no agent but a person's" if writers else "nobody"
        old = f"; rename `{usual}/` there too" if _is_named(policy, usual) else ""
        yield f"{POLICY_FILE}: no zone names {folder}/ (`{stage}`), so {who} may write there{old}"


def _is_named(policy: Policy, folder: str) -> bool:
    return any(fold_key(zone.path.pattern).startswith(fold_key(f"{folder}/")) for zone in policy.zones)


def _may_write(policy: Policy, stage: str, agent: str) -> bool:
    return policy.may(agent, policy.workflow.place(stage, "note.md", agent), adds=True)


def _workers(policy: Policy) -> set[str]:
    return {name for name, agent in policy.agents.items() if not (agent.human or agent.revoked)}
