"""What a new agent may be called: a word, and nothing that is taken for an agent who writes here already.

Agents are told apart by name in folders and in frontmatter, where `cloud` may stand for `cloud_agent`. A
name that only looks like another's is refused: a person goes by what they see.
"""

from __future__ import annotations

from vaultkit.core.naming.paths import is_word
from vaultkit.core.naming.skeleton import skeleton
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import folders_of_agents
from vaultkit.errors import UsageError


def refuse_no_name(name: str) -> None:
    """UsageError for what cannot be any agent's name."""
    if not is_word(name):
        raise UsageError(f"{name!r} cannot be an agent's name", hint="Use letters, digits and _.")


def refuse_taken_name(policy: Policy, name: str) -> None:
    """UsageError if there is an agent of this name, or of one that would be taken for it."""
    if name in policy.agents:
        raise UsageError(f"there is an agent {name} already", hint="`vaultkit agents list` names them.")
    looks = {skeleton(folder) for folder in folders_of_agents([name])}
    for other in policy.agents:
        if looks & {skeleton(folder) for folder in folders_of_agents([other])}:
            raise UsageError(f"{name} would be taken for {other}", hint="Choose another name.")
