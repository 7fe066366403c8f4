"""Why nothing that this machine sends counts: nobody trusts its key yet, or it was revoked."""

from __future__ import annotations

from collections.abc import Mapping

from vaultkit.core.rules.policy import Policy, Refusal

UNTRUSTED = Refusal(
    "identity",
    "this machine's key is not trusted yet; `vaultkit agents show` prints the line for the person's machine",
)
REVOKED = Refusal(
    "identity",
    "this machine's key was revoked; `vaultkit agents show` prints the line by which it can be trusted anew",
)


def why_untrusted(agent: str, policy: Policy) -> Refusal:
    """To be told on the machine of `agent`, none of whose keys `policy` trusts."""
    known = policy.agents.get(agent)
    return REVOKED if known and known.revoked else UNTRUSTED


def blame_key(refused: Mapping[str, Refusal], agent: str, policy: Policy) -> dict[str, Refusal]:
    """The same refusals; where no zone would let "nobody known" write, it is the key that is to blame."""
    why = why_untrusted(agent, policy)
    return {path: why if refusal.rule == "zone" else refusal for path, refusal in refused.items()}
