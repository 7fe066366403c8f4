"""The claim race with real processes: exactly one winner, every time, over a path, HTTP and ssh.

`make torture` runs 200 rounds over each; its figures are printed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk import Desk, put, start, text
from tests.racers import Racers, make_vaults
from tests.servers import GitHttpServer, SshServer, make_bare

ROUNDS = {"path": 12, "http": 6, "ssh": 2}
if wanted := os.environ.get("VAULTKIT_ROUNDS"):
    ROUNDS = dict.fromkeys(ROUNDS, int(wanted))
TASKS = {transport: [f"{transport}{n}.md" for n in range(rounds)] for transport, rounds in ROUNDS.items()}

pytestmark = pytest.mark.timeout(0 if wanted else 600)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository, `r.git`."""
    folder = tmp_path_factory.mktemp("race")
    make_bare(folder / "r.git")
    return folder


@pytest.fixture(scope="module")
def sshd(place: Path) -> SshServer:
    """A server, to be started where it is needed."""
    return SshServer(place / "ssh")


@pytest.fixture(scope="module")
def racers(place: Path, sshd: SshServer) -> Iterator[Racers]:
    """The same processes race over each transport."""
    tasks = (task for tasks in TASKS.values() for task in tasks)
    vaults = make_vaults(place, place / "r.git", tasks)
    with Racers(vaults, PATH=f"{sshd.bin}{os.pathsep}{os.environ['PATH']}") as started:
        yield started


@contextmanager
def address(transport: str, folder: Path, sshd: SshServer) -> Iterator[str]:
    """How the repository in `folder` is reached."""
    if transport == "path":
        yield str(folder / "r.git")
    elif transport == "http":
        with GitHttpServer(folder) as server:
            yield server.url("r.git")
    else:
        with sshd:
            yield sshd.url(folder / "r.git")


@pytest.mark.parametrize("transport", ["path", "http", "ssh"])
def test_of_eight_who_claim_a_task_at_once_one_has_it_and_all_know_who(
    transport: str, place: Path, racers: Racers, sshd: SshServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight processes claim each task at the same moment: one wins, and each loser is told its name."""
    with address(transport, place, sshd) as url:
        race = racers.race(TASKS[transport], url)
    if wanted:
        with capsys.disabled():
            sys.stdout.write(f"\nclaim race over {transport}: {race.figures()}\n")
    for task, runs in zip(race.tasks, race.runs, strict=True):
        winners = [run.agent for run in runs if run.won]
        assert len(winners) == 1, (task, runs)
        assert {run.holder for run in runs} == {winners[0]}, (task, runs)
        for vault in racers.vaults.values():
            assert_is_at(vault, task, f"In_Progress/{winners[0]}/{task}")


def assert_is_at(vault: Path, task: str, place: str) -> None:
    """The task is there, whole, and nowhere else."""
    assert f"Do {task}." in text(vault / place)
    stages = ("Needs_Action", "In_Progress", "Conflicts")
    found = [note for stage in stages for note in (vault / stage).rglob(f"{task[:-3]}[. ]*")]
    assert found == [vault / place]


def test_a_command_that_lost_says_who_won(tmp_path: Path) -> None:
    """Two `vaultkit claim` at the same moment: one ends with 0, the other with 4 and the winner's name."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Needs_Action/task.md", "Do it.\n")
        desk.sync(desk.local, desk.cloud)
        claims = [start(vault, "claim", "task.md") for vault in (desk.local, desk.cloud)]
        said = [claim.communicate(timeout=120)[1] for claim in claims]
        codes = [claim.returncode for claim in claims]
        assert sorted(codes) == [0, 4], said
        assert ("local_agent", "cloud_agent")[codes.index(0)] in said[codes.index(4)]
