"""The terms of one cycle: what stays the same from its beginning to its end."""

from __future__ import annotations

from dataclasses import dataclass

from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.protocol import Began
from vaultkit.core.git.tree import Objects
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.identity import Identity
from vaultkit.core.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """Where objects are, who acts, what was asked for, and the policy that local changes are judged by.

    `judged_as`: the agent whose rights this machine has; None if nobody trusts its key.
    """

    objects: Objects
    identity: Identity
    begun: Began
    policy: Policy
    judged_as: str | None


def terms_of(objects: Objects, identity: Identity, begun: Began) -> Terms:
    """A cycle judges by the policy that was in force when it began; the first one by that which it founds."""
    policy = begun.founding or policy_at(objects, LocalBranch(objects, begun.replica).tree)
    return Terms(objects, identity, begun, policy, identity.acts_as(policy))
