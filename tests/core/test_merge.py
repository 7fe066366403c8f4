"""The merge rules, one by one: base, mine and theirs as dicts, and what both hold afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.trees import POLICY_TEXT, History, identity, policy
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.versions import Versions
from vaultkit.core.merging.applying import Replayed
from vaultkit.core.merging.diverted import _Following
from vaultkit.core.merging.merge_terms import Published, Replay
from vaultkit.core.merging.replay import replay_commits
from vaultkit.core.rules.identity import author_of
from vaultkit.memory.objects import MemoryObjects

A, B, C = "one\ntwo\nthree\n", "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n"
PENDING, APPROVED, DONE = "Pending_Approval/x.md", "Approved/x.md", "Done/x.md"
AT = "(cloud_agent 2023-11-14T221330Z)"


def merge(
    base: dict[str, str], *mine: dict[str, str], theirs: dict[str, str], me: str = "cloud_agent"
) -> dict[str, str]:
    """My commits, one after the other, replayed on what the other agent published meanwhile."""
    other = "local_agent" if me == "cloud_agent" else "cloud_agent"
    history = History(base)
    own = {"vaultkit.yaml": POLICY_TEXT}
    local, parent = [], history.root
    for notes in mine:
        parent = history.commit(me, parent, {**own, **notes})
        local.append(parent)
    published = history.commit(other, history.root, {**own, **theirs})
    result = replay(history, me, local, published)
    after = history.fold(published, *_new(history, result.head, published))
    assert after.violations == [], "an honest replay never breaks a rule"
    assert after.tree == result.tree
    assert author_of(history.objects.commit(result.head), policy()).agent in (me, other)
    assert policy().may(me, "Conflicts/x.md", adds=True)
    notes = history.notes(result.tree)
    copies = {path for path in notes.keys() - base.keys() - theirs.keys() if path.startswith("Conflicts/")}
    assert copies <= {conflict.copy for conflict in result.conflicts}, "each is told, with the reason"
    return notes


def replay(history: History, me: str, local: Sequence[Oid], *published: Oid) -> Replayed:
    """My commits on top of what others published; all of them begin at the history's root."""
    fold = history.fold(*published)
    assert fold.violations == []
    base, nothing = history.objects.commit(history.root).tree, Versions(history.objects)
    return replay_commits(history.objects, identity(me), local, base, fold, nothing, {})


def _new(history: History, head: str, published: str) -> list:  # type: ignore[type-arg]
    path = []
    while head != published:
        path.append(head)
        head = history.objects.commit(head).parents[0]  # type: ignore[arg-type]
    return path[::-1]


def test_one_side_changed() -> None:
    """What only one side did is done."""
    base = {"Updates/a.md": A, "Updates/b.md": A}
    assert merge(base, {"Updates/a.md": B, "Updates/b.md": A}, theirs={"Updates/a.md": A}) == {
        "Updates/a.md": B
    }


def test_both_did_the_same() -> None:
    """The same change on both sides is one change."""
    assert merge({"Updates/a.md": A}, {"Updates/a.md": B}, theirs={"Updates/a.md": B}) == {"Updates/a.md": B}


def test_both_edited_different_lines() -> None:
    """Edits of different lines are both in the result."""
    merged = merge({"Updates/a.md": A}, {"Updates/a.md": B}, theirs={"Updates/a.md": C})
    assert merged == {"Updates/a.md": "ONE\ntwo\nTHREE\n"}


def test_both_edited_the_same_line() -> None:
    """The published version stays, mine is kept in Conflicts/ under a name made of me and my time."""
    mine, theirs = "mine\ntwo\nthree\n", "theirs\ntwo\nthree\n"
    assert merge({"Updates/a.md": A}, {"Updates/a.md": mine}, theirs={"Updates/a.md": theirs}) == {
        "Updates/a.md": theirs,
        f"Conflicts/Updates/a {AT}.md": mine,
    }


@pytest.mark.parametrize(("mine", "theirs"), [({}, {"Updates/a.md": B}), ({"Updates/a.md": B}, {})])
def test_a_change_beats_a_deletion(mine: dict[str, str], theirs: dict[str, str]) -> None:
    """Whichever side changed the note, it is there afterwards."""
    assert merge({"Updates/a.md": A}, mine, theirs=theirs) == {"Updates/a.md": B}


def test_my_edit_does_not_follow_into_approved() -> None:
    """Cloud edits a draft that Local has approved: the approved words stay, the edit is set aside."""
    merged = merge({PENDING: A}, {PENDING: B}, theirs={APPROVED: A})
    assert merged[APPROVED] == A
    assert PENDING not in merged
    assert [text for path, text in merged.items() if path.startswith("Conflicts/")] == [B]


