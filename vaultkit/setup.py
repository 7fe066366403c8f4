"""Making a vault: `init` and `join`. Both can be repeated: what is there already is left alone.

Each step looks before it acts, so an interrupted run is completed by running it again. Notes that
exist are never touched; the first cycle puts them under sync like any other change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vaultkit.bundled import bundled
from vaultkit.core.agent_names import refuse_no_name
from vaultkit.core.arrival import problem_of_whole
from vaultkit.core.config import Machine, fill_template, read_policy
from vaultkit.core.history import is_below
from vaultkit.core.policy import BY_HUMAN, POLICY_FILE, Policy
from vaultkit.core.policy_edit import trust_key
from vaultkit.core.sshsig import fingerprint
from vaultkit.core.tree import Oid, find_file
from vaultkit.core.trust import checkpoint, follow_policies, founding_commit, policy_fingerprint
from vaultkit.core.workflow import Workflow
from vaultkit.credentials import CredentialsFrom, keep_apart
from vaultkit.desk import Progress, no_progress
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.keys import StoredKeys, make_key
from vaultkit.effects.keys import default_home as default_key_home
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import (
    create_bare,
    create_repository,
    ensure_main,
    open_repository,
)
from vaultkit.effects.transport import local_path, open_transport, split_credentials
from vaultkit.errors import NotAVault, RefusedByPolicy, RemoteError, UsageError, VaultBusy
from vaultkit.opening import MACHINE_FILE, PRIVATE, read_machine_file, write_machine_file
from vaultkit.ports import CredentialSource
from vaultkit.vault import Vault

TEMPLATE = "templates/platinum"
DEFAULT_HUMAN, DEFAULT_WORKER = "local_agent", "cloud_agent"
STOCK_HOOKS = ("stamp", "claim", "approve", "reject", "send_back", "together", "complete")

__all__ = ["KeyPlace", "default_key_home", "init_vault", "join_vault"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a new private key goes: a file below `home` (None: this person's own place), or the keyring."""

    home: Path | None = None
    in_keyring: bool = False


DEFAULT_KEYS = KeyPlace()


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
    Raises UsageError where the arguments do not fit what is there; a remote that fails leaves a
    working vault that will publish later.
    """
    root = path.expanduser().resolve()
    stored = read_machine_file(root).remote if (root / MACHINE_FILE).exists() else None
    url, source = keep_apart(remote or stored, credentials)
    machine = _machine_for(root, agent, url)
    start = machine.trusted or _founded_at(root)
    if not (start or human):
        hint = (
            f"There: `vaultkit init --agent {DEFAULT_HUMAN} --human`. Here: add --human, or `vaultkit join`."
        )
        raise UsageError("a vault begins on the machine of the person who decides", hint=hint)
    names = (agent, _worker_beside(agent)) if human else (DEFAULT_HUMAN, agent)
    _make_root(root)
    _make_repository(root, tell)
    _make_remote(machine.remote, tell)
    _refuse_foreign_remote(root, machine, source)
    _copy_template(root, *names, tell)
    machine = replace(_with_key(root, machine, keys, tell), trusted=start)
    if start is None:
        _sign_into_policy(root, machine)
    _write_machine(root, machine, tell)
    vault = Vault(root, machine, source, progress)
    _start_history(vault, tell, new_remote=bool(url) and not stored)
    return vault


def join_vault(
    url: str,
    path: Path,
    agent: str,
    *,
    expect: str = "",
    credentials: CredentialsFrom = None,
    keys: KeyPlace = DEFAULT_KEYS,
    tell: Tell = lambda _: None,
    progress: Progress = no_progress,
) -> Vault:
    """Make a copy of the vault at `url` in `path`, for `agent`.

    What this machine does counts once a human agent trusts its key (`Vault.pairing_line`). Which vault
    it is, only a person can tell: `expect` is the fingerprint of the policy, or of a human agent's key,
    that the vault must have; RefusedByPolicy if it has another. The other arguments are those of
    `init_vault`.
    """
    root = path.expanduser().resolve()
    clean, source = keep_apart(url, credentials)
    machine = _machine_for(root, agent, clean)
    if root.exists() and not (root / MACHINE_FILE).exists() and not _is_free_for_join(root):
        hint = "Join into an empty folder, or adopt this one with `vaultkit init --remote URL`."
        raise UsageError(f"{root} is not empty", hint=hint)
    _make_root(root)
    _make_repository(root, tell)
    start, data = _fetch_trusted(root, machine, source, tell, progress)
    policy = read_policy(data)
    _show_fingerprints(policy, data, expect, tell)
    machine = _with_key(root, machine, keys, tell)
    machine = machine if machine.trusted else replace(machine, trusted=f"{start} {policy_fingerprint(data)}")
    _write_machine(root, machine, tell)
    vault = Vault(root, machine, source, progress)
    if vault.head() is None:
        tell("writing the notes")
        report = vault.take_in(policy)
        if report.error:
            raise report.error
    _make_folders(root, min(policy.humans), agent, policy.workflow)
    vault.refresh_git()
    tell(f"joined as {agent}; {sum(1 for _ in vault.paths())} notes")
    if agent not in policy.agents:
        tell(f"the policy does not know {agent} yet; the agents there are {', '.join(policy.agents)}")
    return vault


def _is_free_for_join(root: Path) -> bool:
    """Empty, or just what an interrupted join leaves."""
    names = {item.name for item in root.iterdir()}
    return names in (set(), {PRIVATE}, {".git", PRIVATE})


def _machine_for(root: Path, agent: str, remote: str | None) -> Machine:
    """This machine's configuration; what an earlier run wrote stands, unless it contradicts.

    Credentials that somebody wrote into the stored address are taken out.
    """
    refuse_no_name(agent)
    if not (root / MACHINE_FILE).exists():
        return Machine(agent=agent, remote=remote, hooks=STOCK_HOOKS, settings={})
    there = read_machine_file(root)
    if there.agent != agent:
        hint = f"To become another agent, change `agent:` in {MACHINE_FILE}."
        raise UsageError(f"{root} is already the vault of {there.agent}", hint=hint)
    stored = split_credentials(there.remote)[0] if there.remote else None
    if remote and stored and stored != remote:
        hint = f"To use another remote, change `remote:` in {MACHINE_FILE}."
        raise UsageError(f"{root} already syncs with {stored}", hint=hint)
    return replace(there, remote=stored or remote)


def _worker_beside(human: str) -> str:
    """The name of the working agent in the first policy."""
    return DEFAULT_WORKER if human != DEFAULT_WORKER else "worker_agent"


def _with_key(root: Path, machine: Machine, keys: KeyPlace, tell: Tell) -> Machine:
    """The machine with a private key, a new one if it has none. Never in the vault: everybody reads that."""
    if machine.keys:
        return machine
    home = keys.home or default_key_home()
    if home.resolve().is_relative_to(root):
        raise UsageError(f"{home} is inside the vault", hint="Keep keys elsewhere (VAULTKIT_HOME).")
    place, key = make_key(home, machine.agent, in_keyring=keys.in_keyring)
    tell(f"made a key for {machine.agent}, {fingerprint(key)}, in {place}")
    return replace(machine, keys=(place,))


def _sign_into_policy(root: Path, machine: Machine) -> None:
    """Name the founder's key in the first policy, which is to be signed with it."""
    key = StoredKeys(lambda: machine.keys).public()[0]
    before = (root / POLICY_FILE).read_bytes()
    after = trust_key(before, machine.agent, key, human=True)
    if VaultFiles(str(root)).replace(POLICY_FILE, before, after) is None:
        raise VaultBusy(f"{POLICY_FILE} is being edited", hint="Try again.")


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


