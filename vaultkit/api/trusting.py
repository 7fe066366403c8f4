"""Who is trusted: agents and their keys."""

from __future__ import annotations

from pathlib import Path

from vaultkit.agents import AgentInfo
from vaultkit.api.session import Session
from vaultkit.core.history.trust import allowed_signers


class Trusting(Session):
    """The agents of a vault, and whose keys count."""

    def agents(self) -> list[AgentInfo]:
        """The agents of the policy, and which of their keys count."""
        return self._agents.all()

    def policy_fingerprint(self) -> str:
        """What another machine shows when it joins, if it sees the same policy."""
        return self._agents.policy_fingerprint()

    def pairing_line(self) -> str:
        """This machine's agent and public key, for `trust` on a human agent's machine."""
        return self._agents.pairing_line()

    def is_trusted(self, *, newest: bool = False) -> bool:
        """Does the policy trust a key of this machine (`newest`: the one made last)?"""
        key = self._desk.identity.key_in(self.policy)
        return key is not None and (not newest or key == self._desk.identity.keys.public()[0])

    def allowed_signers(self) -> list[str]:
        """The lines of the file by which `git log --show-signature` verifies this vault's commits."""
        with self._locked("agents"):
            start, head = self._desk.trusted, self.head()
            return allowed_signers(self._desk.objects, start, head, self.policy) if start and head else []

    def add_agent(self, name: str, *, like: str, human: bool = False) -> AgentInfo:
        """Write a new agent into the policy, with all the rights of the agent `like`; `human`: a person's.

        It counts once `trust` has its key. Raises UsageError for a name that is none or taken, for a `like`
        that is nobody or that may approve where the new one is not `human`; else as `trust` does.
        """
        with self._locked("agents"):
            return self._agents.enlist(name, like, human=human)

    def trust(self, line: str, *, human: bool = False, like: str = "") -> AgentInfo:
        """Let the key in a pairing line sign for its agent; `human` for a new agent of a person's.

        `like` gives it the rights of that agent too. Raises UsageError for a line that is none and for a new
        name that would be taken for another's, RefusedByPolicy where no human agent is, PolicyError where it
        cannot be written into the policy.
        """
        with self._locked("agents"):
            return self._agents.trust(line, human=human, like=like)

    def revoke(self, name: str) -> None:
        """From now on, what this agent's key signs counts for nothing. Raises as `trust` does."""
        with self._locked("agents"):
            self._agents.revoke(name)

    def rotate(self, home: Path, *, in_keyring: bool = False) -> str:
        """Make this machine a new key below `home`, and return its pairing line.

        A human agent trusts its own new key at once; another's counts once a human agent trusts it.
        """
        with self._locked("agents"):
            return self._agents.rotate(home, in_keyring=in_keyring)
