"""A status that somebody edits moves its note, through whole cycles of the real engine and driver."""

from __future__ import annotations

import pytest

from tests.sim.world import Replica, World
from vaultkit.testing import Machine, Simulation
from vaultkit.unmoved import unmoved_notes

PENDING, APPROVED = "Pending_Approval/email/x.md", "Approved/email/x.md"


def note(status: str, more: str = "") -> bytes:
    return f"---\nid: 7\nstatus: {status}\n{more}---\nwords\n".encode()


def world_with(
    path: str = PENDING, content: bytes = note("pending_approval")
) -> tuple[World, Replica, Replica]:
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(path, content)
    world.settle()
    return world, local, cloud


def test_a_status_edit_on_the_persons_machine_is_an_approval() -> None:
    """One commit holds the edit, the move and the stamps; both machines have the note in `Approved/`."""
    world, local, cloud = world_with()
    local.disk.put(PENDING, note("approved"))
    report = local.sync()
    assert report.commits == 1
    world.settle()
    for replica in (local, cloud):
        notes = replica.notes()
        assert PENDING not in notes
        assert b"approved_by: local_agent" in notes[APPROVED]
        assert b"status: approved" in notes[APPROVED]


def test_a_status_edit_on_an_agents_machine_is_held() -> None:
    """Cloud's edit stays on its disk with the reason; taken back, it is forgotten."""
    world, local, cloud = world_with()
    cloud.disk.put(PENDING, note("approved"))
    (held,) = cloud.sync().held
    assert held.path == PENDING
    assert "its status says approved" in held.detail
    world.settle()
    assert local.notes()[PENDING] == note("pending_approval")
    cloud.disk.put(PENDING, note("pending_approval"))
    cloud.sync()
    assert not cloud.desk.state.held()


def test_why_an_edited_status_is_held_is_said_as_things_are() -> None:
    """Dragged to where it may not be and back, in looks at one place at a time, nothing is there any more."""
    _, _, cloud = world_with()
    cloud.disk.put(PENDING, note("approved"))
    (before,) = cloud.sync().held
    cloud.disk.move(PENDING, APPROVED)
    cloud.driver.run_cycle(frozenset([PENDING, APPROVED]))
    cloud.disk.move(APPROVED, PENDING)
    cloud.driver.run_cycle(frozenset([PENDING]))
    (after,) = cloud.desk.state.held()
    assert after == before


@pytest.mark.parametrize("by_others", [False, True])
def test_a_place_that_is_left_is_free_for_a_status(by_others: bool) -> None:
    """An edit held because a note was in its way goes in the cycle that hears that this one is gone."""
    task = "Needs_Action/email/x.md"
    world, local, cloud = world_with(task, b"in the way\n")
    local.disk.put(PENDING, note("pending_approval"))
    world.settle()
    local.disk.put(PENDING, note("needs_action"))
    (held,) = local.sync().held
    assert "is there already" in held.detail
    (cloud if by_others else local).disk.take(task)
    cloud.sync()
    report = local.driver.run_cycle(frozenset([PENDING if by_others else task]))
    assert not report.held
    assert not local.desk.state.held()
    assert local.notes().keys() & {PENDING, task} == {task}
    world.settle()
    assert b"words" in cloud.notes()[task]


def test_a_commit_that_has_a_name_is_of_nothing_that_was_held() -> None:
    """What waited for a place that a command makes free goes with the next cycle, under its own name."""
    task = "Needs_Action/email/x.md"
    world, local, _ = world_with(task, b"in the way\n")
    local.disk.put(PENDING, note("pending_approval"))
    world.settle()
    local.disk.put(PENDING, note("needs_action"))
    local.sync()
    local.disk.take(task)
    assert local.driver.run_cycle(frozenset([task]), message="remove the task").commits == 1
    assert [held.path for held in local.desk.state.held()] == [PENDING]
    local.sync()
    assert not local.desk.state.held()


def test_dragged_and_edited_at_once_the_folder_wins() -> None:
    """The status said `rejected`, the drag `Approved/`: approved it is, and says so."""
    world, local, cloud = world_with()
    local.disk.put(PENDING, note("rejected"))
    local.disk.rename(PENDING, APPROVED)
    world.settle()
    assert b"status: approved" in cloud.notes()[APPROVED]
    assert "Rejected/email/x.md" not in cloud.notes()


def test_a_target_that_is_there_is_not_touched_and_the_note_moves_once_it_is_free() -> None:
    """Held with a clear reason, and no word of either lost; the move is made when the place is free."""
    world, local, cloud = world_with()
    local.disk.put(APPROVED, b"another one\n")
    world.settle()
    local.disk.put(PENDING, note("approved"))
    (held,) = local.sync().held
    assert held.detail == f"its status says approved, but {APPROVED} is there already"
    assert local.notes()[APPROVED] == b"another one\n"
    local.disk.take(APPROVED)
    local.sync()
    world.settle()
    assert b"status: approved" in cloud.notes()[APPROVED]
    assert PENDING not in cloud.notes()


def test_a_file_that_does_not_sync_is_in_the_way_too() -> None:
    """What stands at the target and never entered history (no text) stays, and the cycle ends."""
    _world, local, _cloud = world_with()
    local.disk.put(APPROVED, b"\xff\xfe not text")
    local.sync()
    local.disk.put(PENDING, note("approved"))
    report = local.sync()
    assert report.in_step
    assert any("is there already" in held.detail for held in report.held)
    assert local.notes()[PENDING] == note("approved")


