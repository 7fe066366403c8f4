"""What the simulator found, told step by step: each once lost words, or left a note in two places."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.sim.world import POLICY, Replica, World
from tests.trees import with_mail_agent
from vaultkit.core.cycle.protocol import Write
from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Commit, Oid, changes_between, with_edits
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.identity import CHANGE
from vaultkit.errors import RemoteUnreachable
from vaultkit.memory.remote import MemoryTransport
from vaultkit.ports import Outcome
from vaultkit.testing.people import People
from vaultkit.testing.strangers import PlainGit

TEXT = b"---\nid: 1\n---\n# A note\n\nwith some words\nand some more\n"


@pytest.fixture
def world() -> World:
    world = World(1)
    world.replicas[0].disk.put("Needs_Action/email/t.md", TEXT)
    world.settle()
    return world


def places(replica: Replica) -> list[str]:
    """Where the note is, whatever was stamped into it."""
    return [path for path, data in sorted(replica.notes().items()) if b"with some words" in data]


def just_before_it_writes(replica: Replica, gesture: Callable[[], object], *, dies: bool = False) -> None:
    """One cycle, with a gesture between its last look at the disk and its first write of what arrived.

    Where it `dies`, it does not come to that write.
    """
    todo = [gesture]
    for action in replica.driver.steps():
        if isinstance(action, Write) and action.resumable and todo:
            todo.pop()()
            if dies:
                return


def sync_unheard(world: World, replica: Replica) -> None:
    """One cycle that publishes, and whose line goes dead before the answer comes."""
    remote = replica.desk.remote
    assert remote
    push = remote.push

    def unheard(expected, new):  # type: ignore[no-untyped-def]
        push(expected, new)
        world.remote.reachable = False
        raise RemoteUnreachable("the line went dead")

    remote.push = unheard  # type: ignore[method-assign]
    replica.sync()
    del remote.push
    world.remote.reachable = True


def test_a_note_moved_while_the_same_note_is_about_to_be_removed(world: World) -> None:
    """Gone already looked like done: the person's move then passed for a second note (seed 332)."""
    local, cloud = world.replicas
    local.disk.rename("Needs_Action/email/t.md", "Approved/email/t.md")
    local.sync()
    just_before_it_writes(
        cloud, lambda: cloud.disk.rename("Needs_Action/email/t.md", "Pending_Approval/email/t.md")
    )
    world.settle()
    assert places(local) == places(cloud) == ["Approved/email/t.md"]


def test_a_note_moved_once_more_while_the_first_move_is_stamped(world: World) -> None:
    """Looked at again, the old place passed for others' removal, the note for a new one (7002)."""
    local, cloud = world.replicas
    mine = "In_Progress/cloud_agent/email/t.md"
    local.disk.rename("Needs_Action/email/t.md", "Pending_Approval/email/t.md")
    local.sync()
    just_before_it_writes(cloud, lambda: cloud.disk.rename("Needs_Action/email/t.md", mine), dies=True)
    for action in cloud.driver.steps():
        if isinstance(action, Write) and cloud.disk.item(mine):
            cloud.disk.rename(mine, "In_Progress/cloud_agent/email/u.md")
    world.settle()
    assert places(local) == places(cloud) == ["Pending_Approval/email/t.md"]


def test_words_written_after_a_push_whose_answer_was_lost(world: World) -> None:
    """What was published already counted as a move by others, and beat the later one (seed 276)."""
    local, cloud = world.replicas
    local.disk.rename("Needs_Action/email/t.md", "Notes/t.md")
    sync_unheard(world, local)
    cloud.disk.put("Updates/c.md", b"by cloud\n")
    cloud.sync()
    local.disk.rename("Notes/t.md", "Done/email/t.md")
    world.settle()
    assert places(local) == places(cloud) == ["Done/email/t.md"]


@pytest.mark.parametrize("told", ["Needs_Action/email/t.md", "Notes/u.md"])
def test_a_move_of_which_only_one_end_was_told(world: World, told: str) -> None:
    """A hint of one end only made a removal, or a copy, of what is a move (seeds 145 and 905)."""
    local, cloud = world.replicas
    local.disk.move("Needs_Action/email/t.md", "Notes/u.md")
    cloud.disk.put("Needs_Action/email/t.md", TEXT + b"by cloud\n")
    cloud.sync()
    local.driver.run_cycle(frozenset({told}))
    world.settle()
    assert places(local) == places(cloud)
    assert [path for path in places(local) if not path.startswith("Conflicts/")] == ["Notes/u.md"]