def test_their_edit_does_not_follow_into_approved() -> None:
    """Local approves a draft that Cloud has edited: what was approved stays, the edit is set aside."""
    merged = merge({PENDING: A}, {APPROVED: A}, theirs={PENDING: B}, me="local_agent")
    assert merged[APPROVED] == A
    assert PENDING not in merged
    assert [text for path, text in merged.items() if path.startswith("Conflicts/")] == [B]


def test_an_edit_follows_a_move_where_its_author_may_write() -> None:
    """Local edits what Cloud has moved to its own folder: the edit is at the new place."""
    moved = "In_Progress/cloud_agent/x.md"
    base = {"Needs_Action/x.md": A}
    assert merge(base, {moved: A}, theirs={"Needs_Action/x.md": B}) == {moved: B}
    assert merge(base, {"Needs_Action/x.md": B}, theirs={moved: A}, me="local_agent") == {moved: B}


def test_of_two_moves_the_published_one_wins() -> None:
    """A task claimed by both is where the published claim put it; my stamps go, my words stay."""
    base = {"Needs_Action/x.md": "---\nstatus: needs_action\n---\none\ntwo\n"}
    mine = {"In_Progress/cloud_agent/x.md": "---\nstatus: in_progress\nowner: cloud_agent\n---\none\ntwo\n"}
    theirs = {"In_Progress/local_agent/x.md": "---\nstatus: in_progress\nowner: local_agent\n---\none\ntwo\n"}
    assert merge(base, mine, theirs=theirs) == theirs
    worded = {path: text + "my words\n" for path, text in mine.items()}
    merged = merge(base, worded, theirs=theirs)
    assert merged["In_Progress/local_agent/x.md"] == theirs["In_Progress/local_agent/x.md"]
    assert ["my words" in text for path, text in merged.items() if path.startswith("Conflicts/")] == [True]


@pytest.mark.parametrize("name", ["a.md", "A.md"])
def test_two_new_notes_with_one_name_both_stay(name: str) -> None:
    """Mine gets my name beside it, also where the names only look alike."""
    merged = merge({}, {f"Updates/{name}": "mine\n"}, theirs={"Updates/a.md": "theirs\n"})
    stem = name.removesuffix(".md")
    assert merged == {"Updates/a.md": "theirs\n", f"Updates/{stem} (cloud_agent).md": "mine\n"}


@pytest.mark.parametrize(("old", "new"), [("a.md", "A.md"), ("dir/a.md", "Dir/a.md"), ("a.md/b.md", "a.md")])
def test_a_name_that_only_changes_its_case_keeps_it(old: str, new: str) -> None:
    """What I took away makes room for what I put there, also when the other side published meanwhile."""
    base = {f"Updates/{old}": A, "Updates/other.md": A}
    mine = {f"Updates/{new}": A, "Updates/other.md": A}
    theirs = {f"Updates/{old}": A, "Updates/other.md": B}
    assert merge(base, mine, theirs=theirs) == {f"Updates/{new}": A, "Updates/other.md": B}


def test_a_file_where_the_other_side_has_a_folder_is_kept_elsewhere() -> None:
    """Neither a note nor a folder of notes is ever overwritten by the other kind."""
    merged = merge({}, {"Updates/x.md/deep.md": "mine\n"}, theirs={"Updates/x.md": "theirs\n"})
    assert merged["Updates/x.md"] == "theirs\n"
    assert "mine\n" in merged.values()


def test_several_snapshots_of_one_note_do_not_pile_up_lost_words() -> None:
    """Each local commit is replayed; what I wrote last is kept, and nothing of the other side is touched."""
    first, second = "mine\ntwo\nthree\n", "mine\ntwo\nthree\nfour\n"
    theirs = "theirs\ntwo\nthree\n"
    merged = merge(
        {"Updates/a.md": A},
        {"Updates/a.md": first},
        {"Updates/a.md": second},
        theirs={"Updates/a.md": theirs},
    )
    assert merged["Updates/a.md"] == theirs
    assert second in merged.values()


def test_markers_are_never_written() -> None:
    """However the sides differ, no note holds a conflict marker."""
    merged = merge({"Updates/a.md": A}, {"Updates/a.md": "x\n"}, theirs={"Updates/a.md": "y\n"})
    assert not any("<<<<" in text or ">>>>" in text for text in merged.values())


