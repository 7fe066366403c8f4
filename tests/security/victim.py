"""The attacked machine as a process of its own, with no more memory than it may need.

One line in is one cycle; one line out says how it ended. What the attacker builds costs the attacker.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.limited import limit_from_here, unwatched
from tests.security.shooting import Synced, synced
from vaultkit import Vault

ROOT = Path(__file__).resolve().parents[2]


class Victim:
    """Runs the cycles of a vault in another process. Use in a `with` block."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> Victim:
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "tests.security.victim", str(self._root)]
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=unwatched()
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=90)

    def sync(self) -> Synced:
        """One cycle there; an assertion if the process did not survive it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("sync\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the process ended: {self._process.wait()}"
        return Synced(*json.loads(line))


def main() -> None:
    with Vault.open(sys.argv[1]) as vault:
        vault.sync()
        limit_from_here(cpu_seconds=3600)
        for _ in sys.stdin:
            sys.stdout.write(json.dumps(synced(vault)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
