"""Telling what a person did from what another program brought, path by path."""

from __future__ import annotations

import pytest

from tests.trees import History, policy
from vaultkit.core.cycle.outgoing import Outgoing, judge_sightings
from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.versions import Versions

NOTE, WORDS = "Needs_Action/a.md", "one\ntwo\n"


def judged(theirs: dict[str, str], now: dict[str, str | None]) -> Outgoing:
    """Cloud fetched `theirs`, has not merged it, and its disk differs from history by `now`."""
    history = History({NOTE: WORDS})
    fetched = history.commit("local_agent", history.root, {"vaultkit.yaml": "x", **theirs})

    def oid(text: str | None) -> Oid | None:
        return None if text is None else history.objects.put_blob(text.encode())

    seen = {path: Sighting(oid(text)) for path, text in now.items()}
    arrived, tree = Versions(history.objects, [fetched]), history.objects.commit(history.root).tree
    return judge_sightings(history.objects, policy(), "cloud_agent", seen, tree, arrived, {})


def test_a_note_that_others_removed_and_somebody_moved_here_was_moved() -> None:
    """Without its other end the move would count as a copy, and the note stand twice (seed 170)."""
    mine = "In_Progress/cloud_agent/a.md"
    found = judged({"In_Progress/local_agent/a.md": WORDS}, {NOTE: None, mine: WORDS})
    assert (set(found.accepted), found.arrived) == ({NOTE, mine}, {})


@pytest.mark.parametrize("words", [WORDS, WORDS + "typed since\n"])
def test_a_move_that_was_pulled_is_no_gesture(words: str) -> None:
    """Also not where somebody typed into the note at the place that others moved it to."""
    there = "In_Progress/cloud_agent/a.md"
    found = judged({there: WORDS}, {NOTE: None, there: words})
    assert NOTE not in found.accepted
    assert NOTE in found.arrived


def test_a_note_that_others_removed_and_somebody_moved_to_the_place_of_another_was_moved() -> None:
    """They put a note with another id there; else it would pass for a new note beside theirs (seed 25132)."""
    mine, named = "In_Progress/cloud_agent/a.md", "---\nid: 1\n---\none\n"
    for theirs, moved in (("2", True), ("1", False)):
        history = History({NOTE: named})
        there = {"vaultkit.yaml": "x", mine: named.replace("1", theirs) + "theirs\n"}
        fetched = history.commit("local_agent", history.root, there)
        seen = {NOTE: Sighting(None), mine: Sighting(history.oid(named + "mine\n"))}
        arrived, tree = Versions(history.objects, [fetched]), history.objects.commit(history.root).tree
        found = judge_sightings(history.objects, policy(), "cloud_agent", seen, tree, arrived, {})
        assert (NOTE in found.accepted, NOTE in found.arrived) == (moved, not moved)


def test_a_note_that_is_where_others_had_put_the_same_one_stays() -> None:
    """Only the removal would count, and the words be gone (seed 506); nor is it a move by the person."""
    there = "Approved/a.md"
    found = judged({NOTE: WORDS, there: WORDS}, {NOTE: None, there: WORDS})
    assert found.accepted == {}
    assert found.arrived.keys() == {NOTE, there}


def test_a_note_put_back_to_its_old_words_where_others_had_put_it_is_no_move_of_mine() -> None:
    """Else an agent moves a draft into `Approved/`, and who undoes its changes there would approve it."""
    history = History({NOTE: WORDS})
    moved = history.commit(
        "cloud_agent", history.root, {"vaultkit.yaml": "x", "Approved/a.md": WORDS + "1\n"}
    )
    seen = {NOTE: Sighting(None), "Approved/a.md": Sighting(history.objects.put_blob(WORDS.encode()))}
    arrived, tree = Versions(history.objects, [moved]), history.objects.commit(history.root).tree
    found = judge_sightings(history.objects, policy(), "local_agent", seen, tree, arrived, {})
    assert (set(found.accepted), set(found.arrived)) == (set(), {NOTE, "Approved/a.md"})


@pytest.mark.parametrize("others", [{NOTE: WORDS + "typed since\n"}, {}])
def test_a_held_move_that_others_overtook_stays_held(others: dict[str, str]) -> None:
    """They changed the note, or took it away: what is left here would leave as a new note (seed 3566)."""
    history = History({NOTE: WORDS})
    went_on = history.commit("local_agent", history.root, {"vaultkit.yaml": "x", **others})
    tree, there = history.objects.commit(went_on).tree, "Updates/a.md"
    was = history.oid(WORDS)
    seen = {there: Sighting(was)} | ({NOTE: Sighting(None)} if others else {})
    held: dict[str, Oid | None] = {NOTE: was, there: None}
    nothing = Versions(history.objects)
    found = judge_sightings(history.objects, policy(), "cloud_agent", seen, tree, nothing, held)
    assert found.accepted == {}
    assert [why.rule for why, _ in found.held.values()] == ["superseded"]
    again = judge_sightings(
        history.objects, policy(), "cloud_agent", {there: seen[there]}, tree, nothing, {there: was}
    )
    assert (again.accepted, again.held.keys()) == ({}, {there})


def test_a_held_note_that_only_has_the_name_of_one_that_others_removed_is_its_own() -> None:
    """Once it may go, it goes: nobody took it anywhere."""
    history = History({"Updates/a.md": WORDS})
    removed = history.commit("local_agent", history.root, {"vaultkit.yaml": "x"})
    tree, seen = history.objects.commit(removed).tree, {NOTE: Sighting(history.oid("of its own\n"))}
    held: dict[str, Oid | None] = {"Updates/a.md": history.oid(WORDS), NOTE: None}
    nothing = Versions(history.objects)
    found = judge_sightings(history.objects, policy(), "cloud_agent", seen, tree, nothing, held)
    assert (found.accepted.keys(), found.held) == ({NOTE}, {})
