"""Who made a commit: the agent whose key signed it, by the policy in force. Author names prove nothing.

A good signature by a key that an agent has now makes the commit that agent's. A commit that nobody
signed belongs to the policy's unsigned agent, if there is one. Anything else (a key nobody has, a
revoked one, a signature that does not fit) belongs to nobody, and nobody may change anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

from vaultkit.core.git.git_format import encode_commit
from vaultkit.core.git.message import one_line, read_trailer
from vaultkit.core.git.sshsig import (
    BadSignature,
    armored,
    check_signature,
    digest_of,
    fingerprint,
    to_be_signed,
)
from vaultkit.core.git.tree import Commit
from vaultkit.core.rules.policy import Policy
from vaultkit.errors import UsageError

COMMITS = "git"
"""The namespace of a commit's signature; git itself looks for this one."""

MOST_SIGNATURE = 4096
"""Longer text is no signature here, and is not kept in memory as if it were one."""

CHANGE = "Vaultkit-Change"
"""The trailer that every commit by vaultkit carries: a name nobody else will ever have."""


ACTOR = "Vaultkit-Actor"
"""The trailer that names the program which made the commit, where several work as one agent."""

MOST_ACTOR = 64


class Keys(Protocol):
    """The private keys this machine holds. They never leave it, and never lie in the vault."""

    def public(self) -> tuple[str, ...]:
        """Their public halves, newest first."""

    def sign(self, key: str, data: bytes) -> bytes:
        """The 64 bytes by which the private half of `key` signs `data`; KeyError if it is not here."""


class Author(NamedTuple):
    """`agent` made the commit, with `key`; None for nobody known, and then `problem` says why."""

    agent: str | None
    key: str = ""
    problem: str = ""


def author_of(commit: Commit, policy: Policy) -> Author:
    """Who made `commit`, by the policy in force before it."""
    if not commit.signature:
        return Author(policy.unsigned_agent, "", "nobody signed it")
    key, problem = signature_of(commit)
    agent = policy.agent_with(key) if key else None
    if agent is None:
        return Author(None, key, problem or f"no agent here has the key that signed it ({fingerprint(key)})")
    if agent.revoked:
        return Author(None, key, f"the key that signed it was revoked ({agent.name}, {fingerprint(key)})")
    return Author(agent.name, key)


def signature_of(commit: Commit) -> tuple[str, str]:
    """The key that signed the commit, and "", or "" and what is wrong."""
    if not commit.signature:
        return "", "nobody signed it"
    return _check(commit.signature[:MOST_SIGNATURE], digest_of(_payload(commit)))


def standing(commit: Commit, policy: Policy) -> int:
    """What its signer counts for: 2 for a human agent, 1 for another known one, 0 for nobody known."""
    author = author_of(commit, policy)
    return 2 if author.agent in policy.humans else 1 if author.key and author.agent else 0


def stands_on_effective_tree(commit: Commit) -> bool:
    """Does it say that vaultkit made it? Such a commit is built on what counts, not on what was pushed.

    vaultkit makes no merges; what says so of a merge was added to it by somebody else.
    """
    return len(commit.parents) < 2 and read_trailer(commit.message, CHANGE) is not None


def is_checkpoint(commit: Commit, policy: Policy) -> bool:
    """Did a human agent's vaultkit make it? Then its tree is an effective tree, and counts as it is."""
    return stands_on_effective_tree(commit) and author_of(commit, policy).agent in policy.humans


@lru_cache(maxsize=1024)  # a cycle asks several times about the same few commits
def _check(signature: bytes, digest: bytes) -> tuple[str, str]:
    try:
        signed = check_signature(signature, digest)
    except BadSignature as error:
        return "", str(error)
    return (signed.key, "") if signed.namespace == COMMITS else ("", "its signature was made for other uses")


def _payload(commit: Commit) -> bytes:
    """What the signature is over: the commit without it, byte by byte as it was written."""
    return commit.payload or encode_commit(replace(commit, signature=b""))


def sign_commit(commit: Commit, keys: Keys, key: str) -> Commit:
    """The commit with a signature by `key`, whatever any policy says; KeyError if `keys` has not got it."""
    plain = replace(commit, signature=b"", payload=b"")
    signature = keys.sign(key, to_be_signed(COMMITS, digest_of(encode_commit(plain))))
    return replace(plain, signature=armored(key, COMMITS, signature))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this machine is: an agent's name, the keys it may sign with, and which of its programs this is."""

    agent: str
    keys: Keys
    actor: str = ""

    def key_in(self, policy: Policy) -> str | None:
        """The key of ours that the policy trusts, None if there is none (yet, or any more)."""
        agent = policy.agents.get(self.agent)
        if agent is None or agent.revoked or agent.key not in self.keys.public():
            return None
        return agent.key

    def acts_as(self, policy: Policy) -> str | None:
        """The agent's name, if the policy trusts a key of ours; None: whatever we send counts for nothing."""
        return self.agent if self.key_in(policy) else None

    def sign(self, commit: Commit, policy: Policy) -> Commit:
        """The same proposal, signed as the policy wants it; ValueError if it trusts no key of ours."""
        key = self.key_in(policy)
        if key is None:
            raise ValueError(f"the policy trusts no key that {self.agent} has here")
        return sign_commit(commit, self.keys, key)

    def made(self, commit: Commit) -> bool:
        """Did a key of ours sign it?"""
        return signature_of(commit)[0] in self.keys.public()


def checked_actor(actor: str) -> str:
    """An actor's name as it may stand in a commit; UsageError for one that is long or no single line."""
    if actor and (len(actor) > MOST_ACTOR or one_line(actor) != actor):
        raise UsageError(
            f"{one_line(actor)[:MOST_ACTOR]!r} cannot be an actor's name",
            hint=f"Use one line of at most {MOST_ACTOR} characters, like `mailer` or `worker 3`.",
        )
    return actor


def actor_of(message: str) -> str:
    """Which program made a commit, as its message says; "" if it does not."""
    found = read_trailer(message, ACTOR) if ACTOR in message else None
    return one_line(found)[:MOST_ACTOR] if found else ""
