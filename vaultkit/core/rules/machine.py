"""The machine's own configuration, `.vaultkit/agent.yaml`: who it is and where it syncs with.

It never syncs. The branch is not in it: a vault's history is `main`, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from vaultkit.core.rules.schema import Field, read_document

AGENT_FILE = ".vaultkit/agent.yaml"
_KEYS = ("agent", "remote", "hooks", "settings", "keys", "trusted")


@dataclass(frozen=True, slots=True)
class Machine:
    """Who this machine is. `hooks` names the enabled hooks; `settings` are for them to read.

    `keys` says where its private keys are, the newest first: paths of files outside the vault, or
    `keyring:NAME`. `trusted` is the commit from which it judges history.
    """

    branch: ClassVar[str] = "main"

    agent: str
    remote: str | None = None
    hooks: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    trusted: str | None = None


def read_machine(data: bytes, file: str = AGENT_FILE) -> Machine:
    """The machine's configuration; PolicyError says where it cannot be understood."""
    fields = read_document(data, file).mapping(_KEYS, required=("agent",))
    return Machine(
        agent=fields["agent"].text(),
        remote=_optional(fields.get("remote")),
        hooks=_names(fields.get("hooks")),
        settings=_settings(fields.get("settings")),
        keys=_names(fields.get("keys")),
        trusted=_optional(fields.get("trusted")),
    )


def write_machine(machine: Machine) -> bytes:
    """The text that `read_machine` reads back as `machine`."""
    lines = ["# This machine only; never synced.", f"agent: {_quoted(machine.agent)}"]
    if machine.remote:
        lines.append(f"remote: {_quoted(machine.remote)}")
    if machine.keys:
        lines.append(f"keys: [{', '.join(map(_quoted, machine.keys))}]")
    if machine.trusted:
        lines.append(f"trusted: {_quoted(machine.trusted)}")
    lines.append(f"hooks: [{', '.join(map(_quoted, machine.hooks))}]")
    if machine.settings:
        lines.append("settings:")
        lines += [f"  {_quoted(name)}: {_quoted(value)}" for name, value in machine.settings.items()]
    return ("\n".join(lines) + "\n").encode()


def _optional(item: Field | None) -> str | None:
    return item.text() if item and not item.is_empty else None


def _names(item: Field | None) -> tuple[str, ...]:
    return tuple(name.text() for name in item.items()) if item and not item.is_empty else ()


def _settings(item: Field | None) -> dict[str, str]:
    return {name: value.text() for name, value in item.mapping().items()} if item else {}


def _quoted(text: str) -> str:
    """Double-quoted YAML; what cannot be seen is written as an escape, for YAML refuses or folds it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'
