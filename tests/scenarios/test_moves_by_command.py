"""`done`, `approve`, `reject` and `release` by command: they succeed only if the move stands, and say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, run, text
from vaultkit import ClaimLost, Overtaken, Unconfirmed, Vault, VaultError


@pytest.fixture
def tasks(desk: Desk) -> None:
    """A task and a draft, everywhere."""
    put(desk.local / "Needs_Action/lost.md", "Answer Ada.\n")
    put(desk.local / "Pending_Approval/email/q.md", "Dear Ada.\n")
    desk.sync(desk.local, desk.cloud)


def everything(vault: Path) -> dict[str, str]:
    """All notes of the workflow, by path."""
    stages = ("Needs_Action", "In_Progress", "Pending_Approval", "Approved", "Rejected", "Done")
    found = (note for stage in stages for note in (vault / stage).rglob("*.md"))
    return {str(note.relative_to(vault)): text(note) for note in found}


def take_away(desk: Desk) -> None:
    """Cloud claims the task; the person gives it back, and Cloud does not know yet."""
    assert run(desk.cloud, "claim", "lost.md").returncode == 0
    desk.sync(desk.local)
    assert run(desk.local, "release", "lost.md").returncode == 0


@contextmanager
def claimed_by_both(desk: Desk) -> Iterator[Vault]:
    """Cloud's vault: it claimed the task offline, and before it was back the person claimed it, too."""
    shutil.move(desk.remote, desk.folder / "away.git")
    with Vault.open(desk.cloud) as cloud, Vault.open(desk.local) as local:
        with pytest.raises(Unconfirmed):
            cloud.claim("lost.md")
        shutil.move(desk.folder / "away.git", desk.remote)
        local.claim("lost.md")
        yield cloud


def test_done_fails_where_its_own_sync_undid_it(desk: Desk, tasks: None) -> None:
    """Others moved the task first: the command says who, and where it is, and ends with 4."""
    take_away(desk)
    done = run(desk.cloud, "done", "lost.md")
    assert done.returncode == 4
    assert "by local_agent; it went to Needs_Action/lost.md" in done.stderr
    assert "done" not in done.stdout
    assert [path for path in everything(desk.cloud) if "lost" in path] == ["Needs_Action/lost.md"]


def test_a_task_that_was_taken_away_is_no_success_of_the_library(desk: Desk, tasks: None) -> None:
    """`complete` of its path and `Claim.complete` raise ClaimLost, and the claim knows that it is over."""
    with Vault.open(desk.cloud) as cloud, Vault.open(desk.local) as local:
        claim = cloud.claim("lost.md")
        local.sync()
        local.release("lost.md")
        with pytest.raises(ClaimLost) as lost:
            claim.complete()
        assert (lost.value.by, lost.value.place) == ("local_agent", "Needs_Action/lost.md")
        assert (bool(claim.lost), claim.by) == (True, "local_agent")
        again = cloud.claim("lost.md")
        local.sync()
        local.complete("lost.md")
        with pytest.raises(ClaimLost, match=r"it went to Done/lost\.md"):
            cloud.release(str(again))


def test_a_decision_that_others_were_before_is_an_error(desk: Desk, tasks: None) -> None:
    """Cloud has moved the draft on meanwhile: `approve` and `reject` say who did and where it is, with 16."""
    draft, moved = "Pending_Approval/email/q.md", "Plans/email/q.md"
    with Vault.open(desk.cloud) as cloud:
        drag(desk.cloud, draft, moved)
        cloud.sync()
    said = run(desk.local, "approve", "q.md")
    assert said.returncode == 16
    assert f"cloud_agent was first, and it is at {moved} now" in said.stderr
    assert "approved" not in said.stdout
    put(desk.local / draft, "Dear Ada.\n")
    desk.sync(desk.local, desk.cloud)
    with Vault.open(desk.cloud) as cloud, Vault.open(desk.local) as local:
        drag(desk.cloud, draft, "Needs_Action/email/q.md")
        cloud.sync()
        with pytest.raises(Overtaken) as first:
            local.reject("email/q.md")
        assert (first.value.by, first.value.place) == ("cloud_agent", "Needs_Action/email/q.md")


def test_a_task_that_others_took_is_not_done_with_its_draft(desk: Desk, tasks: None) -> None:
    """The draft is done, and only what went with it is told: its task is an agent's who took it meanwhile."""
    put(desk.local / "Needs_Action/lost.md", "".join(f"Question {n}.\n" for n in range(20)))
    desk.sync(desk.local, desk.cloud)
    with Vault.open(desk.cloud) as cloud, Vault.open(desk.local) as local:
        draft = cloud.submit_for_approval("lost.md", "Yes.\n")
        local.sync()
        approved = local.approve(draft.path)
        assert local.companions(local.read(approved)) == ["Needs_Action/lost.md"]
        cloud.claim("Needs_Action/lost.md")
        assert local.complete(approved) == ["Done/lost.md"]
    there = [path for path in everything(desk.local) if "lost" in path]
    assert sorted(there) == ["Done/lost.md", "In_Progress/cloud_agent/lost.md"]


