"""What a person does while the Dashboard is brought up to date is the person's work, not upkeep."""

from __future__ import annotations

from pathlib import Path

from tests.sim.world import World
from vaultkit.core.git.message import add_trailer
from vaultkit.core.rules.commit_marks import UPKEEP
from vaultkit.core.telling.board import DASHBOARD
from vaultkit.hook_loader import load_hooks

UP_TO_DATE = add_trailer("dashboard: up to date", UPKEEP, DASHBOARD)


def test_an_approval_that_upkeep_comes_upon_is_carried_out() -> None:
    world = World(1)
    local, cloud = world.replicas
    local.desk.hooks = load_hooks(("approve", "outbox"), Path("/nonexistent"))
    cloud.disk.put("Pending_Approval/mail.md", b"---\naction: send_email\nto: a@b.c\n---\nhello\n")
    cloud.disk.put("Needs_Action/other.md", b"one\n")
    world.settle()
    cloud.disk.remove("Needs_Action/other.md", b"one\n")
    assert cloud.sync().in_step
    local.disk.put("Needs_Action/other.md", b"one, and typed\n")  # so the merge has to look everywhere
    local.disk.rename("Pending_Approval/mail.md", "Approved/mail.md")  # the person approves
    local.disk.put(DASHBOARD, b"%% vaultkit:held %%\nnew\n%% /vaultkit:held %%\n")
    assert local.driver.run_cycle(frozenset([DASHBOARD]), message=UP_TO_DATE).in_step
    assert local.sync().in_step
    assert "Approved/mail.md" in local.notes()
    assert [job.hook for job in local.desk.state.jobs()] == ["outbox.deliver"]
