"""Vaults of a size, with a git server in a process of its own, and two git clones for the peer."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.servers import git, make_bare
from vaultkit import KeyPlace, init_vault, join_vault

TEXT = "draft reply invoice meeting person agent Monday budget travel note answer plan river window"
WORDS = TEXT.split()
NOTES_PER_FOLDER = 100


class Bench:
    """Two vaultkit copies and two git clones of the same notes, over HTTP."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.a, self.b = folder / "A", folder / "B"
        self.git_a, self.git_b = folder / "gitA", folder / "gitB"

    def __enter__(self) -> Bench:
        make_bare(self.folder / "r.git")
        command = [sys.executable, "-m", "tests.servers", str(self.folder)]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout
        self.address = self._server.stdout.readline().strip()
        write_notes(self.a, self.size)
        began = time.monotonic()
        url, keys = f"{self.address}r.git", KeyPlace(self.folder / "keys")
        local = init_vault(self.a, "local_agent", human=True, remote=url, keys=keys)
        self.init_seconds = time.monotonic() - began
        began = time.monotonic()
        cloud = join_vault(url, self.b, "cloud_agent", keys=keys)
        self.join_seconds = time.monotonic() - began
        with local, cloud:
            local.trust(cloud.pairing_line())
            cloud.sync()
        self._make_peer()
        return self

    def _make_peer(self) -> None:
        """The same history in a remote of its own, cloned twice by git."""
        shutil.copytree(self.folder / "r.git", self.folder / "g.git")
        for clone in (self.git_a, self.git_b):
            git("clone", "-q", f"{self.address}g.git", clone)
            for name, value in (("user.name", "Git"), ("user.email", "git@example.org"), ("gc.auto", "0")):
                git("config", name, value, cwd=clone)

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(10)

    def note(self, number: int) -> str:
        return note_path(number % self.size)


def note_path(number: int) -> str:
    folder = number // NOTES_PER_FOLDER
    return f"Notes/area{folder // 50:02d}/topic{folder:04d}/note{number:06d}.md"


def write_notes(root: Path, size: int) -> None:
    chance = random.Random(size)
    for number in range(size):
        path = root / note_path(number)
        if number % NOTES_PER_FOLDER == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        lines = [" ".join(chance.choices(WORDS, k=12)) for _ in range(chance.randint(4, 20))]
        path.write_text(f"---\nstatus: open\n---\n# Note {number}\n\n" + "\n".join(lines) + "\n", "utf-8")
