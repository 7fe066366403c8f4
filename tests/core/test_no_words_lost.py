"""Merges that once lost a whole note or typed words without a word: where two of mine meet one of theirs."""

from __future__ import annotations

import pytest

from tests.core.test_merge import AT, merge, replay
from tests.trees import POLICY_TEXT, History
from vaultkit.core.git.changes import MOST_TAKEN_OVER
from vaultkit.core.git.tree import Oid
from vaultkit.core.naming.conflict_copies import TRIES, beside, conflict_path, free_copy
from vaultkit.core.naming.names import Names
from vaultkit.core.naming.paths import MOST_NAME_BYTES, name_problem
from vaultkit.memory.objects import MemoryObjects

FILED, NEXT = "the old task\nits words\n", "quite another one\n"
TASK, PLAN = "Needs_Action/daily.md", "Plans/mail/daily.md"


def named(number: int, *lines: str) -> str:
    return f"---\nid: {number}\n---\n" + "".join(f"{line}\n" for line in lines)


def words(notes: dict[str, str]) -> str:
    return "".join(notes.values())


@pytest.mark.parametrize("me", ["local_agent", "cloud_agent"])
def test_a_note_that_both_filed_and_the_next_one_of_its_name_are_two(me: str) -> None:
    """What I wrote where the note was is no edit of it: both stay where they are."""
    filed = {PLAN: FILED}
    assert merge({TASK: FILED}, {**filed, TASK: NEXT}, theirs=filed, me=me) == {PLAN: FILED, TASK: NEXT}


def test_a_note_that_both_moved_is_kept_where_mine_is_another_one_now() -> None:
    """I edited so many that it passes for a copy, and its old place for edited: that follows their move."""
    note, other, at, on = named(1, "one", "two"), named(2, "other"), "Updates/b.md", "Updates/a.md"
    before, after = ({f"Updates/{n}.md": text for n in range(MOST_TAKEN_OVER)} for text in ("1\n", "2\n"))
    mine = {**after, at: other, on: note}
    merged = merge({**before, at: note}, mine, theirs={**before, on: note}, me="local_agent")
    assert merged == {**after, on: other, "Updates/a (local_agent).md": note}


def test_words_typed_into_a_note_that_i_moved_twice_are_kept() -> None:
    """They moved it first, and between I put another note where it had been."""
    note, at, on = named(1, "one", "two"), "Needs_Action/b/a.md", "Plans/mail/a.md"
    mine = [{at: note}, {at: NEXT, on: note + "typed\n"}]
    merged = merge(
        {"Needs_Action/b/b.md": note}, *mine, theirs={"Pending_Approval/a.md": note}, me="local_agent"
    )
    for line in ("typed", "two", "quite another one"):
        assert line in words(merged)


def test_words_typed_into_a_note_moved_twice_meet_another_note_that_i_move_there() -> None:
    """To where they had moved the first one I moved another one, which a merge had renamed (seed 6293)."""
    note, at, there = named(1, "one", "two"), "Pending_Approval/b.md", "In_Progress/cloud_agent/x.md"
    mine = [
        {at: note.replace("one", "1"), "Updates/x.md": "mine\n"},
        {"Needs_Action/b.md": note.replace("one", "1") + "typed\n", there: "mine\n"},
    ]
    merged = merge({at: note}, *mine, theirs={there: note, "Updates/x.md": "theirs\n"})
    for line in ("typed", "two", "mine", "theirs"):
        assert line in words(merged)


def test_what_i_moved_to_where_they_have_it_without_some_lines_takes_none_out() -> None:
    """It is a second one of the note; the lines that it lacks were not deleted by anybody."""
    note = named(1, "one", "two")
    mine = {TASK: note, "Updates/daily.md": named(1, "one", "mine")}
    merged = merge({TASK: note}, mine, theirs={"Updates/daily.md": note})
    assert merged["Updates/daily.md"] == note
    assert "mine" in words(merged)


def test_of_two_copies_that_are_one_published_note_the_one_i_keep_is_kept() -> None:
    """I threw the other one away; that does not remove the words of this one, nor theirs."""
    keep = {"Pending_Approval/a.md": named(1, "one", "two", "mine")}
    both = {**keep, "Updates/a.md": named(1, "x", "one", "two")}
    theirs = {"In_Progress/local_agent/a.md": named(1, "one", "two")}
    merged = merge({}, both, keep, theirs=theirs)
    assert "mine" in words(merged)
    assert theirs.items() <= merged.items()


