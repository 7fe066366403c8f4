"""When a note came to its place, and when an agent was at work last, read off the line of commits."""

from __future__ import annotations

from dataclasses import replace

from tests.trees import POLICY_TEXT, History, policy
from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.history.provenance import arrivals, last_deeds
from vaultkit.core.rules.commit_marks import UPKEEP

FIRST = {"vaultkit.yaml": POLICY_TEXT, "Plans/old.md": "old"}


def commit(
    history: History, agent: str, parent: Oid, notes: dict[str, str], time: int, words: str = "x"
) -> Oid:
    made = Commit(history.tree(notes), (parent,), f"{agent} <a@b>", time, words)
    return history.put(agent, made)


def test_a_note_came_with_the_newest_commit_that_brought_it() -> None:
    """Edits do not count, and what was away came back then; the order is the line's, not the times'."""
    history = History({"Plans/old.md": "old"})
    one = commit(history, "cloud_agent", history.root, {**FIRST, "Updates/b.md": "b"}, 900)
    two = commit(history, "cloud_agent", one, {**FIRST, "Updates/b.md": "b", "Updates/a.md": "a"}, 500)
    three = commit(history, "cloud_agent", two, {**FIRST, "Updates/b.md": "edited", "x.md": "x"}, 400)
    four = commit(history, "cloud_agent", three, {**FIRST, "Updates/b.md": "b", "Updates/a.md": "a"}, 300)
    paths = ["Updates/a.md", "Updates/b.md", "Plans/old.md"]
    found = arrivals(history.objects, four, paths)
    assert {path: one.commit.time for path, one in found.items()} == {
        "Updates/a.md": 300,
        "Updates/b.md": 900,
        "Plans/old.md": history.objects.commit(history.root).time,
    }
    assert found["Updates/a.md"].turn < found["Updates/b.md"].turn < found["Plans/old.md"].turn
    assert set(arrivals(history.objects, three, ["x.md"])) == {"x.md"}
    assert arrivals(history.objects, None, paths) == {}


def test_a_history_that_was_cut_off_ends_there() -> None:
    """In a shallow clone the oldest commit that is here has brought all that it holds."""
    history = History()
    orphan = replace(history.objects.commit(history.root), parents=(Oid("1" * 40),))
    head = history.put("local_agent", orphan)
    assert arrivals(history.objects, head, ["vaultkit.yaml"])["vaultkit.yaml"].turn == 0
    assert last_deeds(history.objects, policy(), head, None).keys() == {"local_agent"}


def test_keeping_the_dashboard_is_no_deed() -> None:
    """Else each page that says when its keeper was at work last would be out of date as it is written."""
    history = History({"Plans/old.md": "old"})
    one = commit(history, "cloud_agent", history.root, {**FIRST, "Updates/b.md": "b"}, 900)
    two = commit(history, "local_agent", one, {**FIRST, "a.md": "a"}, 950)
    upkeep = add_trailer("dashboard: up to date", UPKEEP, "Dashboard.md")
    three = commit(history, "local_agent", two, {**FIRST, "Dashboard.md": "page"}, 999, upkeep)
    four = commit(history, "stranger", three, FIRST, 1000)
    deeds = last_deeds(history.objects, policy(), four, None)
    assert deeds == {"cloud_agent": 900, "local_agent": 950}
    assert last_deeds(history.objects, policy(), four, one) == {"local_agent": 950}
    assert last_deeds(history.objects, policy(), four, four) == {}
