"""Making a vault: `init` and `join`. Both can be repeated: what is there already is left alone.

Each step looks before it acts, so an interrupted run is completed by running it again. Notes that
exist are never touched; the first cycle puts them under sync like any other change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vaultkit.bundled import bundled
from vaultkit.core.config import Machine, fill_template, write_machine
from vaultkit.core.fold import POLICY_FILE, policy_at
from vaultkit.core.history import is_below
from vaultkit.core.policy import Policy
from vaultkit.core.tree import Oid, find_file
from vaultkit.desk import Progress, no_progress
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_bare, create_repository, ensure_main, open_repository
from vaultkit.effects.transport import Credentials, check_url, local_path, open_transport, split_credentials
from vaultkit.errors import NotAVault, RemoteError, UsageError
from vaultkit.opening import MACHINE_FILE, PRIVATE, read_machine_file
from vaultkit.vault import Vault

TEMPLATE = "templates/platinum"
DEFAULT_HUMAN, DEFAULT_WORKER = "local_agent", "cloud_agent"
STOCK_HOOKS = ("claim", "approve", "reject", "complete")

Tell = Callable[[str], None]


def init_vault(
    path: Path,
    agent: str,
    *,
    human: bool = False,
    remote: str | None = None,
    credentials: Credentials | None = None,
    tell: Tell = lambda _: None,
    progress: Progress = no_progress,
) -> Vault:
    """Make a vault at `path`, or adopt the folder or git repository that is there.

    `human` says that the deciding person sits at this machine. `tell` hears each step in plain words,
    `progress` how far a long one is.
    Raises UsageError where the arguments do not fit what is there; a remote that fails leaves a
    working vault that will publish later.
    """
    root = path.expanduser().resolve()
    url, credentials = _clean(remote, credentials)
    machine = _machine_for(root, agent, url)
    had_remote = (root / MACHINE_FILE).exists() and read_machine_file(root).remote is not None
    names = _agent_names(agent, human, root)
    root.mkdir(parents=True, exist_ok=True)
    _make_repository(root, tell)
    _make_remote(machine.remote, tell)
    _refuse_foreign_remote(root, machine, credentials)
    _copy_template(root, *names, tell)
    _write_machine(root, machine, tell)
    vault = Vault(root, machine, credentials, progress)
    _start_history(vault, tell, new_remote=bool(url) and not had_remote)
    return vault


def join_vault(
    url: str,
    path: Path,
    agent: str,
    *,
    credentials: Credentials | None = None,
    tell: Tell = lambda _: None,
    progress: Progress = no_progress,
) -> Vault:
    """Make a copy of the vault at `url` in `path`, for `agent`, which its policy must know already."""
    root = path.expanduser().resolve()
    clean, credentials = _clean(url, credentials)
    machine = _machine_for(root, agent, clean)
    if root.exists() and not (root / MACHINE_FILE).exists() and not _is_free_for_join(root):
        hint = "Join into an empty folder, or adopt this one with `vaultkit init --remote URL`."
        raise UsageError(f"{root} is not empty", hint=hint)
    root.mkdir(parents=True, exist_ok=True)
    _make_repository(root, tell)
    policy = _fetch_policy(root, machine, credentials, tell, progress)
    _check_known(agent, policy)
    _write_machine(root, machine, tell)
    vault = Vault(root, machine, credentials, progress)
    if vault.head() is None:
        tell("writing the notes")
        report = vault.take_in(policy)
        if report.error:
            raise report.error
    _make_folders(root, min(policy.humans), agent)
    vault.refresh_git()
    tell(f"joined as {agent}; {sum(1 for _ in vault.paths())} notes")
    return vault


def _is_free_for_join(root: Path) -> bool:
    """Empty, or just what an interrupted join leaves."""
    names = {item.name for item in root.iterdir()}
    return not names or names == {".git", PRIVATE}


def _clean(url: str | None, credentials: Credentials | None) -> tuple[str | None, Credentials | None]:
    """The address without the credentials it may hold; those are used, never stored."""
    if url is None:
        return None, credentials
    clean, inside = split_credentials(url)
    check_url(clean)
    return clean, credentials or inside


def _machine_for(root: Path, agent: str, remote: str | None) -> Machine:
    """This machine's configuration; what an earlier run wrote stands, unless it contradicts."""
    if not agent.isidentifier():
        raise UsageError(f"{agent!r} cannot be an agent's name", hint="Use letters, digits and _.")
    if not (root / MACHINE_FILE).exists():
        return Machine(agent=agent, remote=remote, hooks=STOCK_HOOKS, settings={})
    there = read_machine_file(root)
    if there.agent != agent:
        hint = f"To become another agent, change `agent:` in {MACHINE_FILE}."
        raise UsageError(f"{root} is already the vault of {there.agent}", hint=hint)
    if remote and there.remote and there.remote != remote:
        hint = f"To use another remote, change `remote:` in {MACHINE_FILE}."
        raise UsageError(f"{root} already syncs with {there.remote}", hint=hint)
    return Machine(agent, there.remote or remote, hooks=there.hooks, settings=there.settings)


