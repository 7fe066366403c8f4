"""Decisions rest before they are committed, and what was approved waits before it is acted on."""

from __future__ import annotations

import pytest

from tests.sim.world import Replica, World
from vaultkit.core.cycle.protocol import Advance, Keep
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.tree import find_file
from vaultkit.driver import Driver
from vaultkit.testing import Machine, Simulation
from vaultkit.unmoved import unmoved_notes

PENDING, APPROVED, ELSEWHERE = "Pending_Approval/a.md", "Approved/a.md", "Notes/n.md"
DRAFT = b"---\nid: 1\n---\none\ntwo\nthree\n"


def committed(replica: Replica, path: str) -> bytes | None:
    """What the newest commit has there."""
    oid = find_file(replica.desk.objects, replica.desk.head_tree(), path)
    return oid and replica.desk.objects.blob(oid)


def waiting_draft() -> tuple[World, Replica, Replica]:
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(PENDING, DRAFT)
    world.settle()
    return world, local, cloud


@pytest.mark.parametrize("by_status", [False, True])
def test_a_fresh_decision_is_left_alone_and_others_go_on(by_status: bool) -> None:
    """Of a drag (or a status edited) and a new note only the note is committed, until the drag has rested."""
    _, local, _ = waiting_draft()
    if by_status:
        local.disk.put(PENDING, DRAFT.replace(b"id: 1\n", b"id: 1\nstatus: approved\n"))
    else:
        local.disk.rename(PENDING, APPROVED)
    local.disk.put(ELSEWHERE, b"note\n")
    before = local.notes()
    report = local.driver.run_cycle(rested=frozenset())
    assert (report.commits, report.held, local.notes()) == (1, [], before)
    assert [(move.src, move.dst) for move in report.resting] == [(PENDING, APPROVED)]
    report = local.driver.run_cycle(rested=frozenset(report.resting))
    assert (report.commits, report.resting) == (1, set())
    assert b"status: approved" in local.notes()[APPROVED]
    assert PENDING not in local.notes()


def test_taken_back_in_time_it_leaves_no_trace() -> None:
    """No commit, no stamp, nothing held: byte for byte as it was."""
    _, local, _ = waiting_draft()
    head = local.desk.state.get("head")
    local.disk.rename(PENDING, APPROVED)
    local.driver.run_cycle(rested=frozenset())
    local.disk.rename(APPROVED, PENDING)
    report = local.driver.run_cycle(rested=frozenset())
    assert (report.commits, report.resting, report.held) == (0, set(), [])
    assert local.desk.state.get("head") == head
    assert local.notes()[PENDING] == DRAFT


def test_what_is_typed_into_a_resting_note_is_committed_at_once() -> None:
    """At the place that it was dragged from, save after save; the drag alone rests, and can be taken back."""
    world, local, cloud = waiting_draft()
    local.disk.rename(PENDING, APPROVED)
    for words in (DRAFT + b"first\n", DRAFT + b"second\n"):
        local.disk.put(APPROVED, words)
        report = local.driver.run_cycle(rested=frozenset())
        assert (report.commits, report.held, committed(local, PENDING)) == (1, [], words)
        assert [(move.src, move.old, move.new) for move in report.resting] == [
            (PENDING, *[object_id("blob", words)] * 2)
        ]
        assert (local.notes()[APPROVED], PENDING in local.notes()) == (words, False)
    cloud.sync()
    assert cloud.notes()[PENDING] == DRAFT + b"second\n"
    local.disk.rename(APPROVED, PENDING)
    assert local.driver.run_cycle(rested=frozenset()).commits == 0
    local.disk.rename(PENDING, APPROVED)
    resting = local.driver.run_cycle(rested=frozenset()).resting
    assert local.driver.run_cycle(rested=frozenset(resting)).commits == 1
    world.settle()
    assert all(PENDING not in replica.notes() for replica in world.replicas)
    assert b"second" in cloud.notes()[APPROVED]


