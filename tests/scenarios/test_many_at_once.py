"""Very many notes at once, dropped into a vault that is watched, or dragged through it as a folder.

`make torture` does it with 10,000 (and a folder of 2,000); what that takes is printed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk import Desk, put, run, start, text, wait_until
from vaultkit import Vault

MANY = int(os.environ.get("VAULTKIT_MANY", "0"))
DROPPED, DRAGGED = MANY or 300, MANY // 5 or 60
PATIENCE = 3600.0 if MANY else 200.0

pytestmark = pytest.mark.timeout(0 if MANY else 300)


def drop(folder: Path, count: int) -> None:
    for n in range(count):
        put(folder / f"note{n}.md", words(n))


def words(n: int) -> str:
    return f"---\nsubject: {n}\n---\nWhat note {n} has to say.\n"


def number_of(folder: Path) -> int:
    return len(list(folder.rglob("*.md")))


@contextmanager
def measured(desk: Desk, what: str, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Say how long it took and how much memory the watchers needed, if somebody wants to know."""
    began = time.monotonic()
    yield
    if MANY:
        used = ", ".join(f"{vault.name} {peak(process.pid)}" for vault, process in desk.watchers().items())
        with capsys.disabled():
            sys.stdout.write(f"\n{what}: {time.monotonic() - began:.0f} s; {used}\n")


def peak(pid: int) -> str:
    """The most memory that a process ever had, and the processor time it used (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    used = sum(map(int, Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]))
    memory = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))
    return f"{memory} MB, {used / os.sysconf('SC_CLK_TCK'):.0f} s of processor time"


def demand_clear(desk: Desk) -> None:
    """Both machines are in step, and nothing is held, in conflict or refused."""
    for vault in (desk.local, desk.cloud):
        wait_until(lambda vault=vault: desk.status(vault)["ahead"] == 0, "all is published", PATIENCE)
        done = run(vault, "status")
        assert done.returncode == 0, done.stdout


def test_tasks_dropped_at_once_beside_an_agent_at_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An agent claims some of them while they come in; each is in one place in the end, and whole."""
    with Desk(tmp_path) as desk:
        desk.watch()
        with measured(desk, f"{DROPPED} tasks dropped beside an agent", capsys):
            drop(desk.local / "Needs_Action/many", DROPPED)
            claimed = claim_some(desk.cloud, 3)
            tasks = desk.cloud / "Needs_Action/many"
            wait_until(lambda: number_of(tasks) == DROPPED - len(claimed), "they arrive", PATIENCE)
        for vault in (desk.local, desk.cloud):
            mine = vault / "In_Progress/cloud_agent/many"
            wait_until(lambda mine=mine: number_of(mine) == len(claimed), "the claims arrive", PATIENCE)
            assert {path.name for path in mine.iterdir()} == claimed
            left = {n for n in range(DROPPED) if f"note{n}.md" not in claimed}
            assert all(text(vault / f"Needs_Action/many/note{n}.md") == words(n) for n in left)
        demand_clear(desk)


def claim_some(vault: Path, count: int) -> set[str]:
    """Claim the first tasks that are here, by command, while others arrive."""
    claimed: set[str] = set()
    while len(claimed) < count:
        tasks = [path.name for path in (vault / "Needs_Action/many").glob("*.md")]
        wait_until(lambda: any((vault / "Needs_Action/many").glob("*.md")), "a task arrives", PATIENCE)
        for name in tasks[:1]:
            done = start(vault, "claim", name)
            _, said = done.communicate(timeout=PATIENCE)
            assert done.returncode in (0, 11), said
            claimed |= {name} if done.returncode == 0 else set()
    return claimed


def test_a_folder_of_tasks_is_dragged_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One rename is a claim of each task in it, for everybody, with all its words."""
    with Desk(tmp_path) as desk:
        drop(desk.local / "Needs_Action/many", DRAGGED)
        desk.sync(desk.local, desk.cloud)
        desk.watch()
        with measured(desk, f"a folder of {DRAGGED} dragged", capsys):
            (desk.local / "In_Progress/local_agent").mkdir(parents=True, exist_ok=True)
            (desk.local / "Needs_Action/many").rename(desk.local / "In_Progress/local_agent/many")
            there = desk.cloud / "In_Progress/local_agent/many"
            wait_until(lambda: number_of(there) == DRAGGED, "they arrive", PATIENCE)
            wait_until(lambda: not number_of(desk.cloud / "Needs_Action"), "they left", PATIENCE)
        for n in range(DRAGGED):
            assert f"What note {n} has to say." in text(there / f"note{n}.md")
        demand_clear(desk)
    with Vault.open(desk.cloud) as vault:
        claimed = [note.meta.get("owner") for note in vault.notes("In_Progress/local_agent/many/**")]
        assert claimed == ["local_agent"] * DRAGGED
