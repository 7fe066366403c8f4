"""The machine's own configuration: who it is, where it syncs with, and its private key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from vaultkit.core.git.sshsig import fingerprint
from vaultkit.core.rules.agent_names import refuse_no_name
from vaultkit.core.rules.config import Machine
from vaultkit.effects.keys import default_home as default_key_home
from vaultkit.effects.keys import make_key
from vaultkit.effects.transport import split_credentials
from vaultkit.errors import UsageError
from vaultkit.hooks_here import IN_ORDER
from vaultkit.opening import MACHINE_FILE, read_machine_file, write_machine_file
from vaultkit.setup.folder import Tell


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a new private key goes: a file below `home` (None: this person's own place), or the keyring."""

    home: Path | None = None
    in_keyring: bool = False


DEFAULT_KEYS = KeyPlace()


def machine_for(root: Path, agent: str, remote: str | None) -> Machine:
    """This machine's configuration; what an earlier run wrote stands, unless it contradicts.

    Credentials that somebody wrote into the stored address are taken out.
    """
    refuse_no_name(agent)
    if not (root / MACHINE_FILE).exists():
        return Machine(agent=agent, remote=remote, hooks=IN_ORDER, settings={})
    there = read_machine_file(root)
    if there.agent != agent:
        hint = f"To become another agent, change `agent:` in {MACHINE_FILE}."
        raise UsageError(f"{root} is already the vault of {there.agent}", hint=hint)
    stored = split_credentials(there.remote)[0] if there.remote else None
    if remote and stored and stored != remote:
        hint = f"To use another remote, change `remote:` in {MACHINE_FILE}."
        raise UsageError(f"{root} already syncs with {stored}", hint=hint)
    return replace(there, remote=stored or remote)


def with_key(root: Path, machine: Machine, keys: KeyPlace, tell: Tell) -> Machine:
    """The machine with a private key, a new one if it has none. Never in the vault: everybody reads that."""
    if machine.keys:
        return machine
    home = keys.home or default_key_home()
    if home.resolve().is_relative_to(root):
        raise UsageError(f"{home} is inside the vault", hint="Keep keys elsewhere (VAULTKIT_HOME).")
    place, key = make_key(home, machine.agent, in_keyring=keys.in_keyring)
    tell(f"made a key for {machine.agent}, {fingerprint(key)}, in {place}")
    return replace(machine, keys=(place,))


def write_machine(root: Path, machine: Machine, tell: Tell) -> None:
    """Write its configuration where it is not so already."""
    if not (root / MACHINE_FILE).exists() or read_machine_file(root) != machine:
        write_machine_file(root, machine)
        tell(f"wrote {MACHINE_FILE} (stays on this machine)")
