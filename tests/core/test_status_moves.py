"""Which notes an edited status moves, and where to."""

from __future__ import annotations

import pytest

from tests.trees import POLICY_TEXT, policy
from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Change, with_edits
from vaultkit.core.history.status_moves import StatusMoves, moves_by_status, wants_to_be_left_alone
from vaultkit.core.history.versions import Versions
from vaultkit.core.rules.workflow import stage_for_status
from vaultkit.memory.objects import MemoryObjects

LOCAL, CLOUD = "local_agent", "cloud_agent"


def note(status: str, more: str = "") -> str:
    return f"---\nstatus: {status}\n{more}---\nwords\n"


def turned(
    edits: dict[str, tuple[str | None, str | None]], agent: str = LOCAL, also: tuple[str, ...] = ()
) -> StatusMoves:
    """What these edits (path: before and after) say; `also` are other notes that are there."""
    objects = MemoryObjects()
    oids = {
        path: Change(*(text if text is None else objects.put_blob(text.encode()) for text in texts))
        for path, texts in edits.items()
    }
    there = {path: change.old for path, change in oids.items() if change.old}
    there |= {path: objects.put_blob(b"another\n") for path in also}
    tree = with_edits(objects, None, there)
    return moves_by_status(objects, policy(), agent, oids, tree, Versions(objects), frozenset())


def target(path: str, before: str, after: str, agent: str = LOCAL) -> str | None:
    """Where one edited note goes."""
    found = turned({path: (before, after)}, agent)
    return found.moves[0].dst if found.moves else None


@pytest.mark.parametrize(
    ("path", "before", "after", "goes_to"),
    [
        ("Pending_Approval/email/x.md", "pending_approval", "approved", "Approved/email/x.md"),
        ("Pending_Approval/email/x.md", "pending", "Accepted", "Approved/email/x.md"),
        ("Pending_Approval/x.md", "pending", "declined", "Rejected/x.md"),
        ("Approved/email/x.md", "approved", "completed", "Done/email/x.md"),
        ("Approved/email/x.md", "approved", "awaiting approval", "Pending_Approval/email/x.md"),
        ("Needs_Action/a/b/x.md", "pending", "doing", "In_Progress/local_agent/a/b/x.md"),
        ("In_Progress/cloud_agent/email/x.md", "in_progress", "todo", "Needs_Action/email/x.md"),
        ("In_Progress/cloud_agent/email/x.md", "in_progress", "done", "Done/email/x.md"),
        ("Needs_Action/x.md", "new", "pending", None),
        ("Needs_Action/x.md", "new", "[done]", "Done/x.md"),
        ("Approved/x.md", "approved", "✅ Done", "Done/x.md"),
        ("Pending_Approval/x.md", "pending", "❌ approved", None),
        ("Approved/x.md", "approved", "[Approved]", None),
        ("Needs_Action/x.md", "pending", "pending_approval", "Pending_Approval/x.md"),
        ("Pending_Approval/x.md", "approved", "accepted", None),
        ("Pending_Approval/x.md", "done", "completed", None),
        ("Done/x.md", "done", "complete", None),
        ("Plans/x.md", "in_progress", "done", None),
        ("Updates/x.md", "new", "done", None),
        ("Projects/x.md", "active", "done", None),
        ("Pending_Approval/x.txt", "pending", "approved", None),
    ],
)
def test_a_changed_status_says_where(path: str, before: str, after: str, goes_to: str | None) -> None:
    """A new word of another stage moves the note there, with its domain; one that says the same does not."""
    assert target(path, note(before), note(after)) == goes_to


def test_only_a_change_of_the_status_moves() -> None:
    """A status that never matched its folder moves nothing when the words below it are edited."""
    assert target("Pending_Approval/x.md", note("done"), note("done") + "more\n") is None


def test_a_note_that_is_new_or_gone_or_unreadable_goes_nowhere() -> None:
    """What has no version before, or none now, or a frontmatter nobody can read, says nothing."""
    gone = "---\nstatus: [\n---\n"
    edits = {
        "Pending_Approval/new.md": (None, note("approved")),
        "Pending_Approval/gone.md": (note("pending"), None),
        "Pending_Approval/was_broken.md": (gone, note("approved")),
        "Pending_Approval/is_broken.md": (note("pending"), gone),
        "Pending_Approval/without.md": (note("pending"), "words\n"),
    }
    assert turned(edits) == StatusMoves()


def test_a_note_dragged_to_the_place_of_another_is_dragged() -> None:
    """Its status is not that of the note that was there, and is no edit: the folder wins."""
    edits = {
        "Needs_Action/x.md": (note("todo"), note("done", "id: 2\n")),
        "Done/x.md": (note("done", "id: 2\n"), None),
    }
    found = turned(dict(edits))
    assert not found.moves
    assert not found.refused
    assert "came to the place of another" in found.told["Needs_Action/x.md"].why


def test_a_note_without_frontmatter_is_decided_by_giving_it_a_status() -> None:
    """The first status a note ever gets counts as a change."""
    assert target("Pending_Approval/x.md", "words\n", note("approved")) == "Approved/x.md"


