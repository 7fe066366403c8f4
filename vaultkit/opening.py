"""Opening a vault: from a folder to a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dulwich.repo import Repo

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.hook_check import seconds_in
from vaultkit.core.rules.config import Machine, read_machine, write_machine
from vaultkit.core.rules.identity import Identity, checked_actor
from vaultkit.desk import Desk
from vaultkit.effects.clock import SystemClock
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.keys import StoredKeys
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import open_repository
from vaultkit.effects.state import StateFile
from vaultkit.effects.transport import open_transport
from vaultkit.errors import NotAVault, PolicyError, VaultBusy
from vaultkit.overseer import LIMIT_SECONDS, Overseer
from vaultkit.ports import CredentialSource

PRIVATE = ".vaultkit"
MACHINE_FILE = f"{PRIVATE}/agent.yaml"
HOOKS_FOLDER = f"{PRIVATE}/hooks"
FIRST_DEADLINE_SECONDS = 3600.0


def find_vault(start: Path) -> Path:
    """The vault that holds `start`: the nearest folder upwards with a `.vaultkit/agent.yaml`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / MACHINE_FILE).is_file():
            return folder
    hint = "Run `vaultkit init --agent NAME --human` to make one here, or name one with --vault PATH."
    raise NotAVault(f"{start} is not inside a vault", hint=hint)


def read_machine_file(root: Path) -> Machine:
    return read_machine((root / MACHINE_FILE).read_bytes(), MACHINE_FILE)


def write_machine_file(root: Path, machine: Machine) -> None:
    """Write this machine's configuration, whole and durable or not at all."""
    files = VaultFiles(str(root))
    before = (root / MACHINE_FILE).read_bytes() if (root / MACHINE_FILE).exists() else None
    if files.replace(MACHINE_FILE, before, write_machine(machine)) is None:
        raise VaultBusy(f"{MACHINE_FILE} is being edited", hint="Try again.")


def open_desk(
    root: Path, machine: Machine, credentials: CredentialSource | None, actor: str = ""
) -> tuple[Desk, Repo]:
    """The ports of the vault at `root`. The caller closes the repository and the remote."""
    repo = open_repository(str(root))
    objects = GitObjects(repo)
    desk = Desk(
        identity=Identity(machine.agent, StoredKeys(_key_places(root, machine)), checked_actor(actor)),
        objects=objects,
        disk=VaultFiles(str(root)),
        state=StateFile(str(root / PRIVATE / "state.db")),
        clock=SystemClock(),
        trusted=Oid(machine.trusted.split()[0]) if machine.trusted else None,
        overseer=Overseer(limit=limit_of_hooks(machine)),
    )
    if machine.remote:
        deadline = _deadline(desk)
        desk.remote = open_transport(objects, machine.remote, credentials=credentials, deadline=deadline)
    return desk, repo


def _key_places(root: Path, machine: Machine) -> Callable[[], tuple[str, ...]]:
    """Where the keys are now: as `agent.yaml` says, read again when it changed."""
    known: tuple[object, tuple[str, ...]] = (None, machine.keys)

    def places() -> tuple[str, ...]:
        nonlocal known
        info = (root / MACHINE_FILE).stat()
        mark = (info.st_mtime_ns, info.st_size, info.st_ino)
        if mark != known[0]:
            known = (mark, read_machine_file(root).keys)
        return known[1]

    return places


def limit_of_hooks(machine: Machine) -> float:
    """How long an acting hook may take, in seconds; the setting `hook_limit` says otherwise.

    PolicyError for one that is no time.
    """
    text = machine.settings.get("hook_limit")
    seconds = seconds_in(text) if text else LIMIT_SECONDS
    if not seconds:
        raise PolicyError(f"hook_limit: {text!r} is no time", file=MACHINE_FILE, hint="Write 30s, 10m or 2h.")
    return seconds


def _deadline(desk: Desk) -> float:
    """How long the remote may take, by the policy; generous while there is none yet."""
    try:
        return policy_at(desk.objects, desk.head_tree()).sync.deadline
    except PolicyError:
        return FIRST_DEADLINE_SECONDS
