"""Notes that stay on one machine because they say `zone: local`, among machines that go on."""

from __future__ import annotations

import pytest

from tests.sim.world import Replica, World
from vaultkit.core.cycle.protocol import Finish
from vaultkit.core.git.tree import Commit, walk, with_edits
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.staying import LEFT
from vaultkit.ports import Held

SECRET = b"only for me 7c1f"
MARK = b"---\nzone: local\n---\n"
MINE = MARK + SECRET + b"\n"
NOTE = "Needs_Action/note.md"
SHARED = b"what all may know\n"


class Machines:
    """Local and Cloud, with one note that both have."""

    def __init__(self) -> None:
        self.world = World(1)
        self.local, self.cloud = self.world.replicas
        self.local.disk.put(NOTE, SHARED)
        self.settle()
        assert self.cloud.notes()[NOTE] == SHARED

    def settle(self) -> None:
        for _ in range(3):
            for replica in self.world.replicas:
                assert replica.sync().in_step

    def shared(self) -> dict[str, bytes]:
        """What all have, as Cloud knows it."""
        objects, tree = self.cloud.desk.objects, self.cloud.desk.head_tree()
        return {path: objects.blob(entry.oid) for path, entry in walk(objects, tree)}

    def knows(self, words: bytes) -> bool:
        """Are the words in an object of any machine or of the remote?"""
        stores = [self.world.remote.objects, self.local.desk.objects, self.cloud.desk.objects]
        return any(words in content for store in stores for _, content in store.stored.values())  # type: ignore[attr-defined]

    def publish(self, path: str, data: bytes) -> None:
        """What another program of Local's, which knows nothing of all this, commits and pushes."""
        remote, desk = self.world.remote, self.local.desk
        assert remote.head
        before = remote.objects.commit(remote.head)
        tree = with_edits(remote.objects, before.tree, {path: remote.objects.put_blob(data)})
        commit = Commit(tree, (remote.head,), "a <a@b>", before.time + 1, "as ever\n")
        signed = desk.identity.sign(commit, policy_at(desk.objects, desk.head_tree()))
        remote.head = remote.objects.put_commit(signed)

    def published(self, words: bytes) -> bool:
        return any(words in content for _, content in self.world.remote.objects.stored.values())


@pytest.fixture
def machines() -> Machines:
    return Machines()


def held(replica: Replica) -> dict[str, Held]:
    return {one.path: one for one in replica.desk.state.held()}


def test_a_new_note_that_says_so_never_leaves(machines: Machines) -> None:
    """It is in no object and on no other disk; the status names it, and nobody has to do anything."""
    for path in ("mine.md", "Needs_Action/mine.md", "Approved/email/mine.md"):
        machines.local.disk.put(path, MINE)
    report = machines.local.sync()
    machines.settle()
    assert (report.held, report.withdrawn, report.commits) == ([], [], 0)
    assert {one.rule for one in held(machines.local).values()} == {"local"}
    assert len(held(machines.local)) == 3
    assert all(one.quiet for one in held(machines.local).values())
    assert not machines.knows(SECRET)
    assert SECRET not in b"".join(machines.cloud.notes().values())


def test_a_note_that_was_shared_leaves_the_others_and_stays_here(machines: Machines) -> None:
    """It is told once that history still holds what it said; what it says now is in no object."""
    machines.local.disk.put(NOTE, MARK + SHARED + SECRET)
    assert machines.local.sync().withdrawn == [NOTE]
    machines.settle()
    assert NOTE not in machines.cloud.notes()
    assert machines.local.notes()[NOTE] == MARK + SHARED + SECRET
    assert machines.local.sync().withdrawn == []
    assert held(machines.local)[NOTE].detail == LEFT.detail
    assert not machines.knows(SECRET)


def test_an_agent_may_keep_its_note_likewise(machines: Machines) -> None:
    """The rights that count are those to remove a note there."""
    machines.cloud.disk.put(NOTE, MINE)
    assert machines.cloud.sync().withdrawn == [NOTE]
    machines.settle()
    assert NOTE not in machines.local.notes()
    assert machines.cloud.notes()[NOTE] == MINE
    assert not machines.knows(SECRET)


def test_where_an_agent_may_not_remove_the_note_the_shared_one_stays(machines: Machines) -> None:
    """It is held with the reason, and neither disk changes, also when the person writes on."""
    machines.local.disk.put("Approved/note.md", SHARED)
    machines.settle()
    machines.cloud.disk.put("Approved/note.md", MINE)
    report = machines.cloud.sync()
    assert [(one.path, one.rule) for one in report.held] == [("Approved/note.md", "zone")]
    assert "its shared version stays" in report.held[0].detail
    machines.local.disk.put("Approved/note.md", SHARED + b"more\n")
    machines.settle()
    assert machines.cloud.notes()["Approved/note.md"] == MINE
    assert machines.local.notes()["Approved/note.md"] == SHARED + b"more\n"
    assert not machines.knows(SECRET)


