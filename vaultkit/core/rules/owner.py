"""Who owns a note: the agent its frontmatter names as `owner`.

Only the owner and a human agent may change an owned note. What counts is the owner in the version that
is to be changed, so nobody writes himself in. An owner that is no agent of the policy (a person's name)
binds nobody, and neither does a frontmatter that cannot be read.
"""

from __future__ import annotations

from vaultkit.core.git.tree import Objects, Oid
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.rules.workflow import agent_of_folder
from vaultkit.core.text.note import BrokenFrontmatter, read_meta

MOST_OWNED_BYTES = 1024 * 1024
"""Only a note can be owned, and no note is as large as that."""


def owner_of(data: bytes, policy: Policy) -> str | None:
    """The agent that owns a note with this content; `cloud` may stand for `cloud_agent`."""
    if b"owner" not in data and b"\\" not in data:
        return None  # as good as always, and reading a frontmatter costs much more than looking for a word
    try:
        named = read_meta(data).get("owner")
    except BrokenFrontmatter:
        return None
    agent = agent_of_folder(named.strip(), policy.agents) if isinstance(named, str) else ""
    return agent if agent in policy.agents else None


def owner_refusal(
    policy: Policy, agent: str | None, path: str, old: Oid | None, objects: Objects
) -> Refusal | None:
    """Why `agent` may not change the note at `path` that holds `old`; None if no owner forbids it."""
    if old is None or agent in policy.humans:
        return None
    if policy.workflow.holder(path, policy.agents) == agent:
        return None  # a person handed it to this agent, whatever is written in it
    try:
        data = objects.blob(old) if objects.blob_size(old) <= MOST_OWNED_BYTES else b""
    except KeyError:
        return None  # another rule says so
    owner = owner_of(data, policy)
    if owner in (None, agent):
        return None
    return Refusal("owner", f"{owner} owns this note; only {owner} and a human agent may change it")
