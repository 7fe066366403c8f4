"""Claims by real processes: renewing while one works, sleeping through a lease, taking over, handing back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, run, step, text
from tests.scenarios.workers import Worker
from vaultkit import Vault, join_vault

LEASE = "lease: 15m"


@pytest.fixture
def task(desk: Desk) -> str:
    """A task that waits everywhere."""
    put(desk.local / "Needs_Action/email/t.md", "Answer Ada.\n")
    desk.sync(desk.local, desk.cloud)
    return "t.md"


@pytest.fixture
def mail(desk: Desk, task: str, tmp_path: Path) -> Path:
    """A third machine, an agent that may do what Cloud may."""
    folder = tmp_path / "Mail"
    with Vault.open(desk.local) as local:
        policy = text(desk.local / "vaultkit.yaml")
        policy = policy.replace("  cloud_agent:", "  mail_agent: {}\n  cloud_agent:", 1)
        policy = policy.replace("[cloud_agent, local_agent]", "[cloud_agent, mail_agent, local_agent]")
        put(desk.local / "vaultkit.yaml", policy)
        local.sync()
        with join_vault(desk.url, folder, "mail_agent", keys=desk.keys) as joined:
            local.trust(joined.pairing_line())
            joined.sync()
    desk.sync(desk.cloud)
    return folder


def set_lease(desk: Desk, *vaults: Path, lease: str) -> None:
    policy = text(desk.local / "vaultkit.yaml")
    assert LEASE in policy
    put(desk.local / "vaultkit.yaml", policy.replace(LEASE, f"lease: {lease}"))
    desk.sync(desk.local, *vaults)


@pytest.fixture
def cloud_works(desk: Desk, task: str) -> Iterator[Worker]:
    """Cloud's worker holds the task."""
    with Worker(desk.cloud, task) as worker:
        assert worker.says() == "claimed In_Progress/cloud_agent/email/t.md 1"
        yield worker


def test_a_worker_that_sleeps_through_its_lease_does_not_act(desk: Desk, mail: Path) -> None:
    """SIGSTOP: another agent takes over. SIGCONT: the worker's completion is refused, and nothing moves."""
    set_lease(desk, desk.cloud, mail, lease="4s")
    with Worker(desk.cloud, "t.md") as worker:
        assert worker.says().startswith("claimed")
        worker.sleeps()
        taken = run(mail, "claim", "t.md", "--take-over", "--wait")
        assert taken.returncode == 0, taken.stderr
        worker.wakes()
        for order in ("complete", "submit", "edit"):
            assert worker.asked(order) == "lost to mail_agent"
        assert worker.asked("check") == "lost to mail_agent"
    desk.sync()
    desk.sync(mail)
    note = "In_Progress/mail_agent/email/t.md"
    for vault in (desk.local, desk.cloud, mail):
        assert "claim_epoch: 2" in text(vault / note)
        assert [path.name for path in vault.rglob("*.md") if path.name in ("t.md", "late.md")] == ["t.md"]


def test_a_worker_renews_while_it_works(desk: Desk, mail: Path) -> None:
    """Two leases later the task is still its own: whoever would take over is told how long to wait."""
    set_lease(desk, desk.cloud, mail, lease="6s")
    with Worker(desk.cloud, "t.md") as worker, Vault.open(mail) as vault:
        assert worker.says().startswith("claimed")
        start = vault.clock.monotonic()
        while vault.clock.monotonic() - start < 8:
            vault.sync(())
            vault.clock.sleep(1)
        # On a machine that is too busy the lease may be over; then the worker has to find that out.
        refused = run(mail, "claim", "t.md", "--take-over")
        answer = worker.asked("check")
        if refused.returncode == 0:
            assert answer == "lost to mail_agent"
        else:
            assert refused.returncode == 4
            assert "held by cloud_agent" in refused.stderr
            assert answer == "holds In_Progress/cloud_agent/email/t.md"


