"""The hooks this machine enables, as they are now: read again when `agent.yaml` or a hook's file changed.

So `vaultkit hooks enable`, and another `hook_limit`, work on a `vaultkit watch` that runs, and a hook that is
being written is always the newest one. A hook that cannot be loaded is left out, and told; the sync goes on
without it.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from vaultkit.core.hooks.hook_marks import HookError
from vaultkit.core.rules.config import Machine
from vaultkit.desk import Desk
from vaultkit.errors import VaultError
from vaultkit.hook_loader import load_usable
from vaultkit.opening import HOOKS_FOLDER, MACHINE_FILE, limit_of_hooks, read_machine_file

log = logging.getLogger("vaultkit")

Marks = tuple[tuple[int, int, int] | None, ...]


class EnabledHooks:
    """Keeps a desk's hooks up to date. `problems` are the modules that cannot be used, and why."""

    def __init__(self, root: Path, desk: Desk, machine: Machine) -> None:
        self._root = root
        self._desk = desk
        self._mutex = threading.Lock()
        self.problems: dict[str, HookError] = {}
        self._machine = machine
        self._load(machine)

    def refresh(self) -> Machine:
        """Look whether something changed; this machine's configuration as it is now."""
        with self._mutex:
            if self._marks_now() != self._marks:
                self._load_anew()
            return self._machine

    def _load_anew(self) -> None:
        try:
            self._load(read_machine_file(self._root))
        except (VaultError, OSError) as error:
            self._marks = self._marks_now()
            log.warning("%s; the hooks stay as they were", error)

    def _load(self, machine: Machine) -> None:
        limit = limit_of_hooks(machine)
        self._machine = machine
        self._marks = self._marks_now()
        if self._desk.overseer:
            self._desk.overseer.limit = limit
        self._desk.hooks, self.problems = load_usable(machine.hooks, self._root / HOOKS_FOLDER)
        self._desk.unusable = tuple(self.problems)
        for name, error in self.problems.items():
            log.warning(
                "the hook %s is left out: %s%s", name, error.message, f" {error.hint}" if error.hint else ""
            )

    def _marks_now(self) -> Marks:
        folder = self._root / HOOKS_FOLDER
        files = (folder / f"{name}.py" for name in self._machine.hooks)
        return tuple(_mark(path) for path in (self._root / MACHINE_FILE, *files))


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        info = path.stat()
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino
