"""Opening a vault: from a folder to a desk."""

from __future__ import annotations

from pathlib import Path

from dulwich.repo import Repo

from vaultkit.core.config import Machine, read_machine
from vaultkit.core.fold import policy_at
from vaultkit.desk import Desk
from vaultkit.effects.clock import SystemClock
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import open_repository
from vaultkit.effects.state import StateFile
from vaultkit.effects.trailers import TrailerVerifier
from vaultkit.effects.transport import Credentials, open_transport
from vaultkit.errors import NotAVault, PolicyError
from vaultkit.hook_loader import load_hooks

PRIVATE = ".vaultkit"
MACHINE_FILE = f"{PRIVATE}/agent.yaml"
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


def open_desk(root: Path, machine: Machine, credentials: Credentials | None) -> tuple[Desk, Repo]:
    """The ports of the vault at `root`. The caller closes the repository and the remote."""
    repo = open_repository(str(root))
    objects = GitObjects(repo)
    desk = Desk(
        agent=machine.agent,
        objects=objects,
        disk=VaultFiles(str(root)),
        state=StateFile(str(root / PRIVATE / "state.db")),
        clock=SystemClock(),
        verifier=TrailerVerifier(),
        hooks=load_hooks(machine.hooks, root / PRIVATE / "hooks"),
    )
    if machine.remote:
        deadline = _deadline(desk)
        desk.remote = open_transport(objects, machine.remote, credentials=credentials, deadline=deadline)
    return desk, repo


def _deadline(desk: Desk) -> float:
    """How long the remote may take, by the policy; generous while there is none yet."""
    try:
        return policy_at(desk.objects, desk.head_tree()).sync.deadline
    except PolicyError:
        return FIRST_DEADLINE_SECONDS
