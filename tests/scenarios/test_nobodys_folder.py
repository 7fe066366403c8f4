"""Tasks in progress in a folder that is no agent's: nobody has them."""

from __future__ import annotations

from tests.desk import Desk, drag, put, run, text
from vaultkit import Vault


def test_a_task_in_no_agents_folder_is_claimed_by_who_may(desk: Desk) -> None:
    """Nobody holds it: a person claims it; an agent without the right there is told whose doing is needed."""
    for name in ("rootless.md", "nobody/other.md"):
        put(desk.local / "In_Progress" / name, "Whose?\n")
    desk.sync(desk.local, desk.cloud)
    said = run(desk.cloud, "claim", "rootless.md")
    assert said.returncode == 4
    assert "was claimed by" not in said.stderr
    assert "no agent's folder; the person drags it to Needs_Action/" in said.stderr
    with Vault.open(desk.local) as local:
        assert str(local.claim("rootless.md")) == "In_Progress/local_agent/rootless.md"
        assert str(local.take_over("nobody/other.md")) == "In_Progress/local_agent/other.md"


def test_a_drag_to_no_agents_folder_is_no_claim(desk: Desk) -> None:
    """No owner is stamped and an agent's is taken out; the log calls it a move, `status` names the agents."""
    put(desk.local / "Needs_Action/lost.md", "Answer Ada.\n")
    desk.sync(desk.local)
    drag(desk.local, "Needs_Action/lost.md", "In_Progress/nobody/lost.md")
    desk.sync(desk.local)
    note = text(desk.local / "In_Progress/nobody/lost.md")
    assert "owner" not in note
    assert "claimed_at" not in note
    told = run(desk.local, "status").stdout
    assert "In_Progress/nobody/ is no agent's folder" in told
    assert "the agents here are local_agent, cloud_agent" in told
    assert "claim" not in run(desk.local, "log", "In_Progress/nobody/lost.md").stdout.splitlines()[0]
    assert "claim" not in run(desk.local, "audit", "--json").stdout
    drag(desk.local, "In_Progress/nobody/lost.md", "In_Progress/cloud_agent/lost.md")
    desk.sync(desk.local)
    assert "owner: cloud_agent" in text(desk.local / "In_Progress/cloud_agent/lost.md")
    drag(desk.local, "In_Progress/cloud_agent/lost.md", "In_Progress/nobody/lost.md")
    desk.sync(desk.local)
    assert "owner" not in text(desk.local / "In_Progress/nobody/lost.md")
