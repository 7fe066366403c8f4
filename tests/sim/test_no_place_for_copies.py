"""A policy that lets an agent add no conflict copies: what cannot be merged stays with its author."""

from __future__ import annotations

import pytest

from tests.sim.world import POLICY, World
from vaultkit.core.rules.policy_edit import revoke_agent

NOTE = "Updates/a.md"
NO_COPIES = POLICY.replace(b'add: ["*"]}', b"add: []}")


def test_words_that_nowhere_fit_stay_on_the_disk_of_their_author() -> None:
    """Held, told, and safe from all later syncs, until the person has seen to them."""
    world = World(1, policy=NO_COPIES)
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


@pytest.mark.parametrize("reason", ["no copies", "revoked"])
@pytest.mark.parametrize("place", [NOTE, "Updates/c.md", "Needs_Action/c.md"])
@pytest.mark.parametrize("theirs", ["Updates/b.md", "Needs_Action/a.md", "Notes/a.md"])
def test_words_for_a_note_that_others_moved_stay_where_they_are(place: str, theirs: str, reason: str) -> None:
    """Not where the note is now: there is nothing of mine there, and what is not held is written over."""
    world = World(1, policy=NO_COPIES)
    local, cloud = world.replicas
    local.disk.put(NOTE, b"---\nid: 1\n---\none\n")
    world.settle()
    local.disk.rename(NOTE, theirs)
    local.disk.put(theirs, b"---\nid: 1\n---\nof local\n")
    if reason == "revoked":
        local.disk.put("vaultkit.yaml", revoke_agent(local.notes()["vaultkit.yaml"], "cloud_agent"))
    cloud.disk.rename(NOTE, place)
    words = b"---\nid: 1\n---\nof cloud\n"
    cloud.disk.put(place, words)
    local.sync()
    for _ in range(3):
        assert [one.path for one in cloud.sync().held] == [place]
        assert words.splitlines()[-1] in cloud.notes()[place]
    local.sync()
    assert [path for path, data in local.notes().items() if b"id: 1" in data] == [theirs]