@pytest.fixture
def held_drag() -> World:
    """Cloud dragged a new note to where a like name keeps it out; then its old name was another note's."""
    world = World(1)
    local, cloud = world.replicas
    cloud.disk.put("Pending_Approval/T.md", b"another draft\n")
    world.settle()
    world.remote.reachable = False
    cloud.disk.put("Needs_Action/t.md", TEXT)
    cloud.sync()
    cloud.disk.move("Needs_Action/t.md", "Pending_Approval/t.md")
    assert cloud.sync().held
    world.remote.reachable = True
    local.disk.put("Needs_Action/T.md", b"another note\n")
    local.sync()
    cloud.sync()
    return world


def test_a_note_that_a_merge_renames_stays_where_it_was_dragged(held_drag: World) -> None:
    """Written under its new name, too, it would be one note more once it is dragged on (seed 6105)."""
    local, cloud = held_drag.replicas
    assert places(cloud) == ["Pending_Approval/t.md"]
    cloud.disk.move("Pending_Approval/t.md", "In_Progress/cloud_agent/t.md")
    held_drag.settle()
    assert places(local) == places(cloud) == ["In_Progress/cloud_agent/t.md"]


def test_a_note_that_a_merge_renames_moves_once_its_drag_may_be(held_drag: World) -> None:
    """Nobody went on with it: under its new name it is just as it was."""
    local, cloud = held_drag.replicas
    local.disk.move("Pending_Approval/T.md", "Approved/T.md")
    local.sync()
    held_drag.settle()
    assert places(local) == places(cloud) == ["Pending_Approval/t.md"]
    assert not cloud.sync().held


def test_a_renamed_note_that_others_went_on_with_keeps_its_drag_held(held_drag: World) -> None:
    """What they made of it is one note, and the drag is the person's to settle."""
    local, cloud = held_drag.replicas
    local.sync()
    (there,) = places(local)
    local.disk.move(there, "In_Progress/local_agent/t.md")
    held_drag.settle()
    assert places(local) == ["In_Progress/local_agent/t.md"]
    assert [one.path for one in cloud.sync().held] == ["Pending_Approval/t.md"]


class Killed(BaseException):
    """The process ends here and now."""


def killed_after_its_first_write(replica: Replica) -> None:
    def die(_: str) -> None:
        raise Killed

    replica.disk.after_write = die
    with pytest.raises(Killed):
        replica.sync()
    replica.disk.after_write = None


def half_arrived(world: World) -> str:
    """Local wrote two notes, of which Cloud was writing the first when it was killed. Which one."""
    local, cloud = world.replicas
    for name in ("a", "b"):
        local.disk.put(f"Needs_Action/{name}.md", f"{name} by local\n".encode())
    local.sync()
    killed_after_its_first_write(cloud)
    (written,) = [path for path in cloud.notes() if b"by local" in cloud.notes()[path]]
    return written


def test_what_was_typed_into_a_note_that_had_half_arrived(world: World) -> None:
    """Only the typed line is published as Cloud's; what the interrupted merge wrote is nobody's doing."""
    local, cloud = world.replicas
    written = half_arrived(world)
    cloud.disk.put(written, cloud.notes()[written] + b"typed\n")
    world.settle()
    assert local.notes()[written].endswith(b" by local\ntyped\n")
    assert local.notes() == cloud.notes()
    path = cloud.desk.objects.commit(local.desk.objects.head())
    before = cloud.desk.objects.commit(path.parents[0])
    assert set(changes_between(cloud.desk.objects, before.tree, path.tree)) == {written}
    assert "Takes-Up" not in path.message + before.message


@pytest.mark.parametrize("typed", [{}, {"Updates/c.md": b"by cloud\n"}])
def test_what_was_taken_up_is_never_published_as_it_is(world: World, typed: dict[str, bytes]) -> None:
    """Cloud takes up the half offline; then the remote shows an old state, on which it could push."""
    _, cloud = world.replicas
    old = world.remote.head
    assert old
    half_arrived(world)
    cloud.driver.run_cycle(offline=True)
    objects = cloud.desk.objects
    assert "Takes-Up" in objects.commit(cloud.desk.objects.head()).message
    world.remote.head = old
    for path, data in typed.items():
        cloud.disk.put(path, data)
    cloud.sync()
    before, after = objects.commit(old).tree, objects.commit(world.remote.head).tree
    assert changes_between(objects, before, after).keys() == typed.keys()