def test_in_progress_is_with_the_owner() -> None:
    """Where `owner` names an agent (also by its short name), the note goes there; else to who edited it."""
    for owner, folder in (("cloud_agent", CLOUD), ("cloud", CLOUD), ("nobody", LOCAL), ("[a]", LOCAL)):
        after = note("in_progress", f"owner: {owner}\n")
        assert target("Needs_Action/x.md", note("todo"), after) == f"In_Progress/{folder}/x.md"


def test_a_short_folder_in_use_is_used() -> None:
    """`In_Progress/cloud/` stands for `cloud_agent` where only that is there."""
    edits: dict[str, tuple[str | None, str | None]] = {
        "Needs_Action/x.md": (note("todo"), note("doing", "owner: cloud_agent\n"))
    }
    for also, folder in (
        (("In_Progress/cloud/y.md",), "cloud"),
        (("In_Progress/cloud/y.md", "In_Progress/cloud_agent/z.md"), "cloud_agent"),
    ):
        assert [move.dst for move in turned(edits, also=also).moves] == [f"In_Progress/{folder}/x.md"]


def test_what_is_there_is_never_overwritten() -> None:
    """A target that exists, and the second of two notes with one target, are refused by name."""
    pending = "Pending_Approval/x.md"
    found = turned({pending: (note("pending"), note("approved"))}, also=("Approved/x.md",))
    assert not found.moves
    assert found.refused[pending].detail == "its status says approved, but Approved/x.md is there already"
    two = {f"In_Progress/{agent}/x.md": (note("doing"), note("done")) for agent in (LOCAL, CLOUD)}
    found = turned(dict(two))
    assert len(found.moves) == len(found.refused) == 1


def test_who_may_not_drag_may_not_move_by_status_either() -> None:
    """Cloud cannot approve by editing a word; the reason says what it tried."""
    path = "Pending_Approval/x.md"
    found = turned({path: (note("pending"), note("approved"))}, CLOUD)
    assert not found.moves
    assert found.refused[path].rule == "zone"
    assert "its status says approved, but it may not move to Approved/x.md" in found.refused[path].detail


def test_a_status_nobody_knows_is_told() -> None:
    """The note stays, and a person is told which word it was."""
    path = "Pending_Approval/x.md"
    found = turned({path: (note("pending"), note("aproved"))})
    assert not found.moves
    assert not found.refused
    assert "'aproved' is none this vault knows" in found.told[path].why
    assert "known are needs_action, in_progress, pending_approval, approved" in found.told[path].why


def test_an_edit_that_others_made_too_decides_nothing() -> None:
    """Where a commit from elsewhere changed the note and is not merged yet, its status is nobody's here."""
    objects = MemoryObjects()
    old, new, typed = (
        objects.put_blob(text.encode())
        for text in (note("pending"), note("approved"), note("approved") + "typed\n")
    )
    path = "Pending_Approval/x.md"
    trees = [with_edits(objects, None, {path: oid}) for oid in (old, new)]
    commit = _commits(objects, *trees)
    found = moves_by_status(
        objects,
        policy(),
        LOCAL,
        {path: Change(old, typed)},
        trees[0],
        Versions(objects, [commit]),
        frozenset(),
    )
    assert not found.moves
    assert "others changed it too" in found.told[path].why


def _commits(objects: MemoryObjects, before, after):  # type: ignore[no-untyped-def]
    from vaultkit.core.git.tree import Commit

    first = objects.put_commit(Commit(before, (), "a <a@b>", 1, "one\n"))
    return objects.put_commit(Commit(after, (first,), "a <a@b>", 2, "two\n"))


def test_ignore() -> None:
    """`vaultkit: ignore` keeps a note where it is; any other word there does not."""
    assert wants_to_be_left_alone(b"---\nvaultkit: ignore\n---\n")
    assert not wants_to_be_left_alone(b"---\nvaultkit: notice\n---\n")
    assert not wants_to_be_left_alone(b"vaultkit: ignore\n")
    after = note("approved", "vaultkit: ignore\n")
    assert target("Pending_Approval/x.md", note("pending"), after) is None


def test_an_excluded_folder_is_no_place_to_move_to() -> None:
    """A note never leaves the shared vault because of its status."""
    objects = MemoryObjects()
    old, new = (objects.put_blob(note(word).encode()) for word in ("pending", "approved"))
    path = "Pending_Approval/private/x.md"
    rules = policy(POLICY_TEXT.replace("exclude: []", 'exclude: ["Approved/private/**"]'))
    tree = with_edits(objects, None, {path: old})
    found = moves_by_status(
        objects, rules, LOCAL, {path: Change(old, new)}, tree, Versions(objects), frozenset()
    )
    assert not found.moves
    assert "excluded" in found.refused[path].detail


def test_pending_depends_on_where() -> None:
    """A task that is pending waits to be done; anything else that is pending waits for a person."""
    assert stage_for_status("pending", "needs_action") == "needs_action"
    assert stage_for_status("pending", "in_progress") == "pending_approval"


def test_the_move_keeps_both_contents() -> None:
    """The move carries what was before and what is now, so that it can be made by compare-and-set."""
    path = "Pending_Approval/x.md"
    (move,) = turned({path: (note("pending"), note("approved"))}).moves
    assert isinstance(move, Move)
    assert move.old != move.new
