"""Who made a commit, as its trailer says. Verification by keys will stand behind the same port."""

from __future__ import annotations

from dataclasses import replace

from vaultkit.core.message import add_trailer, read_trailer
from vaultkit.core.tree import Commit

AGENT = "Vaultkit-Agent"


class TrailerVerifier:
    """The Verifier port, trusting the trailer `Vaultkit-Agent`."""

    def signer(self, commit: Commit) -> str | None:
        """The agent that the commit's last such trailer names; None for a commit by plain git."""
        return read_trailer(commit.message, AGENT)

    def sign(self, commit: Commit, agent: str) -> Commit:
        """The same proposal in the name of `agent`, whoever it named before."""
        return replace(commit, message=add_trailer(commit.message, AGENT, agent))
