"""Statuses that were edited, together with what else happens in a vault: undo, restore, git."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text
from tests.servers import git, require
from vaultkit import Vault, init_vault

PENDING, APPROVED = "Pending_Approval/x.md", "Approved/x.md"
DRAFT = "---\nid: 1\nstatus: pending_approval\n---\nwords\n"
SAID = DRAFT.replace("pending_approval", "approved")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Vault]:
    """The person's vault, with a draft in it and no remote."""
    with init_vault(tmp_path / "v", "local_agent", human=True) as vault:
        put(vault.root / PENDING, DRAFT)
        vault.sync()
        yield vault


def test_an_approval_by_status_is_undone_as_one(alone: Vault) -> None:
    """Edit, move and stamps go together: the draft is where and what it was, and stays there."""
    put(alone.root / PENDING, SAID)
    alone.sync()
    assert "approved_by" in text(alone.root / APPROVED)
    alone.undo()
    alone.sync()
    assert text(alone.root / PENDING) == DRAFT
    assert not (alone.root / APPROVED).exists()


def test_what_is_restored_stays_where_it_is_restored(alone: Vault) -> None:
    """An earlier version with another status is written back as it was, and moves nothing."""
    put(alone.root / "Done/y.md", DRAFT)
    alone.sync()
    then = next(alone.history("Done/y.md")).commit
    put(alone.root / "Done/y.md", DRAFT.replace("pending_approval", "done") + "more\n")
    alone.sync()
    alone.restore("Done/y.md", at=then)
    alone.sync()
    assert text(alone.root / "Done/y.md") == DRAFT
    assert not (alone.root / "Pending_Approval/y.md").exists()


def test_commands_do_not_wait_and_say_what_is_held(desk: Desk) -> None:
    """`sync` commits a decision at once, however long `quiet` is; at Cloud it is held, and told why."""
    policy = desk.local / "vaultkit.yaml"
    policy.write_text(policy.read_text("utf-8").replace("quiet: 1s", "quiet: 1h"), "utf-8")
    put(desk.cloud / PENDING, DRAFT)
    put(desk.cloud / "Pending_Approval/z.md", DRAFT)
    desk.sync()
    put(desk.cloud / "Pending_Approval/z.md", SAID)
    assert run(desk.cloud, "sync").returncode == 3
    said = run(desk.cloud, "status")
    assert "its status says approved, but it may not move to Approved/z.md" in said.stdout
    put(desk.local / PENDING, SAID)
    assert run(desk.local, "sync").returncode == 0
    assert "approved_by: local_agent" in text(desk.local / APPROVED)


@pytest.mark.parametrize("typed", ["", "typed by the person\n"])
def test_what_git_pulled_approves_nothing(desk: Desk, typed: str) -> None:
    """Cloud's key publishes an approving status, `git pull` puts it on the person's disk: still a draft."""
    require("git")
    put(desk.cloud / PENDING, DRAFT)
    desk.sync()
    with Vault.open(desk.cloud) as cloud:
        put(desk.cloud / PENDING, SAID)
        cloud._driver.run_cycle(message="past vaultkit", as_written=True)
    git("pull", "-q", "--ff-only", str(desk.remote), "main", cwd=desk.local)
    assert text(desk.local / PENDING) == SAID
    put(desk.local / PENDING, SAID + typed)
    desk.sync()
    for vault in (desk.local, desk.cloud):
        assert text(vault / PENDING) == SAID + typed
        assert not (vault / APPROVED).exists()
