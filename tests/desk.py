"""Two vaults, a remote and real `vaultkit` processes, for stories told by tests. No git is on their PATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.limited import unwatched
from vaultkit import KeyPlace, init_vault, join_vault

ROOT = Path(__file__).resolve().parents[1]
VAULTKIT = [sys.executable, "-m", "vaultkit.cli.main"]


def environment(**extra: str) -> dict[str, str]:
    """What the processes see: this checkout, and a PATH without git."""
    return {**os.environ, "PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(ROOT), **extra}


def run(vault: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a vault; no command may ever show a traceback."""
    return _run(vault, words, environment(**extra))


def step(vault: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that only leads to what a story is about.

    Measuring its coverage takes as long as the command, and would say what has been said a hundred times.
    """
    return _run(vault, words, unwatched(environment()))


def _run(vault: Path, words: tuple[str, ...], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*VAULTKIT, "-C", str(vault), *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=150, check=False)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def start(vault: Path, *words: str, **extra: str) -> subprocess.Popen[str]:
    """Start a command in a vault and do not wait for it."""
    command = [*VAULTKIT, "-C", str(vault), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment(**extra), stdout=pipe, stderr=pipe, text=True)


def wait_until(is_so: Callable[[], Any], what: str = "", seconds: float = 90.0) -> Any:
    """Poll until something is so, and give it back."""
    end = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < end, f"it did not happen in time: {what}"
        time.sleep(0.01)
    return found


def text(path: Path) -> str:
    """A note's text, empty while it is not there."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""


class Desk:
    """Local and Cloud around one remote. Use in a `with` block: it ends the watchers it started."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.remote = folder / "r.git"
        self.url = url or str(self.remote)
        self.local, self.cloud = folder / "Local", folder / "Cloud"
        self.keys = KeyPlace(folder / "home")
        self._watchers: dict[Path, subprocess.Popen[bytes]] = {}
        local = init_vault(self.local, "local_agent", human=True, remote=self.url, keys=self.keys)
        with local, join_vault(self.url, self.cloud, "cloud_agent", keys=self.keys) as cloud:
            local.trust(cloud.pairing_line())
            cloud.sync()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        for vault in list(self._watchers):
            self.stop(vault)

    def watch(self, *vaults: Path) -> None:
        """Start `vaultkit watch` in these vaults (both, if none is named) and wait until they watch."""
        for vault in vaults or (self.local, self.cloud):
            log = self.folder / f"{vault.name}.log"
            before = text(log).count("watching")
            self.launch(vault)
            wait_until(
                lambda log=log, before=before: text(log).count("watching") > before, f"{vault} watches"
            )

    def launch(self, vault: Path) -> None:
        """Start `vaultkit watch` and do not wait for it."""
        with open(self.folder / f"{vault.name}.log", "ab") as file:
            command = [*VAULTKIT, "-C", str(vault), "watch"]
            self._watchers[vault] = subprocess.Popen(command, env=environment(), stdout=file, stderr=file)

    def watchers(self) -> dict[Path, subprocess.Popen[bytes]]:
        """The watchers that were started and not ended since."""
        return dict(self._watchers)

    def stop(self, vault: Path) -> int:
        """End a watcher with SIGTERM; its exit code. Its log may hold no traceback."""
        process = self._watchers.pop(vault)
        process.terminate()
        code = process.wait(90)
        assert "Traceback" not in text(self.folder / f"{vault.name}.log")
        return code

    def kill(self, vault: Path) -> None:
        """kill -9."""
        process = self._watchers.pop(vault)
        process.kill()
        process.wait()

    def sync(self, *vaults: Path) -> None:
        for vault in vaults or (self.local, self.cloud, self.local, self.cloud):
            done = step(vault, "sync")
            assert done.returncode in (0, 3), done.stderr

    def status(self, vault: Path) -> dict[str, Any]:
        return json.loads(step(vault, "status", "--json").stdout)  # type: ignore[no-any-return]


def put(path: Path, content: str) -> None:
    """Write a note as Obsidian does: in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8", newline="")


def act_at_once(vault: Path) -> None:
    """What is approved is acted on without grace, from the next sync on: for stories about something else."""
    policy = vault / "vaultkit.yaml"
    policy.write_text(policy.read_text("utf-8").replace("grace: 5s", "grace: 0s"), "utf-8")


def drag(vault: Path, src: str, dst: str) -> None:
    """A drag in Obsidian: one rename."""
    (vault / dst).parent.mkdir(parents=True, exist_ok=True)
    (vault / src).rename(vault / dst)
