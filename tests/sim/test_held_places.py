"""The place of a held note, once the note has left it."""

from __future__ import annotations

from tests.sim.world import World


def test_what_others_put_where_a_held_note_was_comes_also_if_the_remote_is_away_then() -> None:
    """Else it would pass for deleted by whoever dragged the held note away: nothing was held any more."""
    world = World(1)
    local, cloud = world.replicas
    local.disk.put("Needs_Action/X.md", b"one\n")
    world.settle()
    local.disk.put("Needs_Action/x.md", b"held\n")
    cloud.disk.rename("Needs_Action/X.md", "Updates/X.md")
    cloud.disk.put("Needs_Action/x.md", b"of cloud\n")
    assert [one.rule for one in local.driver.run_cycle(offline=True).held] == ["collision"]
    cloud.sync()
    assert [one.rule for one in local.sync().held] == ["superseded"]
    local.disk.rename("Needs_Action/x.md", "Notes/x.md")
    local.driver.run_cycle(offline=True)
    world.settle()
    for replica in world.replicas:
        assert replica.notes()["Needs_Action/x.md"] == b"of cloud\n"
        assert replica.notes()["Notes/x.md"] == b"held\n"
        assert not replica.desk.state.held()


def test_a_held_drag_that_others_overtook_stays_held_once_theirs_is_written() -> None:
    """It would pass for a new note, and the note would be in two places."""
    draft, words = "Pending_Approval/x.md", b"---\nid: 1\n---\none\n"
    world = World(1)
    local, cloud = world.replicas
    local.disk.put("Rejected/X.md", b"in the way\n")
    local.disk.put(draft, words)
    world.settle()
    local.disk.rename(draft, "Rejected/x.md")
    assert {one.rule for one in local.sync().held} == {"collision", "move"}
    cloud.disk.rename(draft, "Pending_Approval/y.md")
    cloud.disk.put(draft, b"---\nid: 2\n---\nanother\n")
    cloud.sync()
    local.sync()
    local.disk.take("Rejected/X.md")
    world.settle()
    assert [(one.path, one.rule) for one in local.desk.state.held()] == [("Rejected/x.md", "superseded")]
    assert [path for path, data in cloud.notes().items() if data == words] == ["Pending_Approval/y.md"]