def test_of_two_copies_made_one_after_the_other_the_one_i_keep_is_kept() -> None:
    """To both commits it was the published note; what I throw away is the other path, not its words."""
    one, two = {"Updates/a.md": named(1, "one")}, {"Needs_Action/a.md": named(1, "one")}
    theirs = {"Plans/a.md": named(1, "one")}
    assert merge({}, one, one | two, two, theirs=theirs) == theirs


@pytest.mark.parametrize("stem", ["x" * 195, "あ" * 64], ids=["narrow", "wide"])
def test_a_conflict_copy_of_a_note_with_a_long_name_is_kept(stem: str) -> None:
    """Its name is shortened, or nobody would take it: the words were in no vault then."""
    path = f"Updates/{stem}.md"
    merged = merge({path: "one\n"}, {path: "mine\n"}, theirs={path: "theirs\n"})
    assert sorted(merged.values()) == ["mine\n", "theirs\n"]
    assert words(merge({}, {path: "mine\n"}, theirs={path: "theirs\n"})).count("mine") == 1


def test_a_shortened_name_is_a_name_and_tells_long_names_apart() -> None:
    """At most as long as any, with its extension and the mark; of two that begin alike, two."""
    one, other = (beside(f"A/{'é' * 95}{n}.md", "cloud_agent 2023-11-14T221330Z") for n in (1, 2))
    name = one.rpartition("/")[2]
    assert len(name.encode()) <= MOST_NAME_BYTES
    assert name.endswith(" (cloud_agent 2023-11-14T221330Z).md")
    assert name_problem(name) is None
    assert one != other
    assert beside("A/short.md", "me") == "A/short (me).md"


def test_a_look_alike_of_the_copy_does_not_keep_my_words_out() -> None:
    """With Cloud's key one may write a name too like it; a later second's is taken."""
    path, alike = "Pending_Approval/x.md", f"Conflicts/Pending_Approval/X {AT}.md"
    later = f"Conflicts/Pending_Approval/x {AT.replace('30Z', '31Z')}.md"
    published = {path: "theirs\n", alike: "w\n"}
    merged = merge({path: "one\n"}, {path: "mine\n"}, theirs=published)
    assert merged == {**published, later: "mine\n"}


def test_where_nobody_may_add_a_conflict_copy_none_is_published() -> None:
    """The words are held where they are, with the reason: a copy of the copy would be a violation like it."""
    path = "Updates/a.md"
    own = {"vaultkit.yaml": POLICY_TEXT.replace('write: [local_agent], add: ["*"]}', "write: [local_agent]}")}
    history = History({**own, path: "one\n"})
    mine = history.commit("cloud_agent", history.root, {**own, path: "mine\n"})
    published = history.commit("local_agent", history.root, {**own, path: "theirs\n"})
    result = replay(history, "cloud_agent", [mine], published)
    assert {at: refusal.rule for at, refusal in result.refused.items()} == {path: "zone"}
    assert (result.head, history.notes(result.tree)) == (published, {path: "theirs\n"})
    assert result.conflicts == []


def test_however_many_copies_are_there_already_a_name_is_found_soon() -> None:
    """After a few tries it is made of the words, so that nobody can make it cost hours."""
    asked: list[str] = []

    def other_words(copy: str) -> Oid:
        asked.append(copy)
        return Oid("0" * 40)

    copy = free_copy("a.md", "me", 0, Oid("f" * 40), other_words, Names(MemoryObjects(), None))
    assert len(asked) == TRIES
    assert copy == f"Conflicts/a {'f' * 40} (me 1970-01-01T000000Z).md"
    assert conflict_path("a.md", "me", 0) == asked[0]


@pytest.mark.parametrize("dst", ["Approved/a.md", "Approved/b.md"])
def test_what_i_write_into_a_draft_that_i_approved_with_my_own_words_stays_in_it(dst: str) -> None:
    """The words of before are in a copy, too, for others had edited the draft; the later ones belong here."""
    src, note = "Pending_Approval/a.md", named(1, "one", "two")
    typed, after = named(1, "one", "mine"), named(1, "one", "mine", "after")
    mine = [{src: typed}, {dst: typed}, {dst: after}]
    merged = merge({src: note}, *mine, theirs={src: named(1, "one", "of cloud")}, me="local_agent")
    assert merged[dst] == after
    assert "of cloud" in words(merged)
    assert "of cloud" not in merged[dst]
    back = merge(
        {src: note}, *mine, {src: after}, theirs={src: named(1, "one", "of cloud")}, me="local_agent"
    )
    assert (back[src], dst in back) == (after, False)