def test_a_note_put_where_the_words_of_another_went_is_kept() -> None:
    """They moved p to c; I had moved p, too, then edited it and named another note c (seed 286)."""
    p, q = "Needs_Action/p.md", "Needs_Action/q.md"
    other = "another note\nwith other words\n"
    mine = [{"Done/p.md": A, q: other}, {"Done/p2.md": A + "more\n", "Needs_Action/c.md": other}]
    theirs = {"Needs_Action/c.md": A, q: other}
    merged = merge({p: A, q: other}, *mine, theirs=theirs, me="local_agent")
    assert other in merged.values()
    assert any("more" in text for text in merged.values())


def test_a_note_renamed_and_then_rewritten_is_still_the_note() -> None:
    """Others renamed it in one commit and rewrote it in the next: my claim meets their move (seed 10)."""
    history = History({"Needs_Action/p.md": A})
    own = {"vaultkit.yaml": POLICY_TEXT}
    mine = history.commit("cloud_agent", history.root, {**own, "In_Progress/cloud_agent/p.md": A})
    renamed = history.commit("local_agent", history.root, {**own, "In_Progress/local_agent/n.md": A})
    rewritten = {**own, "In_Progress/local_agent/n.md": "quite\nother\nwords\n"}
    published = history.commit("local_agent", renamed, rewritten)
    result = replay(history, "cloud_agent", [mine], renamed, published)
    assert history.notes(result.tree) == {"In_Progress/local_agent/n.md": "quite\nother\nwords\n"}


# A note in the place that another one left

FIRST, SECOND = ("---\nid: 1\n---\nfirst\n", "---\nid: 2\n---\nsecond\n")


@pytest.mark.parametrize("moved_on", [{"Updates/c.md": SECOND}, {}])
def test_a_note_that_i_moved_to_where_another_one_was(moved_on: dict[str, str]) -> None:
    """Theirs edited it at its old place: the edit finds the note, not the one that was there (seed 1154)."""
    base = {"Updates/a.md": FIRST, "Updates/b.md": SECOND}
    theirs = {"Updates/a.md": FIRST + "theirs\n", "Updates/b.md": SECOND}
    merged = merge(base, {"Updates/b.md": FIRST, **moved_on}, theirs=theirs)
    assert merged == {"Updates/b.md": FIRST + "theirs\n", **moved_on}


def test_a_note_that_they_moved_to_where_another_one_was() -> None:
    """My edits of both follow them to where they are."""
    base = {"Updates/a.md": FIRST, "Updates/b.md": SECOND}
    mine = {"Updates/a.md": FIRST + "mine\n", "Updates/b.md": SECOND + "mine\n"}
    merged = merge(base, mine, theirs={"Updates/b.md": FIRST, "Updates/c.md": SECOND})
    assert merged == {"Updates/b.md": FIRST + "mine\n", "Updates/c.md": SECOND + "mine\n"}


def test_two_copies_of_one_name_and_second_are_both_kept() -> None:
    """The words of the note that was there, and of the one that came there (seed 6493)."""
    base = {"Updates/a.md": FIRST, "Pending_Approval/a.md": SECOND}
    mine = {
        "Updates/a.md": FIRST.replace("first", "the first"),
        "Pending_Approval/a.md": SECOND + "mine too\n",
    }
    theirs = {"Pending_Approval/a.md": FIRST.replace("first", "1st"), "Rejected/b.md": SECOND}
    merged = merge(base, mine, theirs=theirs)
    at = [f"Conflicts/Pending_Approval/a (cloud_agent 2023-11-14T22133{second}Z).md" for second in (0, 1)]
    assert {merged[path] for path in at} == set(mine.values())


def test_a_note_that_i_copied_and_then_edited_is_not_taken_for_another_one() -> None:
    """Where it was it is still like what it was: both edits are there, and the copy is as I made it."""
    note = "".join(f"line {n}\n" for n in range(20))
    mine, theirs = note.replace("line 3\n", "mine\n"), note.replace("line 15\n", "theirs\n")
    copied = {"Updates/copy.md": note}
    merged = merge({"Updates/a.md": note}, {"Updates/a.md": mine, **copied}, theirs={"Updates/a.md": theirs})
    assert merged == {"Updates/a.md": mine.replace("line 15\n", "theirs\n"), **copied}


def test_a_new_empty_note_is_not_the_empty_one_that_i_wrote_into() -> None:
    """Emptiness is no content to know a note by: their words meet mine where the note is."""
    theirs = {"Updates/a.md": "theirs\n"}
    merged = merge({"Updates/a.md": ""}, {"Updates/a.md": "mine\n", "Updates/b.md": ""}, theirs=theirs)
    assert merged == {**theirs, "Updates/b.md": "", f"Conflicts/Updates/a {AT}.md": "mine\n"}


# One note that both brought