def test_a_hand_back_by_the_persons_drag_is_told_at_once(desk: Desk, cloud_works: Worker) -> None:
    """The worker learns that its claim is over, and who did it, while it works; then another may claim."""
    desk.sync(desk.local)
    cloud_works.told("wait")
    drag(desk.local, "In_Progress/cloud_agent/email/t.md", "Needs_Action/email/t.md")
    step(desk.local, "sync")
    assert cloud_works.says() == "lost to local_agent"
    assert cloud_works.asked("complete") == "lost to local_agent"
    assert not (desk.cloud / "Done/email/t.md").exists()
    note = text(desk.local / "Needs_Action/email/t.md")
    assert "owner" not in note
    assert "claimed_at" not in note


def test_a_worker_completes_what_it_holds(desk: Desk, cloud_works: Worker) -> None:
    """Through the claim, once; a second time the claim is over by its own doing."""
    assert cloud_works.asked("check") == "holds In_Progress/cloud_agent/email/t.md"
    assert cloud_works.asked("complete") == "done Done/email/t.md"
    assert cloud_works.asked("complete") == "lost to cloud_agent"
    desk.sync(desk.local)
    assert "status: done" in text(desk.local / "Done/email/t.md")


def test_tasks_claims_and_leases_by_command(desk: Desk, mail: Path) -> None:
    """`tasks` shows who has what and for how long, `release` gives it back, `--take-over` has to wait."""
    put(desk.local / "Needs_Action/other.md", "---\ncreated: 2020-01-01T00:00:00Z\n---\nAnother task.\n")
    desk.sync(desk.local, mail)
    claimed = run(mail, "claim", "t.md")
    assert "In_Progress/mail_agent/email/t.md" in claimed.stdout
    assert run(mail, "claim", "t.md").returncode == 0
    refused = run(desk.cloud, "claim", "t.md", "--take-over")
    assert refused.returncode == 4
    assert "held by mail_agent" in refused.stderr
    assert "more seconds" in refused.stderr
    found = {task["path"]: task for task in json.loads(run(mail, "tasks", "--json").stdout)}
    held = found["In_Progress/mail_agent/email/t.md"]
    assert (held["stage"], held["holder"]) == ("in_progress", "mail_agent")
    assert 0 < held["lease"] <= 900
    not_mine = run(desk.cloud, "done", held["path"])
    assert (not_mine.returncode, "mail_agent has this task" in not_mine.stderr) == (4, True)
    assert found["Needs_Action/other.md"]["age"] > 10**8
    mine = json.loads(run(mail, "tasks", "--mine", "--json").stdout)
    assert [task["path"] for task in mine] == [held["path"]]
    assert "mail_agent holds" in run(desk.cloud, "status").stdout
    assert "in progress: In_Progress/mail_agent/email/t.md (mail_agent" in run(mail, "tasks").stdout
    released = run(mail, "release", "t.md")
    assert released.returncode == 0, released.stderr
    assert "Needs_Action/email/t.md" in released.stdout
    assert run(desk.cloud, "release", "t.md").returncode == 4
    assert run(desk.cloud, "claim", "t.md", "--wait").returncode == 2
    assert run(desk.cloud, "claim", "t.md").returncode == 0


def test_a_lost_drag_is_explained(desk: Desk, cloud_works: Worker) -> None:
    """A person drags a task that an agent has claimed: it is undone, and `sync` and `status` say why."""
    assert cloud_works.asked("check").startswith("holds")
    drag(desk.local, "Needs_Action/email/t.md", "In_Progress/local_agent/email/t.md")
    said = run(desk.local, "sync")
    assert "cloud_agent was first" in said.stdout
    assert "UNDONE" in run(desk.local, "status").stdout
    assert json.loads(run(desk.local, "status", "--json").stdout)["overruled"][0]["by"] == "cloud_agent"
    assert (desk.local / "In_Progress/cloud_agent/email/t.md").exists()
    assert not (desk.local / "In_Progress/local_agent/email/t.md").exists()
