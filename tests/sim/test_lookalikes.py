"""A folder that looks like one of the vault's own: held and named, on the disk and from the remote."""

from __future__ import annotations

import pytest

from tests.sim.world import World
from vaultkit.report import SyncReport

FAKE = "Аpproved"
NOTE = f"{FAKE}/offer.md"


def held(world: World) -> dict[str, str]:
    return {one.path: one.rule for one in world.replicas[0].desk.state.held()}


@pytest.mark.parametrize("look_at", [None, frozenset({NOTE}), frozenset({FAKE})])
def test_a_lookalike_folder_on_the_disk_is_held_and_named(look_at: frozenset[str] | None) -> None:
    """Whether a scan or a hint finds it, the folder is named, and nothing of it leaves."""
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(NOTE, b"send it\n")
    report = local.driver.run_cycle(look_at)
    assert held(world) == {FAKE: "look-alike"}
    assert [(one.path, one.quiet) for one in report.held] == [(FAKE, False)]
    assert "looks like Approved" in report.held[0].detail
    world.settle()
    assert NOTE not in cloud.notes()
    assert NOTE in local.notes()


@pytest.mark.parametrize("look_at", [None, frozenset({FAKE, NOTE, "Approved/offer.md"})])
def test_once_renamed_it_is_held_no_more(look_at: frozenset[str] | None) -> None:
    """The person gives the folder its right name: its note leaves, and nothing is held any longer."""
    world = World(2)
    local, cloud = world.replicas
    local.disk.put(NOTE, b"send it\n")
    local.sync()
    del local.disk.files[NOTE]
    local.disk.folders.discard(FAKE)
    local.disk.put("Approved/offer.md", b"send it\n")
    report: SyncReport = local.driver.run_cycle(look_at)
    assert report.in_step
    assert held(world) == {}
    world.settle()
    assert "Approved/offer.md" in cloud.notes()


def test_a_lookalike_of_the_dashboard_is_held() -> None:
    """A note that looks like the Dashboard stays where it was made, and is named."""
    world = World(3)
    local, cloud = world.replicas
    local.disk.put("Dashbоard.md", b"# Not it\n")
    local.sync()
    assert held(world) == {"Dashbоard.md": "look-alike"}
    world.settle()
    assert "Dashbоard.md" not in cloud.notes()