def test_what_is_typed_into_a_resting_note_is_on_the_disk_for_good_before_it_is_committed() -> None:
    """A power cut later history has words that the disk has too."""
    _, local, _ = waiting_draft()
    local.disk.rename(PENDING, APPROVED)
    local.disk.put(APPROVED, DRAFT + b"typed\n")
    actions = list(local.driver.steps(rested=frozenset()))
    first = next(at for at, action in enumerate(actions) if isinstance(action, Advance))
    assert Keep(frozenset({APPROVED})) in actions[:first]


@pytest.mark.parametrize("place", [APPROVED, PENDING])
def test_what_belongs_to_the_decision_rests_with_it(place: str) -> None:
    """A status that was edited, and what is typed into a note that is dragged out of `Approved/`."""
    _, local, _ = waiting_draft()
    typed = b"---\nid: 1\nstatus: approved\n---\none\n"
    if place == APPROVED:
        local.disk.rename(PENDING, APPROVED)
        local.sync()
        typed = local.notes()[APPROVED] + b"typed\n"
    other = PENDING if place == APPROVED else APPROVED
    local.disk.rename(place, other)
    local.disk.put(other, typed)
    before = committed(local, place)
    report = local.driver.run_cycle(rested=frozenset())
    assert (report.commits, len(report.resting), committed(local, place)) == (0, 1, before)


def test_what_needs_the_place_that_a_resting_note_left_waits_for_it() -> None:
    """A new note whose name differs in case alone would be refused by the others, and is not published."""
    world, local, cloud = waiting_draft()
    local.disk.rename(PENDING, APPROVED)
    local.disk.put("Pending_Approval/A.md", b"another\n")
    report = local.driver.run_cycle(rested=frozenset())
    assert (report.commits, [one.rule for one in report.held]) == (0, ["collision"])
    report = local.driver.run_cycle(rested=frozenset(report.resting))
    assert (report.commits, report.held) == (1, [])
    world.settle()
    assert cloud.notes()["Pending_Approval/A.md"] == b"another\n"


def test_one_end_of_a_resting_drag_is_no_deletion() -> None:
    """A hint that tells of the old place alone leads to the same: the drag rests, whole."""
    _, local, _ = waiting_draft()
    local.disk.rename(PENDING, APPROVED)
    report = local.driver.run_cycle(frozenset({PENDING}), rested=frozenset())
    assert report.commits == 0
    assert len(report.resting) == 1


@pytest.mark.parametrize("typed", [b"", b"typed\n"])
@pytest.mark.parametrize("place", [APPROVED, PENDING])
def test_who_looks_at_one_end_of_a_drag_that_rests_sees_all_of_it(place: str, typed: bytes) -> None:
    """Another program, say, that edits it where it is now: it is no new note there, and it was approved."""
    _, local, _ = waiting_draft()
    local.disk.rename(PENDING, APPROVED)
    local.disk.put(APPROVED, DRAFT + typed)
    assert local.driver.run_cycle(rested=frozenset()).resting
    report = Driver(local.desk).run_cycle(frozenset({place}))
    assert (report.commits, report.problems, committed(local, PENDING)) == (1, [], None)
    assert b"status: approved" in (committed(local, APPROVED) or b"")
    assert not local.desk.state.get("resting")


def test_a_drag_that_rests_is_one_also_where_others_put_a_note_in_its_way() -> None:
    """The merge comes upon the new place alone; the note would be a new one, and stand in both for others."""
    world = World(1)
    local, cloud = world.replicas
    mine, there = "In_Progress/local_agent/a.md", PENDING
    local.disk.put(mine, DRAFT)
    world.settle()
    cloud.disk.put(there, b"---\nid: 2\n---\nanother\n")
    cloud.sync()
    local.disk.rename(mine, there)
    local.driver.run_cycle(offline=True, rested=frozenset())
    assert local.driver.run_cycle(frozenset(), rested=frozenset()).in_step
    assert committed(local, mine) is None
    world.settle()
    assert sum(b"id: 1" in data for data in cloud.notes().values()) == 1


