"""What was dragged away between a kill and the restart, told from what was never written."""

from __future__ import annotations

from vaultkit.core.cycle.dragged import Dragged, dragged_away
from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Oid, with_edits
from vaultkit.memory.objects import MemoryObjects

ARRIVED = b"one\ntwo\nthree\n"


def judge(
    before: dict[str, bytes],
    pending: dict[str, bytes | None],
    now: dict[str, bytes | None],
    done: frozenset[str] = frozenset(),
) -> Dragged:
    """`before` is the tree, `pending` what was to be written, `now` what differs from the tree."""
    objects = MemoryObjects()
    tree = with_edits(objects, None, {path: objects.put_blob(data) for path, data in before.items()})

    def oid(data: bytes | None) -> Oid | None:
        return None if data is None else objects.put_blob(data)

    seen = {path: Sighting(oid(data)) for path, data in now.items()}
    return dragged_away(objects, tree, {path: oid(data) for path, data in pending.items()}, done, seen)


def test_an_arrived_note_that_is_elsewhere_was_written_and_dragged_away() -> None:
    """The same name and content at another place: it need not be written again."""
    found = judge({}, {"A/n.md": ARRIVED}, {"B/n.md": ARRIVED})
    assert found == Dragged(written={"A/n.md": "B/n.md"})


def test_words_added_after_the_drag_do_not_hide_it() -> None:
    """All lines that arrived are in the note elsewhere, and more: it is that note."""
    found = judge({}, {"A/n.md": ARRIVED}, {"B/n.md": b"title\n" + ARRIVED + b"typed\n"})
    assert found.written == {"A/n.md": "B/n.md"}


def test_a_note_that_was_renamed_too_is_known_by_its_words() -> None:
    """Another name, but exactly the words that arrived."""
    assert judge({}, {"A/n.md": ARRIVED}, {"B/m.md": ARRIVED}).written == {"A/n.md": "B/m.md"}


def test_another_note_of_that_name_is_another_note() -> None:
    """A name alone proves nothing: what arrived still has to be written."""
    assert judge({}, {"A/n.md": ARRIVED}, {"B/n.md": b"one\nsomething else\n"}) == Dragged()


def test_an_empty_note_of_another_name_is_another_note() -> None:
    """Nothing is like every other nothing."""
    assert judge({}, {"A/n.md": b""}, {"B/Untitled.md": b"\n"}) == Dragged()


def test_a_note_that_is_in_its_place_was_not_dragged_away() -> None:
    """A copy elsewhere is a copy."""
    assert judge({}, {"A/n.md": ARRIVED}, {"A/n.md": ARRIVED, "B/n.md": ARRIVED}) == Dragged()


def test_a_note_that_waits_for_its_removal_was_dragged_by_a_person() -> None:
    """It was to be removed, is not there, but elsewhere: that is a move, not our own removal."""
    found = judge({"A/n.md": ARRIVED}, {"A/n.md": None}, {"A/n.md": None, "B/n.md": ARRIVED})
    assert found == Dragged(emptied={"A/n.md"})


def test_a_note_that_was_edited_while_it_was_dragged_was_dragged_all_the_same() -> None:
    """A line that was replaced makes no second note of it."""
    now = {"A/n.md": None, "B/n.md": b"one\nTWO\nthree\n"}
    assert judge({"A/n.md": ARRIVED}, {"A/n.md": None}, now).emptied == {"A/n.md"}


def test_what_was_surely_written_over_a_note_that_is_back_was_dragged_away() -> None:
    """Somebody dragged it on, and the one before it into its place; without a record it was never written."""
    before, pending, now = {"A/n.md": b"before\n"}, {"A/n.md": ARRIVED}, {"B/m.md": ARRIVED}
    assert judge(before, pending, now, done=frozenset({"A/n.md"})).written == {"A/n.md": "B/m.md"}
    assert judge(before, pending, now) == Dragged()


def test_what_is_known_to_be_done_needs_no_guess() -> None:
    """A removal that was recorded as done was ours, whatever appeared elsewhere."""
    now = {"A/n.md": None, "B/n.md": ARRIVED}
    assert judge({"A/n.md": ARRIVED}, {"A/n.md": None}, now, frozenset({"A/n.md"})) == Dragged()


def test_the_new_place_of_a_note_that_moved_comes_before_its_old_one() -> None:
    """Of a move that arrived nothing is in place, and the note is elsewhere: the person's drag came last."""
    pending = {"A/n.md": None, "C/n.md": ARRIVED}
    found = judge({"A/n.md": ARRIVED}, pending, {"A/n.md": None, "B/n.md": ARRIVED})
    assert found == Dragged(written={"C/n.md": "B/n.md"})
