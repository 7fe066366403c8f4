"""Who writes here: the agents of the policy, their keys, and trusting, revoking and renewing them.

All of it is an edit of `vaultkit.yaml` on a human agent's machine, committed and signed like any other
change; it takes effect from that commit on. A machine proves nothing by its agent's name: the person
carries its pairing line over, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vaultkit.core.git.sshsig import fingerprint
from vaultkit.core.git.tree import find_file
from vaultkit.core.history.fold import policy_at
from vaultkit.core.history.trust import policy_fingerprint
from vaultkit.core.rules.agent_names import refuse_no_name, refuse_taken_name
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.pairing import Pairing, read_pairing, write_pairing
from vaultkit.core.rules.policy import POLICY_FILE, THE_AGENT, Agent, Policy
from vaultkit.core.rules.policy_edit import add_agent, revoke_agent, trust_key
from vaultkit.core.rules.policy_rights import share_rights
from vaultkit.desk import Desk
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.keys import make_key
from vaultkit.errors import RefusedByPolicy, UsageError, VaultError
from vaultkit.opening import read_machine_file, write_machine_file
from vaultkit.report import Cycle

MOST_POLICY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class AgentInfo:
    """An agent of the policy. `is_me`: this machine holds the key that the policy trusts for it."""

    name: str
    kind: str
    key: str | None
    fingerprint: str | None
    trusted: bool
    is_me: bool
    writes: tuple[str, ...]


class Agents:
    """The agents as one machine sees them. The caller holds the vault's lock."""

    def __init__(self, root: Path, desk: Desk, cycle: Cycle) -> None:
        self._root = root
        self._desk = desk
        self._cycle = cycle

    def all(self) -> list[AgentInfo]:
        policy = self._policy()
        return [self._info(policy, agent) for agent in policy.agents.values()]

    def policy_fingerprint(self) -> str:
        """What `vaultkit join` shows on another machine, if it saw the same policy."""
        oid = find_file(self._desk.objects, self._desk.head_tree(), POLICY_FILE)
        return policy_fingerprint(self._desk.objects.blob(oid) if oid else b"")

    def pairing_line(self) -> str:
        """What a person carries to their own machine to trust this one."""
        keys = self._desk.identity.keys.public()
        if not keys:
            raise VaultError("this machine has no key", hint="Make one: `vaultkit agents rotate`.")
        return write_pairing(Pairing(self._desk.identity.agent, keys[0]))

    def enlist(self, name: str, like: str, *, human: bool = False) -> AgentInfo:
        """Make `name` an agent that may all that `like` may; its key is trusted later."""
        self._refuse_unless_human()
        refuse_no_name(name)

        def change(data: bytes) -> bytes:
            refuse_taken_name(read_policy(data), name)
            return share_rights(add_agent(data, name, human=human), name, like)

        self._edit(change, f"add {name}, like {like}")
        return self._welcome(name)

    def trust(self, line: str, *, human: bool = False, like: str = "") -> AgentInfo:
        """Let the key in a pairing line sign for its agent, from now on."""
        try:
            name, key = read_pairing(line)
        except ValueError as error:
            raise UsageError(str(error), hint="Copy the whole line that the other machine shows.") from error
        self._refuse_unless_human()

        def change(data: bytes) -> bytes:
            if name not in (policy := read_policy(data)).agents:
                refuse_taken_name(policy, name)
            after = trust_key(data, name, key, human=human)
            return share_rights(after, name, like) if like else after

        self._edit(change, f"trust {name}, like {like}" if like else f"trust {name}")
        return self._welcome(name)

    def revoke(self, name: str) -> None:
        """From now on, what this agent's key signs counts for nothing."""
        self._refuse_unless_human()
        self._edit(lambda data: revoke_agent(data, name), f"revoke {name}")

    def rotate(self, home: Path, *, in_keyring: bool = False) -> str:
        """Make this machine a new key; returns the pairing line. A human agent trusts its own at once."""
        me = self._desk.identity
        place, key = make_key(home, me.agent, in_keyring=in_keyring)
        machine = read_machine_file(self._root)
        write_machine_file(self._root, replace(machine, keys=(place, *machine.keys)))
        if me.acts_as(self._policy()) in self._policy().humans:
            self._edit(lambda data: trust_key(data, me.agent, key), f"renew the key of {me.agent}")
        return self.pairing_line()

    def _policy(self) -> Policy:
        return policy_at(self._desk.objects, self._desk.head_tree())

    def _info(self, policy: Policy, agent: Agent) -> AgentInfo:
        kinds = {"human": agent.human, "unsigned": agent.unsigned, "agent": True}
        patterns = (zone.path.pattern for zone in policy.zones if zone.names(agent.name))
        writes = tuple(pattern.replace(THE_AGENT, agent.name) for pattern in patterns)
        return AgentInfo(
            name=agent.name,
            kind=next(kind for kind, is_so in kinds.items() if is_so),
            key=agent.key,
            fingerprint=fingerprint(agent.key) if agent.key else None,
            trusted=bool(agent.key) and not agent.revoked,
            is_me=agent.key in self._desk.identity.keys.public(),
            writes=writes,
        )

    def _welcome(self, name: str) -> AgentInfo:
        """An agent has a folder here from the beginning, for a person to drag tasks into."""
        policy = self._policy()
        folder = policy.workflow.folder_of(name, lambda at: self._desk.disk.item(at) is not None)
        VaultFiles(str(self._root)).make_folder(policy.workflow.place("in_progress", folder))
        return self._info(policy, policy.agents[name])

    def _refuse_unless_human(self) -> None:
        policy = self._policy()
        if self._desk.identity.acts_as(policy) not in policy.humans:
            humans = " or ".join(sorted(policy.humans))
            raise RefusedByPolicy(
                "only a human agent may change who is trusted", hint=f"Do it on the machine of {humans}."
            )

    def _edit(self, change: Callable[[bytes], bytes], message: str) -> None:
        there = self._desk.disk.read(POLICY_FILE, MOST_POLICY_BYTES)
        before = there[0] if there else b""
        after = change(before)
        if after != before and self._desk.disk.replace(POLICY_FILE, before, after) is None:
            raise VaultError(f"{POLICY_FILE} is being edited", hint="Try again.", note=POLICY_FILE)
        report = self._cycle(frozenset([POLICY_FILE]), message)
        if held := next((held for held in report.held if held.path == POLICY_FILE), None):
            raise VaultError(f"{POLICY_FILE}: {held.detail}", hint="Mend it by hand.", note=POLICY_FILE)
