"""What is left of a merge that was written in part, told from what people did to it since."""

from __future__ import annotations

import pytest

from vaultkit.core.cycle.interrupted import Half, read_half
from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Oid, with_edits
from vaultkit.memory.objects import MemoryObjects

OLD, NEW, TYPED = b"one\ntwo\n", b"one\ntwo\nthree\n", b"one\ntwo\nthree\nfour\n"
NAMED, OTHER = b"---\nid: 1\n---\none\n", b"---\nid: 2\n---\ntwo\n"
Notes = dict[str, "bytes | None"]
MOVED: Notes = {"A/n.md": None, "B/n.md": NEW}


def half(before: Notes, targets: Notes, now: Notes, done: str = "") -> tuple[Notes, set[str]]:
    """What was made, and what is taken back; `done` names the paths that are known to be written."""
    objects = MemoryObjects()
    contents: dict[Oid | None, bytes | None] = {None: None}

    def oids(notes: Notes) -> dict[str, Oid | None]:
        found = {path: objects.put_blob(data) if data is not None else None for path, data in notes.items()}
        contents.update({found[path]: data for path, data in notes.items()})
        return found

    tree = with_edits(objects, None, oids(before))
    seen = {path: Sighting(oid) for path, oid in oids(now).items()}
    found: Half = read_half(objects, tree, oids(targets), frozenset(done.split()), seen)
    return {path: contents[oid] for path, oid in found.made.items()}, set(found.twins)


@pytest.mark.parametrize(
    ("before", "targets", "now", "done", "made"),
    [
        ({}, {"a.md": NEW}, {}, "", {}),
        ({}, {"a.md": NEW}, {"a.md": NEW}, "", {"a.md": NEW}),
        ({"a.md": OLD}, {"a.md": NEW}, {"a.md": TYPED}, "a.md", {"a.md": NEW}),
        ({"a.md": OLD}, {"a.md": NEW}, {"a.md": TYPED}, "", {}),
        ({"a.md": OLD}, {"a.md": NEW}, {}, "a.md", {}),
        ({}, {"a.md": NEW}, {}, "a.md", {"a.md": NEW}),
        ({}, {"a.md": NEW}, {"b/a.md": TYPED}, "", {"a.md": NEW}),
        ({}, {"a.md": NEW}, {"a.md": TYPED}, "", {"a.md": NEW}),
        ({}, {"a.md": NEW}, {"a.md": OLD}, "", {}),
        ({"a.md": OTHER}, {"a.md": NAMED}, {"a.md": NAMED + b"typed\n"}, "", {"a.md": NAMED}),
        ({"a.md": OLD}, {"a.md": None}, {"a.md": None}, "", {"a.md": None}),
        ({"a.md": OLD}, {"a.md": None}, {"a.md": None, "b/a.md": OLD}, "", {}),
        ({"a.md": OLD}, {"a.md": None}, {"a.md": None, "b/a.md": OLD}, "a.md", {"a.md": None}),
        ({"a.md": OLD}, {"a.md": None}, {"a.md": TYPED}, "a.md", {"a.md": None}),
    ],
)
def test_what_was_made(before: Notes, targets: Notes, now: Notes, done: str, made: Notes) -> None:
    """What was recorded counts, else what the disk shows; what nobody can know was not written."""
    assert half(before, targets, now, done) == (made, set())


@pytest.mark.parametrize(
    "now",
    [
        {"B/n.md": NEW},
        {"A/n.md": TYPED, "B/n.md": NEW},
        {"A/n.md": None, "B/n.md": NEW, "C/n.md": OLD},
    ],
)
def test_of_a_half_move_the_new_half_is_taken_back(now: Notes) -> None:
    """While the old place still stands, was typed into, or was dragged away by a person."""
    assert half({"A/n.md": OLD}, MOVED, now, "B/n.md") == ({}, {"B/n.md"})


def test_of_two_halves_that_were_dragged_on_together_the_new_one_is_taken_back() -> None:
    """A person moved the folder that held both: else the note stays twice (seed 2354, resting)."""
    before, renamed = {"A/n.md": OLD}, {"A/n.md": None, "A/N.md": OLD}
    now: Notes = {"A/n.md": None, "A/N.md": None, "B/n.md": OLD, "B/N.md": OLD}
    assert half(before, renamed, now) == ({}, {"B/N.md"})
    assert half(before, renamed, {**now, "B/N.md": TYPED}) == ({"A/N.md": OLD}, set())


def test_a_half_that_was_taken_back_was_not_deleted_by_a_person() -> None:
    """A kill right after it must not make a deletion of it."""
    assert half({"A/n.md": OLD}, MOVED, {}, "B/n.md") == ({}, set())


def test_a_whole_move_stays() -> None:
    """Both ends are as they were to be."""
    made, twins = half({"A/n.md": OLD}, MOVED, MOVED, "A/n.md B/n.md")
    assert (made, twins) == (MOVED, set())


def test_a_half_move_that_somebody_carried_on_stays() -> None:
    """The new place was typed into, or the note was dragged on from there."""
    assert half({"A/n.md": OLD}, MOVED, {"B/n.md": TYPED}, "B/n.md") == ({"B/n.md": NEW}, set())
    assert half({"A/n.md": OLD}, MOVED, {"C/n.md": TYPED}, "B/n.md") == ({"B/n.md": NEW}, set())