def test_without_the_mark_it_is_published_again_as_a_new_note(machines: Machines) -> None:
    """All that it says now is shared, and it is held no more."""
    machines.local.disk.put(NOTE, MINE)
    machines.settle()
    machines.local.disk.put(NOTE, SHARED + b"and more\n")
    machines.settle()
    assert machines.cloud.notes()[NOTE] == SHARED + b"and more\n"
    assert held(machines.local) == {}


def test_what_others_changed_meanwhile_stays_theirs(machines: Machines) -> None:
    """Change beats delete: the shared note goes on, and this one is neither overwritten nor sent."""
    machines.local.disk.put(NOTE, MINE)
    machines.cloud.disk.put(NOTE, SHARED + b"changed at that moment\n")
    machines.cloud.sync()
    machines.settle()
    assert machines.local.notes()[NOTE] == MINE
    assert machines.cloud.notes()[NOTE] == machines.shared()[NOTE] == SHARED + b"changed at that moment\n"
    one = held(machines.local)[NOTE]
    assert (one.rule, one.quiet) == ("superseded", False)
    machines.cloud.disk.put(NOTE, SHARED + b"and again\n")
    machines.settle()
    assert machines.local.notes()[NOTE] == MINE
    assert not machines.knows(SECRET)


def test_it_is_told_in_the_very_cycle_that_others_changed_it(machines: Machines) -> None:
    """The cycle that takes it out meets their version: it says that this is held, and not that it left."""
    machines.cloud.disk.put(NOTE, SHARED + b"changed at that moment\n")
    machines.cloud.sync()
    machines.local.disk.put(NOTE, MINE)
    report = machines.local.driver.run_cycle(frozenset([NOTE]))
    assert [(one.path, one.rule) for one in report.held] == [(NOTE, "superseded")]
    assert (report.withdrawn, report.in_step) == ([], True)
    assert held(machines.local)[NOTE].rule == "superseded"


def test_it_is_told_as_soon_as_others_bring_it_back(machines: Machines) -> None:
    """A cycle that looks at nothing here, as a poll of the remote does, tells of the note it brought."""
    machines.local.disk.put(NOTE, MINE)
    machines.cloud.disk.put(NOTE, SHARED + b"changed at that moment\n")
    assert machines.local.sync().withdrawn == [NOTE]
    machines.cloud.sync()
    report = machines.local.driver.run_cycle(frozenset())
    assert [(one.path, one.rule) for one in report.held] == [(NOTE, "superseded")]


@pytest.mark.parametrize("there", [SHARED, SHARED + b"another one\n"])
def test_what_others_put_there_afterwards_stays_theirs(machines: Machines, there: bytes) -> None:
    """Also if somebody restored exactly what was taken out: two machines do not fight about it."""
    machines.local.disk.put(NOTE, MINE)
    machines.settle()
    machines.cloud.disk.put(NOTE, there)
    machines.settle()
    assert machines.cloud.notes()[NOTE] == there
    assert machines.local.notes()[NOTE] == MINE
    assert held(machines.local)[NOTE].rule == "superseded"
    machines.local.disk.move(NOTE, "Plans/mine.md")
    machines.settle()
    assert machines.local.notes()[NOTE] == there
    assert machines.local.notes()["Plans/mine.md"] == MINE
    assert held(machines.local).keys() == {"Plans/mine.md"}


def test_dragged_from_folder_to_folder_it_stays(machines: Machines) -> None:
    """It is held where it is now, and no more where it was."""
    machines.local.disk.put("Plans/mine.md", MINE)
    machines.settle()
    machines.local.disk.move("Plans/mine.md", "Approved/mine.md")
    machines.local.driver.run_cycle(frozenset(["Approved/mine.md"]))
    machines.settle()
    assert held(machines.local).keys() == {"Approved/mine.md"}
    assert not machines.knows(SECRET)


def test_what_was_not_published_yet_never_will_be(machines: Machines) -> None:
    """Written, renamed and rewritten offline, then marked: no commit that leaves holds it or names it."""
    machines.world.remote.reachable = False
    machines.local.disk.put("Plans/diary.md", SECRET + b"\nfirst\n")
    machines.local.sync()
    machines.local.disk.put("Plans/other.md", b"for all\n")
    machines.local.disk.move("Plans/diary.md", "Plans/journal.md")
    machines.local.sync()
    machines.local.disk.put("Plans/diary.md", b"another diary, for all\n")
    machines.local.disk.put("Plans/journal.md", MINE + b"second\n")
    machines.local.sync()
    machines.world.remote.reachable = True
    machines.settle()
    shared = machines.shared()
    assert shared["Plans/diary.md"] == b"another diary, for all\n"
    assert shared["Plans/other.md"] == b"for all\n"
    assert machines.local.notes()["Plans/journal.md"] == MINE + b"second\n"
    assert not machines.published(SECRET)
    assert not machines.published(b"journal")
    assert machines.local.notes()["Plans/diary.md"] == b"another diary, for all\n"


