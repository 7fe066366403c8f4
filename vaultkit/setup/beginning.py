"""`init`: a vault begins on the machine of the person who decides, or a machine of it is completed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vaultkit.core.history.trust import founding_commit
from vaultkit.core.history.ways import is_below
from vaultkit.core.rules.config import Machine
from vaultkit.core.rules.policy import POLICY_FILE
from vaultkit.core.rules.policy_edit import trust_key
from vaultkit.credentials import CredentialsFrom, keep_apart
from vaultkit.desk import Progress, no_progress
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.keys import StoredKeys
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_bare, open_repository
from vaultkit.effects.transport import local_path, open_transport
from vaultkit.errors import RemoteError, UsageError, VaultBusy
from vaultkit.opening import MACHINE_FILE, read_machine_file
from vaultkit.ports import CredentialSource
from vaultkit.setup.folder import Tell, copy_template, make_repository, make_root, refuse_inside
from vaultkit.setup.machine import DEFAULT_KEYS, KeyPlace, machine_for, with_key, write_machine
from vaultkit.vault import Vault

DEFAULT_HUMAN, DEFAULT_WORKER = "local_agent", "cloud_agent"


def init_vault(
    path: Path,
    agent: str,
    *,
    human: bool = False,
    remote: str | None = None,
    credentials: CredentialsFrom = None,
    keys: KeyPlace = DEFAULT_KEYS,
    tell: Tell = lambda _: None,
    progress: Progress = no_progress,
) -> Vault:
    """Make a vault at `path`, or adopt the folder or git repository that is there.

    `human` says that the deciding person sits at this machine; only there a vault can begin.
    `credentials` are as for `Vault.open`; those inside the address come before. `keys` says where its
    private key goes. `tell` hears each step in plain words, `progress` how far a long one is.
    Raises UsageError inside another vault, and where the arguments do not fit what is there; a remote
    that fails leaves a working vault that will publish later.
    """
    root = path.expanduser().resolve()
    refuse_inside(root)
    stored = read_machine_file(root).remote if (root / MACHINE_FILE).exists() else None
    url, source = keep_apart(remote or stored, credentials)
    machine = machine_for(root, agent, url)
    start = machine.trusted or _founded_at(root)
    if not (start or human):
        hint = (
            f"There: `vaultkit init --agent {DEFAULT_HUMAN} --human`. Here: add --human, or `vaultkit join`."
        )
        raise UsageError("a vault begins on the machine of the person who decides", hint=hint)
    names = (agent, _worker_beside(agent)) if human else (DEFAULT_HUMAN, agent)
    make_root(root)
    make_repository(root, tell)
    _make_remote(machine.remote, tell)
    _refuse_foreign_remote(root, machine, source)
    copy_template(root, *names, tell)
    machine = replace(with_key(root, machine, keys, tell), trusted=start)
    if start is None:
        _sign_into_policy(root, machine)
    write_machine(root, machine, tell)
    vault = Vault(root, machine, source, progress)
    _start_history(vault, tell, new_remote=bool(url) and not stored)
    return vault


def _worker_beside(human: str) -> str:
    """The name of the working agent in the first policy."""
    return DEFAULT_WORKER if human != DEFAULT_WORKER else "worker_agent"


def _founded_at(root: Path) -> str | None:
    """Where the history that is here already was founded as a vault's."""
    if not (root / ".git").exists():
        return None
    repo = open_repository(str(root))
    try:
        objects = GitObjects(repo)
        head = objects.head()
        return founding_commit(objects, head) if head else None
    finally:
        repo.close()


def _make_remote(url: str | None, tell: Tell) -> None:
    """A remote on a path that does not exist yet is made, if its name says what it is to be."""
    path = Path(local_path(url) or "") if url else None
    if path and path.suffix == ".git" and not path.exists() and path.parent.is_dir():
        create_bare(str(path))
        tell(f"made the bare git repository {path}, to be the remote")


def _refuse_foreign_remote(root: Path, machine: Machine, credentials: CredentialSource) -> None:
    """A remote that holds another history cannot be where this vault publishes."""
    if machine.remote is None:
        return
    repo = open_repository(str(root))
    objects = GitObjects(repo)
    transport = open_transport(objects, machine.remote, credentials=credentials)
    try:
        there, head = transport.look(), objects.head()
        if there and not (head and objects.contains(there) and is_below(objects, there, head)):
            hint = "Use `vaultkit join URL PATH --agent NAME` to make a second copy of what it holds."
            raise UsageError(f"the remote {machine.remote} already holds something else", hint=hint)
    except RemoteError as error:
        error.hint = error.hint or "Check the address; nothing was published."
        raise
    finally:
        transport.close()
        repo.close()


def _sign_into_policy(root: Path, machine: Machine) -> None:
    """Name the founder's key in the first policy, which is to be signed with it."""
    key = StoredKeys(lambda: machine.keys).public()[0]
    before = (root / POLICY_FILE).read_bytes()
    after = trust_key(before, machine.agent, key, human=True)
    if VaultFiles(str(root)).replace(POLICY_FILE, before, after) is None:
        raise VaultBusy(f"{POLICY_FILE} is being edited", hint="Try again.")


def _start_history(vault: Vault, tell: Tell, *, new_remote: bool) -> None:
    """Make the first commit, or take over the history of the repository that is adopted."""
    vault.adopt_history(new_remote=new_remote)
    report = vault.found()
    if report.error:
        raise report.error
    vault.refresh_git()
    count = sum(1 for _ in vault.paths())
    tell(f"{count} notes under sync as {vault.agent}" + ("" if report.in_step else f" ({report.detail})"))
