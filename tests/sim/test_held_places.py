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