TASK, MINE, THEIRS = (
    f"---\nid: 7\n{stamps}---\nAnswer Ada.\n" for stamps in ("", "owner: me\n", "owner: you\n")
)
AT_MINE, AT_THEIRS = "Updates/mine.md", "Updates/theirs.md"


def test_a_note_that_both_brought_back_is_there_once() -> None:
    """A third one removed it while both moved it: the published one stays, stamps and all (seed 222)."""
    assert merge({}, {AT_MINE: MINE}, theirs={AT_THEIRS: THEIRS}) == {AT_THEIRS: THEIRS}


def test_what_is_done_to_it_later_is_done_to_the_one_that_stays() -> None:
    """Both of my commits are about the note that is published."""
    more = MINE + "Soon.\n"
    merged = merge({}, {AT_MINE: MINE}, {AT_MINE: more}, theirs={AT_THEIRS: THEIRS})
    assert merged == {AT_THEIRS: THEIRS + "Soon.\n"}


def test_lines_that_only_mine_has_come_with_it() -> None:
    """Into the published note, or beside it where I may not write it."""
    more = MINE + "Soon.\n"
    assert merge({}, {AT_MINE: more}, theirs={AT_THEIRS: THEIRS}) == {AT_THEIRS: THEIRS + "Soon.\n"}
    merged = merge({}, {AT_MINE: more}, theirs={APPROVED: THEIRS})
    assert merged == {APPROVED: THEIRS, f"Conflicts/Updates/mine {AT}.md": more}


def test_what_a_power_cut_left_of_it_is_the_note_too() -> None:
    """One of the two ends in the middle of a line, where the other one goes on (seed 1566)."""
    assert merge({}, {AT_MINE: MINE}, theirs={AT_THEIRS: THEIRS[:-9]}) == {AT_THEIRS: THEIRS}
    merged = merge({}, {AT_MINE: MINE[:-9]}, theirs={AT_THEIRS: THEIRS})
    assert merged == {AT_THEIRS: THEIRS, f"Conflicts/Updates/mine {AT}.md": MINE[:-9]}, (
        "maybe it was meant so"
    )


def test_a_copy_that_goes_on_differently_is_another_note() -> None:
    """Each has a line of its own: both stay."""
    notes = {AT_MINE: MINE + "one\n", AT_THEIRS: THEIRS + "two\n"}
    assert merge({}, {AT_MINE: notes[AT_MINE]}, theirs={AT_THEIRS: notes[AT_THEIRS]}) == notes


def test_of_two_copies_of_mine_one_is_the_note_that_others_brought() -> None:
    """The first becomes one with it; the second stays a note of its own, for it says something else."""
    mine = {"Updates/1.md": MINE + "one\n", "Updates/2.md": MINE + "two\n"}
    merged = merge({}, mine, theirs={AT_THEIRS: THEIRS})
    assert merged == {AT_THEIRS: THEIRS + "one\n", "Updates/2.md": mine["Updates/2.md"]}


def test_notes_that_do_not_name_themselves_are_two() -> None:
    """The same words in two new notes are two notes."""
    assert merge({}, {AT_MINE: A}, theirs={AT_THEIRS: A}) == {AT_MINE: A, AT_THEIRS: A}


def test_a_renamed_note_of_mine_is_not_mistaken_for_the_one_that_took_its_name() -> None:
    """Theirs took the name of mine, and I edited theirs where it was: each keeps its own words (seed 586)."""
    theirs = "theirs at first\nand so on\nand on\n"
    base = {"Updates/x.md": theirs, "Needs_Action/m.md": A}
    moved = {"Updates/x.md": theirs + "1\n", "Needs_Action/a.md": A}
    again = {"Updates/x.md": theirs + "1\n2\n", "In_Progress/cloud_agent/a.md": A}
    merged = merge(base, moved, again, theirs={"Needs_Action/a.md": theirs, "Needs_Action/m.md": A})
    assert merged == {"Needs_Action/a.md": theirs + "1\n2\n", "In_Progress/cloud_agent/a.md": A}


def test_the_place_that_another_agent_gave_a_note_is_not_taken_for_a_name_of_mine() -> None:
    """An agent whose name goes on where mine ends has put the note there (`mail`, `mail2`)."""
    following = _Following(
        MemoryObjects(),
        Replay(None, None, "mail", 0),
        Published(None, {}, {}),
        lambda *_: True,
        {"Updates/x.md": "Updates/x (mail2).md", "Updates/y.md": "Updates/y (mail 2).md"},
    )
    assert [following._is_renamed(path) for path in ("Updates/x.md", "Updates/y.md")] == [False, True]
