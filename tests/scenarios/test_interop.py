"""Beside git: what vaultkit leaves in the remote and the vaults is ordinary, and what git pushes arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text, wait_until
from tests.servers import git, require


@pytest.fixture(autouse=True)
def _needs_git() -> None:
    require("git")


def work_a_little(desk: Desk) -> None:
    put(desk.local / "Needs_Action/email/ask.md", "Ask.\n")
    desk.sync()
    assert run(desk.cloud, "claim", "ask.md").returncode == 0
    put(desk.cloud / "Pending_Approval/email/ask.md", "---\nto: a@example.org\n---\nYes.\n")
    put(desk.local / "Notes/Überblick – heute.md", "ünïcode\n")
    desk.sync()
    assert run(desk.local, "approve", "Pending_Approval/email/ask.md").returncode == 0
    desk.sync()


def test_git_reads_what_vaultkit_wrote(tmp_path: Path) -> None:
    """A clone has a straight history of readable one-line subjects, and `git fsck --strict` finds nothing."""
    with Desk(tmp_path) as desk:
        work_a_little(desk)
    clone = tmp_path / "clone"
    git("clone", "-q", desk.remote, clone)
    assert git("log", "--merges", "--format=%h", cwd=clone) == ""
    subjects = git("log", "--format=%s", cwd=clone).splitlines()
    assert "claim Needs_Action/email/ask.md" in subjects
    assert "approve Pending_Approval/email/ask.md" in subjects
    assert all(0 < len(subject) < 120 for subject in subjects)
    for repository in (desk.remote, desk.local, desk.cloud):
        git("fsck", "--strict", "--full", cwd=repository)
    assert text(clone / "Notes/Überblick – heute.md") == "ünïcode\n"


def test_git_status_is_clean_once_vaultkit_is_idle(tmp_path: Path) -> None:
    """`git status` in both vaults shows nothing to do, after commands and under `vaultkit watch`."""
    with Desk(tmp_path) as desk:
        put(desk.local / ".env", "made up\n")
        put(desk.local / "picture.png", "no picture\n")
        work_a_little(desk)
        for vault in (desk.local, desk.cloud):
            assert git("status", "--porcelain", cwd=vault) == ""
        desk.watch()
        put(desk.local / "Notes/new.md", "new\n")
        wait_until((desk.cloud / "Notes/new.md").exists)
        for vault in (desk.local, desk.cloud):
            wait_until(lambda vault=vault: git("status", "--porcelain", cwd=vault) == "", f"{vault} clean")


def allow_phone(desk: Desk) -> None:
    """Let unsigned commits count as the agent `phone`, who may write tasks."""
    policy = desk.local / "vaultkit.yaml"
    changed = policy.read_text("utf-8").replace("  # phone: {unsigned: true}", "  phone: {unsigned: true}")
    changed = changed.replace(
        'path: "Needs_Action/**",        write: [cloud_agent, local_agent]',
        'path: "Needs_Action/**",        write: [cloud_agent, local_agent, phone]',
    )
    assert "\n  phone: {unsigned: true}" in changed
    assert "local_agent, phone]" in changed
    policy.write_text(changed, "utf-8")
    desk.sync()


def test_what_plain_git_pushes_arrives_where_the_policy_lets_it(tmp_path: Path) -> None:
    """With an agent for unsigned commits, git's arrive in its zones; elsewhere they are violations."""
    with Desk(tmp_path) as desk:
        allow_phone(desk)
        clone = tmp_path / "clone"
        git("clone", "-q", desk.remote, clone)
        put(clone / "Needs_Action/from-phone.md", "Buy milk.\n")
        put(clone / "Approved/forged.md", "Pay Eve.\n")
        git("add", "-A", cwd=clone)
        git("commit", "-qm", "from the phone", cwd=clone)
        git("push", "-q", cwd=clone)
        desk.sync()
        for vault in (desk.local, desk.cloud):
            assert text(vault / "Needs_Action/from-phone.md") == "Buy milk.\n"
            assert not (vault / "Approved/forged.md").exists()
            violation = desk.status(vault)["violations"][0]
            assert (violation["path"], violation["agent"]) == ("Approved/forged.md", "phone")
        put(desk.local / "Notes/next.md", "an honest push\n")
        desk.sync()
        git("pull", "-q", cwd=clone)
        assert not (clone / "Approved/forged.md").exists()


