"""Statuses and owners that come with a note and mean nothing here: which of them are told."""

from __future__ import annotations

import pytest

from tests.trees import policy
from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Change, Changes, Oid
from vaultkit.core.history.status_moves import word_in
from vaultkit.core.telling.odd_words import MOST_TOLD, Told, odd_words
from vaultkit.memory.objects import MemoryObjects

TASK, DRAFT, APPROVED, ELSEWHERE = "Needs_Action/x.md", "Pending_Approval/x.md", "Approved/x.md", "Later/x.md"


def note(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", "words", ""))


def told(
    after: dict[str, str],
    before: dict[str, str] | None = None,
    moved: tuple[str, str] = ("", ""),
    planned: str = "",
) -> dict[str, Told]:
    """What is told of a change; `moved`: where one note was and is; `planned`: what hooks made of it."""
    objects, changes = MemoryObjects(), Changes()
    for path in {**(before or {}), **after}:
        texts = (before or {}).get(path), after.get(path)
        changes[path] = Change(*(text if text is None else objects.put_blob(text.encode()) for text in texts))
    src, dst = moved
    moves = [Move(src, dst, changes[src].old or Oid(""), changes[dst].new or Oid(""))] if src else []
    plan = {path: objects.put_blob(planned.encode()) for path in after if planned}
    return odd_words(objects, policy(), changes, moves, plan)


@pytest.mark.parametrize(
    ("src", "dst", "words"),
    [
        (
            TASK,
            "In_Progress/nobody/x.md",
            "In_Progress/nobody/ is no agent's folder, so nobody has claimed it",
        ),
        (TASK, "In_Progress/x.md", "In_Progress/ is no agent's folder"),
        (TASK, "In_Progress/cloud/x.md", ""),
        ("In_Progress/nobody/y.md", "In_Progress/nobody/x.md", ""),
    ],
)
def test_a_drag_to_no_agents_folder_is_told(src: str, dst: str, words: str) -> None:
    """Once it comes there, not when it is renamed there; a folder may have its agent's shorter name."""
    text = note("status: in_progress")
    found = dragged(src, dst, text)
    assert words in (found["status"][dst].why if words else str(found or ""))
    assert bool(found) == bool(words)
    assert not dragged(src, dst, note("status: in_progress", "vaultkit: ignore"))
    assert not told({dst: text})


def dragged(src: str, dst: str, text: str, planned: str = "") -> dict[str, Told]:
    return told({dst: text}, {src: text}, (src, dst), planned)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (TASK, "done", "'done' is not its folder's"),
        (TASK, "[approved]", "'approved' is not its folder's"),
        (TASK, "wip", "'wip' is none this vault knows"),
        (TASK, "[done, urgent]", "is none this vault knows"),
        ("In_Progress/cloud_agent/x.md", "todo", "'todo' is not its folder's"),
        (TASK, "pending", ""),
        (TASK, "new", ""),
        (TASK, "[]", ""),
        (TASK, "", ""),
        (DRAFT, "⏳ Pending Approval", ""),
        ("Done/x.md", "✅ Sent", ""),
        ("Plans/x.md", "wip", ""),
        ("Updates/x.md", "done", ""),
        ("Projects/x.md", "approved", ""),
        ("Needs_Action/x.txt", "done", ""),
        ("Conflicts/Needs_Action/x.md", "done", ""),
    ],
)
def test_a_new_note_with_a_status_that_is_not_its_folders_is_told(path: str, status: str, words: str) -> None:
    """Of another folder, or of none; the words of its own folder and notes outside of it are no matter."""
    odd = told({path: note(f"status: {status}")})
    assert odd.keys() == ({"status"} if words else set())
    assert not words or words in odd["status"][path].why


def test_what_stood_there_before_is_not_told() -> None:
    """A note that is edited below its odd words stays as quiet as it was; so does one that asks for it."""
    odd = note("status: done", "owner: Ada")
    assert told({TASK: odd + "more\n"}, {TASK: odd}) == {}
    assert told({TASK: note("status: done", "owner: Ada", "vaultkit: ignore")}) == {}
    assert told({TASK: "---\nstatus: [\nowner: Ada\n---\n"}) == {}


def test_what_counts_is_the_note_as_hooks_stamped_it() -> None:
    """A drag whose status was stamped says nothing odd any more; one that no hook stamped does."""
    draft, stamped = note("status: pending_approval"), note("status: approved")
    assert dragged(DRAFT, APPROVED, draft, planned=stamped) == {}
    assert dragged(DRAFT, APPROVED, draft).keys() == {"status"}
    assert dragged(TASK, "Needs_Action/email/x.md", note("status: wip")) == {}


