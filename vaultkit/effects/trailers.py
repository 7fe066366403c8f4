"""Who made a commit, as its trailer says. Verification by keys will stand behind the same port."""

from __future__ import annotations

from dataclasses import replace

from vaultkit.core.message import add_trailer, read_trailer
from vaultkit.core.tree import Commit

AGENT = "Vaultkit-Agent"


class TrailerVerifier:
    """The Verifier port, trusting the trailer `Vaultkit-Agent`."""

    def signer(self, commit: Commit) -> str | None:
        return read_trailer(commit.message, AGENT)

    def sign(self, commit: Commit, agent: str) -> Commit:
        return replace(commit, message=add_trailer(commit.message, AGENT, agent))
