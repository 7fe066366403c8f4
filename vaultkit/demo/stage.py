"""The stage: a folder with a bare remote and two vaults, and the real programs that run in them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dulwich.repo import Repo

from vaultkit.bundled import bundled
from vaultkit.core.rules.config import write_machine
from vaultkit.core.rules.policy import POLICY_FILE
from vaultkit.opening import MACHINE_FILE
from vaultkit.setup import KeyPlace, init_vault, join_vault
from vaultkit.vault import Vault

PATIENCE_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.005


class StepFailed(Exception):
    """A step did not come to its end; the message says what was waited for."""


class Stage:
    """Where the demonstration happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote = folder / "remote.git"
        self.local, self.cloud = folder / "Local", folder / "Cloud"
        self.inbox, self.outbox = folder / "cloud-inbox", folder / "local-outbox"
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    def build(self) -> None:
        """Make the remote and both vaults."""
        for folder in (self.remote, self.inbox, self.outbox):
            folder.mkdir(parents=True)
        Repo.init_bare(str(self.remote), default_branch=b"main").close()
        keys, remote = KeyPlace(self.folder / "keys"), str(self.remote)
        local = init_vault(self.local, "local_agent", human=True, remote=remote, keys=keys)
        self._think_fast(local)
        with join_vault(remote, self.cloud, "cloud_agent", keys=keys) as cloud:
            local.trust(cloud.pairing_line())
        hooks = (*local.machine.hooks, "outbox")
        machine = replace(local.machine, hooks=hooks, settings={"outbox": str(self.outbox)})
        local.close()
        (self.local / MACHINE_FILE).write_bytes(write_machine(machine))

    def _think_fast(self, local: Vault) -> None:
        """Nobody in the story has second thoughts, so what is approved waits one second, not five."""
        policy = self.local / POLICY_FILE
        policy.write_text(policy.read_text("utf-8").replace("grace: 5s", "grace: 1s"), "utf-8")
        local.sync([POLICY_FILE])

    def start(self, name: str) -> None:
        """Start one of the programs: `local`, `cloud` (both `vaultkit watch`) or `mail agent`."""
        if name == "mail agent":
            script = str(bundled("examples/cloud_email_agent.py"))
            command = [sys.executable, script, "--vault", str(self.cloud), "--inbox", str(self.inbox)]
        else:
            command = [*VAULTKIT, "-C", str(self.folder / name.capitalize()), "watch"]
        with open(self.folder / f"{name}.log", "ab") as log:
            self._programs[name] = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment()
            )

    def stop(self, name: str) -> int:
        """Ask a program to end (SIGTERM) and wait until it has; its exit code."""
        program = self._programs.pop(name)
        program.terminate()
        return program.wait(20)

    def stop_all(self) -> None:
        """End what is still running, whatever happened."""
        for program in self._programs.values():
            program.terminate()
        for program in self._programs.values():
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self._programs.clear()

    def run(self, vault: Path, *words: str) -> subprocess.Popen[str]:
        """Start a `vaultkit` command in a vault."""
        return subprocess.Popen(
            [*VAULTKIT, "-C", str(vault), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def wait_for(self, what: str, is_so: Callable[[], object]) -> None:
        """Wait until something is so; StepFailed says what was waited for, or which program ended."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            ended = [name for name, program in self._programs.items() if program.poll() is not None]
            if ended or time.monotonic() > end:
                why = f"{ended[0]} ended; see {self.folder / ended[0]}.log" if ended else "it did not happen"
                raise StepFailed(f"waited for: {what}; {why}")
            time.sleep(LOOK_EVERY_SECONDS)


VAULTKIT = [sys.executable, "-m", "vaultkit.cli.main"]


def environment() -> dict[str, str]:
    """The programs find this very vaultkit, and no git binary: nothing here may need one."""
    package = str(Path(__file__).resolve().parents[2])
    known = {**os.environ, "PATH": str(Path(sys.executable).parent), "PYTHONUNBUFFERED": "1"}
    return {**known, "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))}


def read(path: Path) -> str:
    """The text of a file, empty while it is not there."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