def test_what_plain_git_pushes_is_a_violation_without_such_an_agent(tmp_path: Path) -> None:
    """Default deny: a commit nobody signed changes nothing, is reported, and the sync goes on."""
    with Desk(tmp_path) as desk:
        clone = tmp_path / "clone"
        git("clone", "-q", desk.remote, clone)
        put(clone / "Needs_Action/unasked.md", "x\n")
        git("add", "-A", cwd=clone)
        git("commit", "-qm", "unasked", cwd=clone)
        git("push", "-q", cwd=clone)
        assert run(desk.local, "sync").returncode == 3
        assert not (desk.local / "Needs_Action/unasked.md").exists()
        put(desk.local / "Notes/a.md", "goes on\n")
        desk.sync()
        assert text(desk.cloud / "Notes/a.md") == "goes on\n"


def test_a_merge_commit_by_plain_git_does_not_stop_the_sync(tmp_path: Path) -> None:
    """A person whose git made a merge commit is heard like anybody else."""
    with Desk(tmp_path) as desk:
        allow_phone(desk)
        clone = tmp_path / "clone"
        git("clone", "-q", desk.remote, clone)
        put(clone / "Needs_Action/mine.md", "mine\n")
        git("add", "-A", cwd=clone)
        git("commit", "-qm", "mine", cwd=clone)
        put(desk.local / "Notes/theirs.md", "theirs\n")
        desk.sync()
        git("pull", "-q", "--no-rebase", "--no-edit", cwd=clone)
        git("push", "-q", cwd=clone)
        assert git("log", "--merges", "--format=%h", cwd=clone) != ""
        desk.sync()
        for vault in (desk.local, desk.cloud):
            assert text(vault / "Needs_Action/mine.md") == "mine\n"
            assert text(vault / "Notes/theirs.md") == "theirs\n"
        assert desk.status(desk.local)["violations"] == []


def test_a_pull_behind_vaultkits_back_is_no_local_gesture(tmp_path: Path) -> None:
    """When git pulls into the vault by itself, what it brought is not sent again as this agent's own."""
    with Desk(tmp_path) as desk:
        git("remote", "add", "origin", desk.remote, cwd=desk.cloud)
        put(desk.local / "Approved/decided.md", "Decided by the person.\n")
        desk.sync(desk.local)
        before = git("rev-parse", "main", cwd=desk.remote)
        git("pull", "-q", "--ff-only", "origin", "main", cwd=desk.cloud)
        assert text(desk.cloud / "Approved/decided.md") == "Decided by the person.\n"
        desk.sync(desk.cloud)
        assert desk.status(desk.cloud)["held"] == []
        assert git("rev-parse", "main", cwd=desk.remote) == before
        put(desk.local / "Approved/decided.md", "Changed by the person.\n")
        desk.sync()
        assert text(desk.cloud / "Approved/decided.md") == "Changed by the person.\n"


def test_a_rewritten_remote_stops_the_sync_and_touches_nothing(tmp_path: Path) -> None:
    """When the remote's history was rewound, the vault says so (exit 17) and keeps everything."""
    with Desk(tmp_path) as desk:
        work_a_little(desk)
        git("update-ref", "refs/heads/main", "main~2", cwd=desk.remote)
        before = {p: p.read_bytes() for p in desk.local.rglob("*.md")}
        done = run(desk.local, "sync")
        assert done.returncode == 17
        assert "rewound" in done.stderr
        assert {p: p.read_bytes() for p in desk.local.rglob("*.md")} == before