def _make_root(root: Path) -> None:
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    VaultFiles(str(there)).make_folder(root.relative_to(there).as_posix() if there != root else "")


def _make_repository(root: Path, tell: Tell) -> None:
    if (root / ".git").exists():
        repo = open_repository(str(root))
        if ensure_main(repo):
            tell("this git repository now uses the branch main")
    else:
        repo = create_repository(str(root))
        tell("made a git repository, branch main")
    repo.close()
    VaultFiles(str(root)).make_folder(f"{PRIVATE}/hooks")


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


def _copy_template(root: Path, human: str, worker: str, tell: Tell) -> None:
    """Put what is missing in place; a file that exists stays as it is."""
    source, files = bundled(TEMPLATE), VaultFiles(str(root))
    for file in sorted(p for p in source.rglob("*") if p.is_file() and p.name != "folders.txt"):
        path = file.relative_to(source).as_posix().replace("dot_gitignore", ".gitignore")
        text = fill_template(file.read_text("utf-8"), human, worker)
        if files.replace(path, None, text.encode()):
            tell(f"wrote {path}")
    _make_folders(root, human, worker, read_policy((root / POLICY_FILE).read_bytes()).workflow)


def _make_folders(root: Path, human: str, worker: str, workflow: Workflow) -> None:
    """The template's folders, by the names that they have in this vault."""
    files = VaultFiles(str(root))
    own = {name: workflow.folder_of(name, lambda at: (root / at).is_dir()) for name in (human, worker)}
    text = (bundled(TEMPLATE) / "folders.txt").read_text("utf-8")
    for line in fill_template(text, own[human], own[worker]).splitlines():
        if line.strip() and not line.startswith("#"):
            files.make_folder(workflow.renamed(line.strip()))


def _write_machine(root: Path, machine: Machine, tell: Tell) -> None:
    if not (root / MACHINE_FILE).exists() or read_machine_file(root) != machine:
        write_machine_file(root, machine)
        tell(f"wrote {MACHINE_FILE} (stays on this machine)")


def _start_history(vault: Vault, tell: Tell, *, new_remote: bool) -> None:
    """Make the first commit, or take over the history of the repository that is adopted."""
    vault.adopt_history(new_remote=new_remote)
    report = vault.found()
    if report.error:
        raise report.error
    vault.refresh_git()
    count = sum(1 for _ in vault.paths())
    tell(f"{count} notes under sync as {vault.agent}" + ("" if report.in_step else f" ({report.detail})"))


def _fetch_trusted(
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


def _show_fingerprints(policy: Policy, data: bytes, expect: str, tell: Tell) -> None:
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
        tell("compare both with `vaultkit agents list` on the person's machine")