def test_an_unknown_status_syncs_and_is_told_until_it_is_mended() -> None:
    """The word travels, the note stays, `status` names it; with a known word it moves and is forgotten."""
    world, local, cloud = world_with()
    local.disk.put(PENDING, note("aproved"))
    (problem,) = local.sync().problems
    assert problem.startswith(f"{PENDING}: its status 'aproved'")
    world.settle()
    assert cloud.notes()[PENDING] == note("aproved")
    assert list(unmoved_notes(local.desk)) == [PENDING]
    local.disk.put(PENDING, note("approved"))
    world.settle()
    assert APPROVED in cloud.notes()
    assert not unmoved_notes(local.desk)


def test_an_unknown_status_is_told_once_also_where_another_note_moves_in_that_cycle() -> None:
    """The cycle looks again after it moved a note, and does not say again what it said."""
    world, local, _cloud = world_with()
    other = PENDING.replace("x.md", "y.md")
    local.disk.put(other, note("pending_approval"))
    world.settle()
    local.disk.put(PENDING, note("aproved"))
    local.disk.put(other, note("approved"))
    assert len(local.sync().problems) == 1


def test_what_arrives_moves_nothing() -> None:
    """An older program at Cloud pushes a status as it is: Local writes it, and decides nothing by it."""
    world, local, cloud = world_with()
    cloud.disk.put(PENDING, note("approved"))
    cloud.driver.run_cycle(message="an older program", as_written=True)
    world.settle()
    assert local.notes()[PENDING] == note("approved")
    local.disk.put(PENDING, note("approved") + b"typed here\n")
    world.settle()
    assert PENDING in local.notes()
    assert APPROVED not in local.notes()


@pytest.mark.parametrize("typed", [b"", b"and typed here\n"])
def test_what_an_unknown_program_brought_here_decides_nothing(typed: bytes) -> None:
    """Another program puts what Cloud published onto the person's disk before it arrives: no approval of it.

    Also where the person typed into the note before vaultkit looked; the words are kept.
    """
    world, local, cloud = world_with()
    cloud.disk.put(PENDING, note("approved"))
    cloud.driver.run_cycle(message="past vaultkit", as_written=True)
    local.disk.put(PENDING, note("approved") + typed)
    (problem,) = local.sync().problems
    assert "others changed it too" in problem
    world.settle()
    assert PENDING in unmoved_notes(local.desk)
    for replica in (local, cloud):
        assert replica.notes()[PENDING] == note("approved") + typed
        assert APPROVED not in replica.notes()


def test_ignored_notes_sync_and_are_left_alone() -> None:
    """Edited, it stays; dragged, no byte of it changes."""
    world, local, cloud = world_with(content=note("pending_approval", "vaultkit: ignore\n"))
    edited = note("approved", "vaultkit: ignore\n")
    local.disk.put(PENDING, edited)
    world.settle()
    assert cloud.notes()[PENDING] == edited
    local.disk.rename(PENDING, APPROVED)
    world.settle()
    assert cloud.notes()[APPROVED] == edited
    assert PENDING not in cloud.notes()


def test_typing_in_the_moment_of_the_move_is_not_lost() -> None:
    """Somebody types between the look and the move: the move is thought over again with the new words."""
    world, local, cloud = world_with()
    local.disk.put(PENDING, note("approved"))
    engine_renames = local.disk.rename
    typed = note("approved") + b"typed late\n"

    def rename(src: str, dst: str) -> bool:
        local.disk.rename = engine_renames  # type: ignore[method-assign]
        done = engine_renames(src, dst)
        local.disk.put(dst, typed)
        return done

    local.disk.rename = rename  # type: ignore[method-assign]
    world.settle()
    for replica in (local, cloud):
        assert PENDING not in replica.notes()
        assert b"typed late" in replica.notes()[APPROVED]
        assert b"status: approved" in replica.notes()[APPROVED]


def test_many_at_once_each_to_its_place() -> None:
    """A table's column filled in one go: each note moves, those of one name in two domains too."""
    world = World(2)
    local, cloud = world.replicas
    names = [f"{domain}/{n}.md" for domain in ("email", "posts") for n in range(30)]
    for name in names:
        local.disk.put(f"Pending_Approval/{name}", b"---\nstatus: pending\n---\none\ntwo\nthree\n")
    world.settle()
    for name in names:
        local.disk.put(f"Pending_Approval/{name}", b"---\nstatus: approved\n---\none\ntwo\nthree\n")
    assert local.sync().commits == 1
    world.settle()
    for name in names:
        assert b"approved_by: local_agent" in cloud.notes()[f"Approved/{name}"], name
        assert f"Pending_Approval/{name}" not in cloud.notes()


def machine_with_draft() -> Machine:
    machine = Simulation(1, steps=0).machines[0]
    machine.disk.before_write = None
    machine.disk.put(PENDING, note("pending_approval"))
    machine.whole_cycle()
    machine.disk.put(PENDING, note("approved"))
    return machine


@pytest.mark.parametrize("steps", range(1, 16))
def test_a_kill_at_any_step_leaves_one_note_and_one_approval(steps: int) -> None:
    """Killed before whichever action of the cycle, the next one carries on: one note, one approval."""
    machine = machine_with_draft()
    machine.start(None)
    for _ in range(steps):
        machine.step()
    machine.kill()
    for _ in range(2):
        machine.whole_cycle()
    assert PENDING not in machine.notes()
    assert b"status: approved" in machine.notes()[APPROVED]
    assert len({move.key for move in machine.carried_out}) == 1