@pytest.mark.parametrize("seed", range(6))
def test_what_was_taken_up_outlives_a_power_cut(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between writing many notes and syncing them; gone later, a note would pass for deleted here."""
    monkeypatch.setattr("vaultkit.desk.MANY_WRITES", 1)
    monkeypatch.setattr("vaultkit.driver.checkout.MANY_WRITES", 1)
    local, cloud = world.replicas
    written = half_arrived(world)
    cloud.driver.run_cycle(offline=True)
    cloud.disk.power_cut(Random(seed))
    world.settle()
    assert written in local.notes()
    assert local.notes() == cloud.notes()


@pytest.mark.parametrize("seed", range(12))
def test_a_drag_that_was_published_outlives_a_power_cut(world: World, seed: int) -> None:
    """Back at its old place the note would pass for a drag back, and the claim for released."""
    local = world.replicas[0]
    local.disk.flush()
    local.disk.move("Needs_Action/email/t.md", "Notes/t.md")
    local.sync()
    local.disk.power_cut(Random(seed))
    assert places(local) == ["Notes/t.md"]
    assert local.sync().commits == 0


def test_a_look_alike_that_never_stood_on_this_disk_can_be_removed_elsewhere() -> None:
    """A vault is joined whose history holds two names that differ in case; then the second is removed."""
    local, cloud = World(1, ("local_agent",)).replicas[0], Replica(World(2), "cloud_agent", 5)
    objects, identity = local.desk.objects, local.desk.identity
    policy = read_policy(POLICY)

    def publish(edits: dict[str, Oid | None]) -> Oid:
        head = objects.head()
        assert head
        tree = with_edits(objects, objects.commit(head).tree, edits)
        message = add_trailer("by hand", CHANGE, str(edits))
        commit = Commit(tree, (head,), "local_agent <l@x>", objects.commit(head).time + 1, message)
        oid = objects.put_commit(identity.sign(commit, policy))
        assert objects.move_head(head, oid)
        assert local.desk.remote
        assert local.desk.remote.push(head, oid).outcome is Outcome.ACCEPTED
        return oid

    one = objects.put_blob(b"one\n")
    twins = publish({"Notes/A.md": one, "Notes/a.md": objects.put_blob(b"two\n")})
    cloud.desk.remote = MemoryTransport(local.desk.remote._remote, cloud.desk.objects)  # type: ignore[union-attr]
    cloud.begin(trusted=twins)
    publish({"Notes/a.md": None})
    assert cloud.sync().in_step
    assert cloud.sync().in_step


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_note_that_waited_for_a_name_goes_as_soon_as_the_name_is_free(world: World, is_moved: bool) -> None:
    """It went one cycle later, so three cycles were not enough until all agreed (seed 654)."""
    local, cloud = world.replicas
    local.disk.put("Notes/T.md", TEXT.replace(b"id: 1", b"id: 2"))
    world.settle()
    if is_moved:
        local.disk.rename("Notes/T.md", "Needs_Action/email/T.md")
    else:
        local.disk.put("Needs_Action/email/T.md", TEXT.replace(b"id: 1", b"id: 3"))
    local.sync()
    assert "Needs_Action/email/T.md" in {one.path for one in local.desk.state.held()}
    cloud.disk.take("Needs_Action/email/t.md")
    cloud.sync()
    assert local.sync().in_step
    assert not local.desk.state.held()
    cloud.sync()
    assert cloud.notes() == local.notes()
    assert places(cloud) == ["Needs_Action/email/T.md", *([] if is_moved else ["Notes/T.md"])]


def test_a_note_that_git_brought_moved_before_it_is_put_right(world: World) -> None:
    """What is gone again was moved by somebody; putting it right would make two of it (seed 3718)."""
    local, cloud = world.replicas
    brought, mine = "Needs_Action/email/n.md", "In_Progress/cloud_agent/email/n.md"
    note = TEXT.replace(b"id: 1", b"id: 2").replace(b"with some words", b"of its own")
    local.disk.put(brought, note)
    local.sync()
    assert cloud.desk.remote
    head = world.remote.head
    assert head
    cloud.desk.remote.fetch(head, [])
    cloud.desk.objects.fetched.add(head)  # type: ignore[attr-defined]
    cloud.disk.put(brought, note)
    just_before_it_writes(cloud, lambda: cloud.disk.rename(brought, mine))
    assert cloud.driver.report.in_step
    world.settle()
    for replica in (local, cloud):
        assert len([path for path, data in replica.notes().items() if b"of its own" in data]) == 1


@pytest.mark.parametrize("task", ["Needs_Action/email/t.md", "In_Progress/mail_agent/email/t.md"])
def test_a_note_written_where_a_removal_counts_that_does_not_count_elsewhere(task: str) -> None:
    """A merge by git had put it into doubt; the note passed for half a move, and was undone (seed 870)."""
    names = ("local_agent", "cloud_agent", "mail_agent")
    world = World(1, names, with_mail_agent().encode())
    _, cloud, mail = world.replicas
    draft = "Pending_Approval/email/t.md"
    cloud.disk.put(draft, TEXT.replace(b"id: 1", b"id: 1\nowner: cloud_agent"))
    world.settle()
    cloud.disk.take(draft)
    sync_unheard(world, cloud)
    mail.sync()
    assert PlainGit(world.remote, People(Random(1))).push_merge()
    mail.disk.put(task, TEXT + world.line(mail))
    mail.sync()
    cloud.sync()
    world.settle()
    for replica in world.replicas:
        assert places(replica) == [task]
        assert world.written[0] in replica.notes()[task]
