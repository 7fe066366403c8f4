"""One vault used by several threads, several processes, and both at once: nothing lost, nothing stuck.

`VAULTKIT_HANDS` says how often each hand goes through its round (default 3; `make torture` more).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tests.desk import ROOT, environment
from tests.limited import unwatched
from vaultkit import AlreadyClaimed, KeyPlace, NoteCreated, Vault, VaultError, init_vault

ROUNDS = int(os.environ.get("VAULTKIT_HANDS", "3"))
THREADS, PROCESSES, TASKS = 4, 2, 6
COUNTER = "Notes/counter.md"


def work(vault: Vault, name: str) -> list[str]:
    """One hand's rounds: count up, write a note, take a task, read all of it. What it claimed."""
    claimed = []
    for n in range(ROUNDS):
        count_up(vault)
        vault.create(f"Notes/{name}/{n}.md", f"{name} {n}\n")
        claimed += take_one(vault)
        assert any(note.path == f"Notes/{name}/{n}.md" for note in vault.notes("Notes/**"))
        assert next(vault.history()).signer == "local_agent"
        assert vault.status().agent == "local_agent"
    return claimed


def count_up(vault: Vault) -> None:
    """Read, add one, write: again until nobody came in between."""
    while True:
        try:
            with vault.edit("count") as edit:
                edit[COUNTER].body = f"{int(edit[COUNTER].body) + 1}\n"
            return
        except VaultError as error:
            if not ("changed" in error.message or "edited" in error.message):
                raise


def take_one(vault: Vault) -> list[str]:
    for task in vault.tasks("needs_action"):
        try:
            return [Path(str(vault.claim(task.path))).name]
        except (AlreadyClaimed, VaultError):
            continue
    return []


def test_threads_and_processes_share_a_vault(tmp_path: Path) -> None:
    """Every count, note and claim of every hand is there once, and what watched saw each note."""
    root, remote = tmp_path / "v", str(tmp_path / "r.git")
    init_vault(root, "local_agent", human=True, remote=remote, keys=KeyPlace(tmp_path / "home")).close()
    with Vault.open(root) as vault:
        vault.lock_seconds = 240
        vault.create(COUNTER, "0\n")
        for n in range(TASKS):
            vault.create(f"Needs_Action/{n}.md", f"{n}\n")
        seen: set[str] = set()
        with vault.watch() as events:
            hands = [Hand(lambda n=n: work(vault, f"thread {n}"), events.stop) for n in range(THREADS)]
            command = [sys.executable, "-m", "tests.scenarios.test_many_hands", str(root)]
            others = [
                subprocess.Popen([*command, f"process {n}"], cwd=ROOT, env=unwatched(environment()))
                for n in range(PROCESSES)
            ]
            new = (event for event in events if isinstance(event, NoteCreated))
            seen |= {event.path for event in islice(new, ROUNDS * (THREADS + PROCESSES))}
            assert [other.wait(250) for other in others] == [0] * PROCESSES
            for hand in hands:
                hand.join(250)
                assert not hand.is_alive()
                assert hand.failed is None, hand.failed
        assert vault.read(COUNTER).body == f"{ROUNDS * (THREADS + PROCESSES)}\n"
        written = {note.path for note in vault.notes("Notes/*/*")}
        assert len(written) == ROUNDS * (THREADS + PROCESSES)
        assert seen == written
        assert sorted(Path(task.path).name for task in vault.tasks()) == [f"{n}.md" for n in range(TASKS)]
        assert not list(vault.notes("Conflicts/**"))
        assert vault.sync().in_step


class Hand(threading.Thread):
    """A thread that remembers how its work failed."""

    def __init__(self, work: Callable[[], object], on_failure: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work, self._on_failure = work, on_failure
        self.failed: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.failed = error
            self._on_failure()


if __name__ == "__main__":
    with Vault.open(sys.argv[1]) as vault:
        vault.lock_seconds = 240
        work(vault, sys.argv[2])