def test_a_published_note_that_was_renamed_and_marked_offline_leaves(machines: Machines) -> None:
    """What was written into it offline stays here; the note of before is gone for the others."""
    machines.world.remote.reachable = False
    machines.local.disk.put(NOTE, SHARED + SECRET)
    machines.local.sync()
    machines.local.disk.move(NOTE, "Plans/note.md")
    machines.local.sync()
    machines.local.disk.put("Plans/note.md", MARK + SHARED + SECRET)
    machines.local.sync()
    machines.world.remote.reachable = True
    machines.settle()
    assert {NOTE, "Plans/note.md"}.isdisjoint(machines.shared())
    assert {NOTE, "Plans/note.md"}.isdisjoint(machines.cloud.notes())
    assert machines.local.notes()["Plans/note.md"] == MARK + SHARED + SECRET
    assert not machines.published(SECRET)


def test_many_notes_at_once_ask_only_those_who_lose_them(machines: Machines) -> None:
    """Here nothing is deleted; there, many notes vanish, and that waits for a yes."""
    notes = {f"Plans/n{n}.md": b"note %d\n" % n for n in range(60)}
    for path, words in notes.items():
        machines.local.disk.put(path, words)
    machines.settle()
    for path, words in notes.items():
        machines.local.disk.put(path, MARK + words)
    report = machines.local.sync()
    assert (report.in_step, report.held, len(report.withdrawn)) == (True, [], 60)
    assert machines.cloud.sync().ending == "waiting"
    assert machines.cloud.driver.run_cycle(deletions_allowed=True).in_step
    assert notes.keys().isdisjoint(machines.cloud.notes())
    assert notes.keys() <= machines.local.notes().keys()


def test_notes_that_the_others_want_back_are_back_there_only(machines: Machines) -> None:
    """Sixty notes left; Cloud says no, and has them again. Here each goes on as it is."""
    notes = {f"Plans/n{n}.md": b"note %d\n" % n for n in range(60)}
    for path, words in notes.items():
        machines.local.disk.put(path, words)
    machines.settle()
    for path, words in notes.items():
        machines.local.disk.put(path, MARK + words)
    machines.local.sync()
    assert machines.cloud.driver.run_cycle(deletions_refused=True).in_step
    machines.settle()
    assert notes.items() <= machines.cloud.notes().items()
    assert {path: machines.local.notes()[path] for path in notes} == {p: MARK + w for p, w in notes.items()}


def test_a_note_that_arrived_with_the_mark_is_shared_until_somebody_changes_it(machines: Machines) -> None:
    """Whoever published it shared it; a machine that only has it does not take it from the others."""
    odd = MARK + b"shared all the same\n"
    machines.publish("Plans/odd.md", odd)
    machines.settle()
    for replica in machines.world.replicas:
        replica.disk.put("Plans/odd.md", odd)  # touched, so it is read again
    machines.settle()
    assert machines.cloud.notes()["Plans/odd.md"] == machines.shared()["Plans/odd.md"] == odd
    machines.cloud.disk.put("Plans/odd.md", MARK + b"mine now\n")
    machines.settle()
    assert "Plans/odd.md" not in machines.local.notes()
    assert "Plans/odd.md" not in machines.shared()


def test_an_unclear_mark_holds_the_note_and_takes_nothing_from_the_others(machines: Machines) -> None:
    """While somebody types the frontmatter, what is shared stays as it was."""
    machines.local.disk.put(NOTE, b"---\nzone: local\n" + SECRET)
    machines.settle()
    assert machines.shared()[NOTE] == SHARED
    assert held(machines.local)[NOTE].rule == "local-unclear"
    machines.local.disk.put(NOTE, b"---\nzone: mine\n---\n" + SHARED)
    machines.settle()
    assert machines.shared()[NOTE] == b"---\nzone: mine\n---\n" + SHARED
    assert not machines.knows(SECRET)


def test_without_the_records_of_this_machine_it_still_stays(machines: Machines) -> None:
    """That a note is held is found out again from the note itself."""
    machines.local.disk.put(NOTE, MINE)
    machines.settle()
    machines.local.desk.state.hold([], [NOTE])
    machines.settle()
    assert held(machines.local)[NOTE].rule == "local"
    assert NOTE not in machines.shared()
    assert not machines.knows(SECRET)


def test_a_kill_at_any_step_neither_shares_nor_overwrites_it() -> None:
    """Whatever step the cycle got to that takes the note out, the next one completes it."""
    step, ended = 0, False
    while not ended:
        machines = Machines()
        machines.cloud.disk.put("Plans/news.md", b"news\n")
        machines.cloud.sync()
        machines.local.disk.put(NOTE, MINE)
        machines.local.clock.sleep(1)
        for n, action in enumerate(machines.local.driver.steps()):
            ended = isinstance(action, Finish)
            if n == step:
                break
        step += 1
        machines.settle()
        assert NOTE not in machines.shared(), step
        assert machines.local.notes()[NOTE] == MINE
        assert held(machines.local)[NOTE].rule == "local"
        assert not machines.knows(SECRET)
    assert step > 5
