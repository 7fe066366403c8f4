"""`kill -9` at the calls that change the disk: vaultkit recovers without a hand, and nothing is lost.

`VAULTKIT_KILLS` says at how many calls of all the stories (default: few; `all`: at every one), and
`VAULTKIT_DOUBLE_KILLS` how many times it is killed again while it recovers. What was done is added to
the file `VAULTKIT_KILLS_LOG`, if one is named.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.durable import Disk
from tests.kills.machine import Machine, require_tracing
from tests.kills.stories import STORIES
from tests.kills.sweep import Count, Sweep
from tests.kills.trace import Call

KILLS = os.environ.get("VAULTKIT_KILLS", "56")
DOUBLE_KILLS = int(os.environ.get("VAULTKIT_DOUBLE_KILLS", "14"))
LOG = os.environ.get("VAULTKIT_KILLS_LOG")
MEMORY = Path("/dev/shm")
FEWEST_PUBLISHED = 4

pytestmark = pytest.mark.real


@pytest.fixture(params=STORIES, ids=lambda story: story.name.replace(" ", "-"), scope="module")
def sweep(request: pytest.FixtureRequest) -> Iterator[Sweep]:
    require_tracing()
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(dir=where, prefix="vaultkit-kills-") as folder,
        Machine(Path(folder), Path(folder, "at", "home")) as machine,
    ):
        yield Sweep(request.param, Path(folder), machine)


def test_nothing_is_published_before_it_is_on_the_disk(sweep: Sweep) -> None:
    """Files are synced before they get their name; names, before a ref, the state or words rely on them."""
    disk = Disk(f"{sweep.at}/")
    disk.see(sweep.calls)
    assert disk.published >= FEWEST_PUBLISHED
    assert not disk.broken, "\n".join(disk.broken)


def test_a_kill_at_any_call_that_changes_the_disk_loses_nothing(sweep: Sweep) -> None:
    """Killed as it enters such a call, vaultkit recovers by itself at the next start."""
    demand_recovery(sweep, "killed once", sweep.kill_once(spread(sweep.points)))


def test_a_second_kill_during_the_recovery_loses_nothing(sweep: Sweep) -> None:
    """Killed again anywhere in the restart that was to mend the first kill, it recovers all the same."""
    count = sweep.kill_twice(share(DOUBLE_KILLS), random.Random(sweep.story.name))
    demand_recovery(sweep, "killed twice", count)


def share(total: int) -> int:
    """One story's part of all kills."""
    return -(-total // len(STORIES))


def spread(points: list[Call]) -> list[Call]:
    """All points, or so many as asked for, one from each stretch of the run."""
    if KILLS == "all":
        return points
    count = min(share(int(KILLS)), len(points))
    chance = random.Random(len(points))
    return [points[(n * len(points) + chance.randrange(len(points))) // count] for n in range(count)]


def demand_recovery(sweep: Sweep, what: str, count: Count) -> None:
    if LOG:
        with open(LOG, "a", encoding="utf-8") as file:
            file.write(f"{sweep.story.name}: {what}: {count}\n")
    assert not count.failures, "\n".join(count.failures)