def test_a_claim_that_was_lost_before_it_was_published_is_not_given_back(desk: Desk, tasks: None) -> None:
    """The person claimed it while Cloud was offline: Cloud's `release` says whose it is."""
    with claimed_by_both(desk) as cloud:
        with pytest.raises(ClaimLost) as lost:
            cloud.release("In_Progress/cloud_agent/lost.md")
        assert (lost.value.by, lost.value.place) == ("local_agent", "In_Progress/local_agent/lost.md")


def test_what_is_done_already_stays_as_it_is(desk: Desk, tasks: None) -> None:
    """A second `done` changes nothing, says so, and ends with 0."""
    assert run(desk.local, "done", "lost.md").returncode == 0
    before = everything(desk.local)
    again = run(desk.local, "done", "lost.md")
    assert again.returncode == 0, again.stderr
    assert "done already, nothing was changed: Done/lost.md" in again.stdout
    with Vault.open(desk.local) as local:
        assert local.complete("Done/lost.md") == local.complete("lost.md") == ["Done/lost.md"]
    assert everything(desk.local) == before


def test_a_draft_that_waits_nowhere_is_said_to_be_elsewhere(desk: Desk, tasks: None) -> None:
    """Who decides on what was decided, so or otherwise, with a reason or without, hears where it is."""
    with Vault.open(desk.local) as local:
        local.approve("q.md")
        before = everything(desk.local)
        late = (
            lambda: local.reject("q.md"),
            lambda: local.reject("q.md", "late"),
            lambda: local.approve("q.md"),
        )
        for again in late:
            with pytest.raises(
                VaultError, match="Pending_Approval/; one of that name is at Approved/email/q"
            ):
                again()
        assert everything(desk.local) == before
        with pytest.raises(VaultError, match=r"there is no note none\.md in Pending_Approval/$"):
            local.approve("none.md")


def test_offline_a_move_is_said_to_be_unpublished(desk: Desk, tasks: None) -> None:
    """`done` without the remote is done here, and says that nobody else knows yet."""
    shutil.move(desk.remote, desk.folder / "away.git")
    done = run(desk.local, "done", "lost.md")
    assert done.returncode == 0
    assert "Not published yet" in done.stdout
    put(desk.local / "In_Progress/local_agent/own.md", "never anybody else's\n")
    own = run(desk.local, "done", "In_Progress/local_agent/own.md")
    assert own.returncode == 0, "a person needs no claim that was confirmed"
    shutil.move(desk.folder / "away.git", desk.remote)
    assert "Not published yet" not in run(desk.local, "approve", "q.md").stdout


def test_a_claim_that_was_never_confirmed_completes_nothing(desk: Desk, tasks: None) -> None:
    """Offline, `done` and `complete` of its path raise Unconfirmed; with the remote back they go through."""
    shutil.move(desk.remote, desk.folder / "away.git")
    with Vault.open(desk.cloud) as cloud:
        with pytest.raises(Unconfirmed):
            cloud.claim("lost.md")
        path = "In_Progress/cloud_agent/lost.md"
        for name in (path, "lost.md"):
            with pytest.raises(Unconfirmed):
                cloud.complete(name)
        assert (desk.cloud / path).exists()
        assert run(desk.cloud, "done", "lost.md").returncode == 13
        shutil.move(desk.folder / "away.git", desk.remote)
        assert cloud.complete(path) == ["Done/lost.md"]


def test_an_unconfirmed_claim_that_others_were_before_is_lost(desk: Desk, tasks: None) -> None:
    """Claimed offline while the person took the task: with the remote back `complete` raises ClaimLost."""
    with claimed_by_both(desk) as cloud:
        with pytest.raises(ClaimLost) as lost:
            cloud.complete("In_Progress/cloud_agent/lost.md")
        assert lost.value.by == "local_agent"


def test_a_confirmed_claim_is_completed_offline(desk: Desk, tasks: None) -> None:
    """What the remote confirmed is done offline too, wherever in the agent's folder the note is."""
    with Vault.open(desk.cloud) as cloud:
        cloud.claim("lost.md")
        drag(desk.cloud, "In_Progress/cloud_agent/lost.md", "In_Progress/cloud_agent/deep/lost.md")
        shutil.move(desk.remote, desk.folder / "away.git")
        cloud.sync()
        assert cloud.complete("lost.md") == ["Done/deep/lost.md"]
        shutil.move(desk.folder / "away.git", desk.remote)


def test_a_move_that_was_made_is_told_as_made(desk: Desk) -> None:
    """Also where one of another note, which was at the same place before, is undone in the same sync."""
    put(desk.local / "Needs_Action/a.md", "---\nid: old\n---\nthe old task\n")
    desk.sync(desk.local, desk.cloud)
    drag(desk.cloud, "Needs_Action/a.md", "In_Progress/cloud_agent/a.md")
    desk.sync(desk.cloud)
    away = desk.remote.with_name("away")
    shutil.move(desk.remote, away)
    drag(desk.local, "Needs_Action/a.md", "Plans/mail/a.md")
    run(desk.local, "sync")
    put(desk.local / "Needs_Action/a.md", "---\nid: new\n---\nanother task\n")
    run(desk.local, "sync")
    shutil.move(away, desk.remote)
    assert run(desk.local, "done", "Needs_Action/a.md").returncode == 0
    assert "another task" in text(desk.local / "Done/a.md")
