"""A move made by command: the same rename that a drag in Obsidian is, refused before anything is changed."""

from __future__ import annotations

from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.rules.owner import owner_refusal
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.errors import VaultError
from vaultkit.rights import refuse

SOME = Oid("0" * 40)


def refuse_drag(desk: Desk, policy: Policy, src: str, dst: str) -> None:
    """RefusedByPolicy if this machine may not move a note from `src` to `dst`."""
    agent = desk.identity.acts_as(policy)
    if not policy.may_take(agent, src, dst):
        there = find_file(desk.objects, desk.head_tree(), src)
        refusal = policy.judge(agent, src, SOME, None, None)
        if refusal := refusal or owner_refusal(policy, agent, src, there, desk.objects):
            refuse(desk, policy, src, refusal)
    if refusal := policy.judge(agent, dst, None, SOME, 0):
        refuse(desk, policy, dst, refusal)


def make_drag(desk: Desk, src: str, dst: str) -> None:
    """Move a note; VaultError, and nothing is changed, if it is gone or something is at `dst`."""
    if not desk.disk.rename(src, dst):
        problem = f"{src} cannot move to {dst}: something is there already, or the note is gone"
        raise VaultError(problem, hint="Look at both in Obsidian.", note=src)
