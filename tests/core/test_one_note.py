"""Merging knows a note again by what it calls itself, so that it ends up in one place."""

from __future__ import annotations

import pytest

from tests.core.test_merge import merge

BY_LOCAL = "In_Progress/local_agent/t.md"
TASK, BY_CLOUD, PENDING = "Needs_Action/t.md", "In_Progress/cloud_agent/t.md", "Pending_Approval/u.md"


def note(name: int, *more: str) -> str:
    """One that calls itself `name`, with some words in it, and no other note's."""
    return f"---\nid: {name}\n---\n# Number {name}\n\nwith words\n" + "".join(f"{line}\n" for line in more)


@pytest.mark.parametrize("name", [0, 7])
def test_a_note_both_brought_back_after_it_was_removed_is_one(name: int) -> None:
    """To each it was new, for it had been removed meanwhile; the published place stands (world 222)."""
    merged = merge({}, {BY_CLOUD: note(name)}, {"Updates/t.md": note(name)}, theirs={PENDING: note(name)})
    assert merged == {PENDING: note(name)}


@pytest.mark.parametrize("there", [BY_LOCAL, "Pending_Approval/t.md"])
def test_a_note_deleted_and_written_anew_here_while_others_moved_it_is_one(there: str) -> None:
    """Each side went on with it: it stays where it is published, mine is kept aside (world 1644)."""
    mine, theirs = note(1, "mine"), note(1, "theirs")
    merged = merge({TASK: note(1)}, {}, {"Updates/t.md": mine}, theirs={there: theirs})
    assert merged == {there: theirs, "Conflicts/Updates/t (cloud_agent 2023-11-14T221340Z).md": mine}


def test_a_copy_of_a_note_that_others_move_is_a_note_of_its_own() -> None:
    """It has the `id` of what it was copied from, but is called otherwise."""
    base, copy = {TASK: note(1)}, {"Needs_Action/t 1.md": note(1, "another")}
    assert merge(base, {**base, **copy}, theirs={PENDING: note(1)}) == {PENDING: note(1), **copy}


@pytest.mark.parametrize("mine", [note(1), note(1, "mine")])
def test_a_note_moved_here_where_its_removal_passed_for_theirs(mine: str) -> None:
    """git had taken it away here, so my drag of it looked like a second note (world 290)."""
    base = {TASK: note(1)}
    assert merge(base, {**base, BY_CLOUD: mine}, theirs={PENDING: note(1)}) == {PENDING: mine}


def test_what_a_second_one_lacks_is_not_taken_out_of_the_note_that_others_moved() -> None:
    """It may be gone from there only because git had both here: what it says goes aside (world 7801)."""
    base = {TASK: note(1, "of cloud")}
    merged = merge(base, {**base, BY_CLOUD: note(1, "mine")}, theirs={PENDING: note(1, "of cloud")})
    assert merged[PENDING] == note(1, "of cloud")
    assert [words for path, words in merged.items() if path.startswith("Conflicts/")] == [note(1, "mine")]


def test_the_place_of_a_note_is_not_taken_for_that_of_another() -> None:
    """Theirs got the name that mine has here; what is said of one is not said of the other (world 586)."""
    base = {"Needs_Action/a.md": note(1), TASK: note(2)}
    mine = (
        {"Needs_Action/b.md": note(1), TASK: note(2, "first")},
        {"In_Progress/cloud_agent/b.md": note(1, "claimed"), BY_CLOUD: note(2, "first", "mine")},
    )
    merged = merge(base, *mine, theirs={"Needs_Action/a.md": note(1), "Needs_Action/b.md": note(2, "theirs")})
    assert merged == {
        "In_Progress/cloud_agent/b.md": note(1, "claimed"),
        "Needs_Action/b.md": note(2, "theirs", "first", "mine"),
    }
