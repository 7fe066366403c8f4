"""Which vault it is that is joined, and from where its history is judged."""

from __future__ import annotations

from pathlib import Path

from vaultkit.core.git.sshsig import fingerprint
from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.history.arrival import problem_of_whole
from vaultkit.core.history.trust import checkpoint, follow_policies, founding_commit, policy_fingerprint
from vaultkit.core.rules.config import Machine
from vaultkit.core.rules.policy import BY_HUMAN, POLICY_FILE, Policy
from vaultkit.desk import Progress
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import open_repository
from vaultkit.effects.transport import open_transport
from vaultkit.errors import NotAVault, RefusedByPolicy, UsageError
from vaultkit.ports import CredentialSource
from vaultkit.setup.folder import Tell


def fetch_trusted(
    root: Path, machine: Machine, credentials: CredentialSource, tell: Tell, progress: Progress
) -> tuple[Oid, bytes]:
    """Fetch all, and find the commit to judge from, with its policy; an earlier run's finding stands."""
    repo = open_repository(str(root))
    objects = GitObjects(repo)
    if machine.remote is None:
        raise UsageError("joining needs the address of a remote")
    transport = open_transport(objects, machine.remote, credentials=credentials, deadline=3600)
    try:
        head = transport.look()
        if head is None:
            hint = "Run `vaultkit init --agent NAME --human --remote URL` on the person's machine first."
            raise NotAVault(f"the remote {machine.remote} is empty", hint=hint)
        if not objects.contains(head):
            tell(f"fetching from {machine.remote}")
            progress("fetching", 0, 0)
            transport.fetch(head, ())
        objects.set_tracking(head)
        start = _trusted_start(objects, machine, head)
        oid = find_file(objects, objects.commit(start).tree, POLICY_FILE)
        return start, objects.blob(oid) if oid else b""
    finally:
        transport.close()
        repo.close()


def _trusted_start(objects: GitObjects, machine: Machine, head: Oid) -> Oid:
    if machine.trusted:
        return Oid(machine.trusted.split()[0])
    founding = founding_commit(objects, head)
    steps = follow_policies(objects, founding, head) if founding else None
    if founding is None or steps is None:
        hint = "Is this the right address? A vault is started with `vaultkit init --human`."
        raise NotAVault(f"the remote {machine.remote} holds no vault that a person's key signed", hint=hint)
    start = checkpoint(objects, founding, steps)
    problem = problem_of_whole(objects, objects.commit(start).tree, BY_HUMAN.notes)
    if problem:
        hint = "Nothing was written. Compare the fingerprint with the person's machine before you try again."
        raise NotAVault(
            f"what {machine.remote} holds at commit {start[:7]} is no vault: {problem}", hint=hint
        )
    return start


def show_fingerprints(policy: Policy, data: bytes, expect: str, tell: Tell) -> None:
    """What only a person can check: that this is their vault, and nobody else's."""
    keys = {
        name: fingerprint(agent.key) for name, agent in policy.agents.items() if agent.human and agent.key
    }
    if expect and expect not in (policy_fingerprint(data), *keys.values()):
        hint = "Do not go on: find out what is at that address, or whether the fingerprint was mistyped."
        raise RefusedByPolicy(f"the vault there is not the one with the fingerprint {expect}", hint=hint)
    tell(f"its policy is {policy_fingerprint(data)}")
    for name, mark in keys.items():
        tell(f"signed by {name}, whose key is {mark}")
    if not expect:
        tell(
            "now compare both with `vaultkit agents list` on the person's machine, before you change anything"
        )
