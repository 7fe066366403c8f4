"""Which decisions have rested long enough."""

from __future__ import annotations

import pytest

from tests.trees import History, policy
from vaultkit.core.cycle.unfinished import may_go_ahead
from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.workflow import Workflow
from vaultkit.resting import Resting, ends


def decision(name: str, content: str = "1") -> Move:
    return Move(f"Pending_Approval/{name}", f"Approved/{name}", Oid("0" * 40), Oid(content * 40))


A, B = decision("a.md"), decision("b.md")


def test_a_decision_rests_from_when_it_was_first_seen() -> None:
    """Seen again and again, it has rested once the quiet time is over since the first time."""
    resting = Resting()
    resting.update({A}, None, 10.0)
    resting.update({A, B}, None, 11.5)
    assert resting.rested(11.9, 2.0) == frozenset()
    assert resting.seconds_left(11.5, 2.0) == 0.5
    assert resting.rested(12.0, 2.0) == {A}
    assert resting.rested(13.5, 2.0) == {A, B}


def test_taken_back_it_is_forgotten_and_begins_anew() -> None:
    """A look that could have seen it and did not forgets it; one that looked elsewhere does not."""
    resting = Resting()
    resting.update({A}, None, 10.0)
    resting.update(set(), frozenset({"Notes/x.md"}), 11.0)
    assert resting.rested(12.0, 2.0) == {A}
    resting.update(set(), frozenset({A.src}), 12.0)
    assert resting.seconds_left(12.0, 2.0) is None
    resting.update({A}, None, 20.0)
    assert resting.rested(21.0, 2.0) == frozenset()


def test_typing_begins_the_time_anew() -> None:
    """With another content it is another decision."""
    resting = Resting()
    resting.update({A}, None, 10.0)
    resting.update({decision("a.md", "2")}, ends({A}), 11.5)
    assert resting.rested(12.5, 2.0) == frozenset()


def test_what_is_a_decision() -> None:
    """Moves into or out of a stage where something is decided; not claims, nor renaming within a stage."""
    flow = Workflow()
    assert flow.is_decision("Pending_Approval/x.md", "Approved/x.md")
    assert flow.is_decision("Approved/x.md", "Notes/x.md")
    assert flow.is_decision("In_Progress/cloud_agent/x.md", "Pending_Approval/x.md")
    assert not flow.is_decision("Pending_Approval/x.md", "Pending_Approval/email/x.md")
    assert not flow.is_decision("Needs_Action/x.md", "In_Progress/cloud_agent/x.md")
    assert not flow.is_decision("Notes/x.md", "Journal/x.md")


@pytest.mark.parametrize(
    ("agent", "src", "before", "after", "goes"),
    [
        ("local_agent", "Pending_Approval/x.md", "one\n", "one\ntwo\n", True),
        ("local_agent", "Pending_Approval/x.md", "one\n", "one\n", False),
        ("local_agent", "Pending_Approval/x.md", "one\n", "---\nstatus: done\n---\none\n", False),
        ("local_agent", "Approved/x.md", "one\n", "one\ntwo\n", False),
        ("local_agent", "Rejected/x.md", "one\n", "one\ntwo\n", True),
        ("cloud_agent", "Rejected/x.md", "one\n", "one\ntwo\n", False),
    ],
)
def test_which_words_go_before_their_drag(agent: str, src: str, before: str, after: str, goes: bool) -> None:
    """New ones, where their author may write; a status belongs to the decision, what is approved stays."""
    history = History({src: before})
    move = Move(src, "Notes/x.md", history.oid(before), history.oid(after))
    tree = history.objects.commit(history.root).tree
    assert may_go_ahead(history.objects, policy(), agent, move, tree) is goes
