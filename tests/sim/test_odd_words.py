"""Odd statuses and owners are told on every machine until they are mended, through whole cycles."""

from __future__ import annotations

from tests.sim.test_second_thoughts import APPROVED, PENDING, machine_that_waits, wait_out_the_grace
from tests.sim.world import POLICY, Replica, World
from vaultkit.memory.remote import MemoryRemote
from vaultkit.unmoved import MOST_REMEMBERED, unmoved_notes

TASK, LATER = "Needs_Action/x.md", "Later/a.md"


def note(*lines: str) -> bytes:
    return "\n".join(("---", *lines, "---", "words", "")).encode()


def problems(replica: Replica) -> list[str]:
    return replica.sync().problems


def test_a_new_note_with_another_folders_status_stays_and_is_told_once_and_until_it_is_mended() -> None:
    """The log says it once, on the machine it was written at and on the other; no byte of it changes."""
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(TASK, note("status: done"))
    (problem,) = problems(local)
    assert problem.startswith(f"{TASK}: its status 'done' is not its folder's")
    assert problems(cloud) == [problem]
    world.settle()
    assert problems(local) == problems(cloud) == []
    for replica in (local, cloud):
        assert replica.notes()[TASK] == note("status: done")
        assert TASK in unmoved_notes(replica.desk)
    local.disk.put(TASK, note("status: todo"))
    world.settle()
    assert not unmoved_notes(local.desk)
    assert not unmoved_notes(cloud.desk)


def test_a_status_edited_and_one_of_a_new_note_are_both_remembered() -> None:
    """They are told one after the other in one cycle, before there is the commit that has them."""
    world = World(1)
    local = world.replicas[0]
    local.disk.put(PENDING, note("status: pending"))
    world.settle()
    local.disk.put(PENDING, note("status: aproved"))
    local.disk.put(TASK, note("status: wip"))
    assert len(problems(local)) == 2
    assert unmoved_notes(local.desk).keys() == {PENDING, TASK}


def test_of_very_many_the_newest_are_remembered_and_none_that_is_mended() -> None:
    """What was mended makes room first."""
    world = World(1)
    local = world.replicas[0]
    local.disk.put(TASK, note("status: wip"))
    local.sync()
    mended = [f"Needs_Action/{n}.md" for n in range(MOST_REMEMBERED - 1)]
    for status in ("wip", "todo"):
        for path in mended:
            local.disk.put(path, note(f"status: {status}"))
        local.sync()
    local.disk.put(PENDING, note("status: wip"))
    local.sync()
    assert unmoved_notes(local.desk).keys() == {TASK, PENDING}


def test_an_owner_nobody_is_called_is_told_until_it_is_mended() -> None:
    """Beside an odd status of the same note, and for itself once only that is mended; it binds nobody."""
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(TASK, note("status: wip", "owner: clod_agent"))
    status, owner = problems(local)
    assert "'wip' is none this vault knows" in status
    assert owner.startswith(f"{TASK}: its owner 'clod_agent' is no agent here, so it binds nobody; ")
    local.disk.put(TASK, note("status: todo", "owner: clod_agent"))
    world.settle()
    for replica in (local, cloud):
        assert not unmoved_notes(replica.desk)
        assert list(unmoved_notes(replica.desk, "owner")) == [TASK]
    cloud.disk.put(TASK, note("status: todo", "owner: clod_agent") + b"more\n")
    assert problems(cloud) == []
    cloud.disk.put(TASK, note("status: todo", "owner: cloud_agent"))
    world.settle()
    assert not unmoved_notes(local.desk, "owner")
    assert not unmoved_notes(cloud.desk, "owner")


def test_a_note_that_moves_because_of_a_decorated_word_is_stamped_with_the_plain_one() -> None:
    """A list of one word, as Obsidian writes it, is a decision like any other; nothing is left to be told."""
    world = World(1)
    local, cloud = world.replicas
    local.disk.put(PENDING, note("id: 1", "status: pending_approval"))
    world.settle()
    local.disk.put(PENDING, note("id: 1", "status:", "  - ✅ Approved"))
    assert problems(local) == []
    world.settle()
    assert PENDING not in cloud.notes()
    assert b"\nstatus: approved\n" in cloud.notes()[APPROVED]
    assert not unmoved_notes(local.desk)


def test_what_a_vault_is_founded_on_is_not_told() -> None:
    """Notes that were there before the vault was one may say what they like, for whoever joins it too."""
    world = World(1)
    world.remote = MemoryRemote()
    local, cloud = (Replica(world, agent, 9) for agent in ("local_agent", "cloud_agent"))
    local.disk.put("vaultkit.yaml", POLICY)
    local.disk.put(TASK, note("status: done", "owner: Ada"))
    local.begin()
    cloud.begin(trusted=local.desk.trusted)
    assert TASK in cloud.notes()
    for replica in (local, cloud):
        assert problems(replica) == []
        assert not unmoved_notes(replica.desk)
        assert not unmoved_notes(replica.desk, "owner")


def test_approved_and_dragged_where_nothing_is_known_it_is_never_acted_on_and_that_is_told() -> None:
    """Not after the grace time, not edited there, not dragged straight back; only once approved anew."""
    machine = machine_that_waits()
    machine.disk.move(APPROVED, LATER)
    wait_out_the_grace(machine)
    assert b"status: approved" in machine.notes()[LATER]
    assert "nothing comes of it" in unmoved_notes(machine.desk)[LATER]
    machine.disk.put(LATER, machine.notes()[LATER] + b"edited\n")
    wait_out_the_grace(machine)
    assert LATER in unmoved_notes(machine.desk)
    machine.disk.move(LATER, APPROVED)
    wait_out_the_grace(machine)
    assert not machine.carried_out
    machine.disk.move(APPROVED, PENDING)
    machine.whole_cycle()
    assert not unmoved_notes(machine.desk)
    machine.disk.move(PENDING, APPROVED)
    wait_out_the_grace(machine)
    assert len(machine.carried_out) == 1