def test_what_others_did_to_it_meanwhile_cannot_wait() -> None:
    """Cloud publishes another version of the draft while the drag rests: both are settled in that cycle."""
    world, local, cloud = waiting_draft()
    cloud.disk.put(PENDING, DRAFT + b"late\n")
    cloud.sync()
    local.disk.rename(PENDING, APPROVED)
    report = local.driver.run_cycle(rested=frozenset())
    assert report.in_step, report
    world.settle()
    for replica in (local, cloud):
        notes = replica.notes()
        assert PENDING not in notes
        assert any(b"late" in data for path, data in notes.items() if path.startswith("Conflicts/"))
        assert b"late" not in notes[APPROVED]


def test_a_drag_that_is_seen_just_as_the_note_is_saved_is_a_drag() -> None:
    """Obsidian empties a note for a moment when it saves: the old place is not taken for a removal."""
    machine = Simulation(1, steps=0).machines[0]
    machine.disk.before_write = None
    machine.disk.put(PENDING, DRAFT)
    machine.whole_cycle()
    machine.disk.move(PENDING, APPROVED)
    machine.disk.put(APPROVED, b"")
    machine.whole_cycle()
    assert PENDING in machine.synced()
    assert machine.last
    assert machine.last.look_again == {PENDING, APPROVED}
    machine.disk.put(APPROVED, DRAFT + b"typed\n")
    machine.whole_cycle()
    assert [move.src for move in machine.carried_out] == [PENDING]
    assert machine.notes()[APPROVED].endswith(b"typed\n")


# Grace


def machine_that_waits() -> Machine:
    """The person's machine, with a draft and five seconds of grace."""
    machine = Simulation(1, steps=0).machines[0]
    machine.disk.before_write = None
    policy = machine.notes()["vaultkit.yaml"]
    machine.disk.put("vaultkit.yaml", policy.replace(b"grace: 0s", b"grace: 5s"))
    machine.disk.put(PENDING, DRAFT)
    machine.whole_cycle()
    machine.disk.move(PENDING, APPROVED)
    machine.whole_cycle()
    assert b"status: approved" in machine.notes()[APPROVED]
    assert not machine.carried_out
    return machine


def wait_out_the_grace(machine: Machine) -> None:
    """Some cycles, a second each and more together than the grace time."""
    for _ in range(12):
        machine.whole_cycle()


def test_what_was_approved_is_acted_on_after_the_grace_time_and_once() -> None:
    """Not before, and not again."""
    machine = machine_that_waits()
    for _ in range(12):
        machine.whole_cycle()
        early = machine.clock.now() - machine.carried_out[0].time if machine.carried_out else 5
        assert early >= 5
    assert len(machine.carried_out) == 1


@pytest.mark.parametrize("place", [PENDING, "Rejected/a.md", "Notes/a.md"])
def test_dragged_away_in_the_grace_time_it_is_not_acted_on(place: str) -> None:
    """Wherever to: it is not approved any more, and approved again it is acted on once."""
    machine = machine_that_waits()
    machine.disk.move(APPROVED, place)
    wait_out_the_grace(machine)
    assert not machine.carried_out
    if place != PENDING:
        machine.disk.move(place, PENDING)
        machine.whole_cycle()
    machine.disk.move(PENDING, APPROVED)
    wait_out_the_grace(machine)
    assert len(machine.carried_out) == 1


def test_changed_in_the_grace_time_it_is_not_acted_on_and_that_is_told() -> None:
    """Other bytes are not what was approved; the status says so until the note is approved again."""
    machine = machine_that_waits()
    machine.disk.put(APPROVED, machine.notes()[APPROVED] + b"and one more thing\n")
    wait_out_the_grace(machine)
    assert not machine.carried_out
    assert "changed in the grace time" in unmoved_notes(machine.desk)[APPROVED]
    machine.disk.move(APPROVED, PENDING)
    machine.whole_cycle()
    assert not unmoved_notes(machine.desk)
    machine.disk.move(PENDING, APPROVED)
    wait_out_the_grace(machine)
    (move,) = machine.carried_out
    assert b"one more thing" in machine.objects.blob(move.oid)
