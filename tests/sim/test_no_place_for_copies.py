"""A policy that lets an agent add no conflict copies: what cannot be merged stays with its author."""

from __future__ import annotations

from tests.sim.world import POLICY, World

NOTE = "Updates/a.md"


def test_words_that_nowhere_fit_stay_on_the_disk_of_their_author() -> None:
    """Held, told, and safe from all later syncs, until the person has seen to them."""
    world = World(1, policy=POLICY.replace(b'add: ["*"]}', b"add: []}"))
    local, cloud = world.replicas
    local.disk.put(NOTE, b"one\n")
    world.settle()
    local.disk.put(NOTE, b"of local\n")
    cloud.disk.put(NOTE, b"of cloud\n")
    local.sync()
    told = [(one.path, one.rule) for _ in range(4) for one in cloud.sync().held]
    assert told == [(NOTE, "zone"), *[(NOTE, "superseded")] * 3]
    assert (cloud.notes()[NOTE], local.notes()[NOTE]) == (b"of cloud\n", b"of local\n")
    local.disk.put(NOTE, b"of local, later\n")
    local.sync()
    cloud.sync()
    assert cloud.notes()[NOTE] == b"of cloud\n"
    assert [one.path for one in cloud.desk.state.held()] == [NOTE]
