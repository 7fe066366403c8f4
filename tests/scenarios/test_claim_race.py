"""The claim race with real processes: exactly one winner, every time, over a path and over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, put, start, text
from tests.servers import GitHttpServer, make_bare

ROUNDS = int(os.environ.get("VAULTKIT_ROUNDS", "8"))


@pytest.fixture(params=["path", "http"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "path":
        with Desk(tmp_path) as made:
            yield made
        return
    make_bare(tmp_path / "r.git")
    with GitHttpServer(tmp_path) as server, Desk(tmp_path, server.url("r.git")) as made:
        yield made


def test_a_race_for_each_of_many_tasks_has_one_winner(desk: Desk) -> None:
    """Both agents claim every task at the same moment; one succeeds, the other is told who did."""
    for n in range(ROUNDS):
        put(desk.local / f"Needs_Action/task{n}.md", f"Task {n}.\n")
    desk.sync(desk.local, desk.cloud)
    for n in range(ROUNDS):
        claims = [start(vault, "claim", f"task{n}.md") for vault in (desk.local, desk.cloud)]
        said = [claim.communicate(timeout=120)[1] for claim in claims]
        codes = [claim.returncode for claim in claims]
        assert sorted(codes) == [0, 4], said
        winner = ("local_agent", "cloud_agent")[codes.index(0)]
        assert winner in said[codes.index(4)]
    desk.sync()
    for n in range(ROUNDS):
        places = [
            [p.relative_to(v).as_posix() for p in v.rglob(f"task{n}.md")] for v in (desk.local, desk.cloud)
        ]
        assert places[0] == places[1]
        assert len(places[0]) == 1
        assert f"Task {n}." in text(desk.local / places[0][0])
    assert not list((desk.local / "Conflicts").rglob("*.md"))