def _agent_names(agent: str, human: bool, root: Path) -> tuple[str, str]:
    """The names of the human and the working agent in the first policy."""
    if human:
        return agent, DEFAULT_WORKER if agent != DEFAULT_WORKER else "worker_agent"
    if agent == DEFAULT_HUMAN and not (root / POLICY_FILE).exists():
        raise UsageError(
            f"{agent} is the name of the person's agent",
            hint="Add --human if the person sits at this machine; else choose another name.",
        )
    return DEFAULT_HUMAN, agent


def _make_repository(root: Path, tell: Tell) -> None:
    if (root / ".git").exists():
        repo = open_repository(str(root))
        if ensure_main(repo):
            tell("this git repository now uses the branch main")
    else:
        repo = create_repository(str(root))
        tell("made a git repository, branch main")
    repo.close()
    (root / PRIVATE / "hooks").mkdir(parents=True, exist_ok=True)


def _make_remote(url: str | None, tell: Tell) -> None:
    """A remote on a path that does not exist yet is made, if its name says what it is to be."""
    path = Path(local_path(url) or "") if url else None
    if path and path.suffix == ".git" and not path.exists() and path.parent.is_dir():
        create_bare(str(path))
        tell(f"made the bare git repository {path}, to be the remote")


def _refuse_foreign_remote(root: Path, machine: Machine, credentials: Credentials | None) -> None:
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
    source = bundled(TEMPLATE)
    for file in sorted(p for p in source.rglob("*") if p.is_file() and p.name != "folders.txt"):
        target = root / file.relative_to(source).as_posix().replace("dot_gitignore", ".gitignore")
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = fill_template(file.read_text("utf-8"), human, worker)
        target.write_text(text, "utf-8", newline="\n")
        tell(f"wrote {target.relative_to(root).as_posix()}")
    _make_folders(root, human, worker)


def _make_folders(root: Path, human: str, worker: str) -> None:
    text = fill_template((bundled(TEMPLATE) / "folders.txt").read_text("utf-8"), human, worker)
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            (root / line.strip()).mkdir(parents=True, exist_ok=True)


def _write_machine(root: Path, machine: Machine, tell: Tell) -> None:
    target, content = root / MACHINE_FILE, write_machine(machine)
    if not target.exists() or read_machine_file(root) != machine:
        target.write_bytes(content)
        tell(f"wrote {MACHINE_FILE} (stays on this machine)")


def _start_history(vault: Vault, tell: Tell, *, new_remote: bool) -> None:
    """Make the first commit, or take over the history of the repository that is adopted."""
    vault.adopt_history(new_remote=new_remote)
    report = vault.found()
    _check_known(vault.agent, vault.policy)
    if report.error:
        raise report.error
    vault.refresh_git()
    count = sum(1 for _ in vault.paths())
    tell(f"{count} notes under sync as {vault.agent}" + ("" if report.in_step else f" ({report.detail})"))


def _fetch_policy(
    root: Path, machine: Machine, credentials: Credentials | None, tell: Tell, progress: Progress
) -> Policy:
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
        return _policy_of(objects, objects.commit(head).tree, machine.remote)
    finally:
        transport.close()
        repo.close()


def _policy_of(objects: GitObjects, tree: Oid, remote: str) -> Policy:
    if find_file(objects, tree, POLICY_FILE) is None:
        hint = "Is this the right address? A vault is started with `vaultkit init`."
        raise NotAVault(f"the remote {remote} holds no vault (no {POLICY_FILE})", hint=hint)
    return policy_at(objects, tree)


def _check_known(agent: str, policy: Policy) -> None:
    if agent not in policy.agents:
        known = ", ".join(sorted(policy.agents))
        hint = f"Add it to `agents:` in {POLICY_FILE} on the person's machine; the agents there are: {known}."
        raise UsageError(f"this vault's policy knows no agent {agent}", hint=hint)