@pytest.mark.parametrize(
    ("src", "is_told"), [(TASK, True), ("Notes/x.md", True), ("Rejected/x.md", False), ("Done/x.md", False)]
)
def test_a_note_put_into_approved_that_never_waited_there_is_told(src: str, is_told: bool) -> None:
    """Whatever its status says, and without one: a person who put it there expects it to be sent."""
    for text in (note("status: approved"), note("status: todo"), "just words\n"):
        odd = dragged(src, APPROVED, text, planned=note("status: approved"))
        assert bool(odd) == is_told
        assert not odd or "drag it there first" in odd["status"][APPROVED].why
    assert "nothing is done" in told({APPROVED: "new here\n"})["status"][APPROVED].why
    first, second = (note(f"id: {n}", "status: approved") for n in (1, 2))
    assert told({APPROVED: second}, {APPROVED: first}).keys() == {"status"}, "it took the other one's place"
    assert told({APPROVED: first + "more\n"}, {APPROVED: first}) == {}
    assert told({APPROVED: note("vaultkit: ignore")}) == {}


@pytest.mark.parametrize(
    ("src", "status", "is_told"),
    [
        (APPROVED, "approved", True),
        (APPROVED, "Accepted", True),
        (APPROVED, "[approved]", True),
        (DRAFT, "pending", True),
        (APPROVED, "done", False),
        (APPROVED, "wip", False),
        ("Done/x.md", "done", False),
        (TASK, "todo", False),
        ("Projects/x.md", "approved", False),
    ],
)
def test_out_of_the_workflow_with_a_status_that_waits(src: str, status: str, is_told: bool) -> None:
    """What says that it is approved, in a folder where nothing will come of it, is told with a way back."""
    odd = dragged(src, ELSEWHERE, note(f"status: {status}"))
    assert bool(odd) == is_told
    assert not odd or "nothing comes of it; to decide again, drag it to Pending_Approval/" in (
        odd["status"][ELSEWHERE].why
    )


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (
            "clod_agent",
            "'clod_agent' is no agent here, so it binds nobody; `owner: cloud_agent` would be one",
        ),
        ("Cloud", "`owner: cloud` would be one"),
        ("[cloud_agent]", "`owner: cloud_agent` would be one"),
        ("Ada", "'Ada' is no agent here, so it binds nobody; name an agent, or take it out"),
        ("7", "'7' is no agent here"),
        ("cloud_agent", ""),
        ("cloud", ""),
        ('" local "', ""),
        ('""', ""),
        ("[]", ""),
    ],
)
def test_an_owner_that_no_agent_is_called_is_told(owner: str, words: str) -> None:
    """With the agent that is probably meant, in a new note and in one that was edited or dragged."""
    odd = note(f"owner: {owner}")
    for found in (told({TASK: odd}), told({TASK: odd}, {TASK: note("owner: cloud")})):
        assert found.keys() == ({"owner"} if words else set())
        assert not words or words in found["owner"][TASK].why
    assert dragged(TASK, DRAFT, odd) == {}


def test_outside_the_workflow_only_what_looks_like_an_agents_name() -> None:
    """People's own notes have owners of many kinds; a slip in an agent's name would bind nobody unseen."""
    assert told({"Projects/x.md": note("owner: Ada")}) == {}
    assert told({"Projects/x.md": note("owner: clod_agent")}).keys() == {"owner"}


def test_of_very_many_the_first_are_told_and_the_rest_counted() -> None:
    """A folder full of such notes, dropped at once, is not a log full of lines."""
    odd = told({f"Needs_Action/{n}.md": note("status: wip") for n in range(MOST_TOLD + 7)})["status"]
    assert len(odd) == MOST_TOLD
    assert list(odd.values())[-1].why.endswith("(and 7 more notes like this)")


@pytest.mark.parametrize(
    ("value", "word"),
    [("[done]", "done"), ("\n  - done", "done"), ("[]", ""), ("\n  -", ""), ("[a, b]", "['a', 'b']")],
)
def test_one_word_in_a_list_is_that_word(value: str, word: str) -> None:
    """Obsidian writes a list where a property is one; of several words nobody can say which is meant."""
    assert word_in(note(f"status: {value}").encode(), "status") == word
