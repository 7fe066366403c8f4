"""Handing a draft in, and what became of it, wherever a person drags it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desk import Desk, drag, put, text
from vaultkit import AlreadyClaimed, LogEntry, RefusedByPolicy, UsageError, Vault, VaultError, fill_note


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("drafts")) as made:
        yield made


@pytest.fixture
def local(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.local) as vault:
        yield vault


@pytest.fixture
def cloud(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.cloud) as vault:
        yield vault


def claimed(cloud: Vault, name: str) -> str:
    cloud.create(f"Needs_Action/email/{name}.md", "Please answer.\n")
    return str(cloud.claim(f"Needs_Action/email/{name}.md"))


def test_a_draft_is_followed_to_its_end(local: Vault, cloud: Vault) -> None:
    """Pending, approved by a drag, renamed by the person, done with its task: each is told to the drafter."""
    draft = cloud.submit_for_approval(claimed(cloud, "ask"), "Yes.\n", meta={"to": "ada@example.org"})
    assert (draft.path, draft.published) == ("Pending_Approval/email/ask.md", True)
    meta = cloud.read(draft.path).meta
    assert meta["task"] == "In_Progress/cloud_agent/email/ask.md"
    assert (meta["id"], meta["to"], meta["status"]) == (draft.id, "ada@example.org", "pending_approval")
    assert cloud.approval_status(draft).outcome == "pending"
    local.sync()
    drag(local.root, draft.path, "Pending_Approval/email/renamed.md")
    local.sync()
    drag(local.root, "Pending_Approval/email/renamed.md", "Approved/email/renamed.md")
    local.sync()
    cloud.sync()
    for name in (draft, draft.path, draft.id):
        told = cloud.approval_status(name)
        assert (told.outcome, told.path, told.by) == ("approved", "Approved/email/renamed.md", "local_agent")
    local.complete("Approved/email/renamed.md")
    cloud.sync()
    assert cloud.approval_status(draft).outcome == "done"
    assert not list(cloud.tasks(domain="email"))
    assert local.approval_status(draft.id).outcome == "done"


def test_a_rejection_tells_its_reason_and_another_draft_may_follow(local: Vault, cloud: Vault) -> None:
    """The reason reaches the drafter; the next draft for the task has a name that can be decided on too."""
    task = claimed(cloud, "no")
    first = cloud.submit_for_approval(task, "No.\n")
    local.sync()
    local.reject(first.path, "too short")
    cloud.sync()
    told = cloud.approval_status(first)
    assert (told.outcome, told.reason, told.is_decided) == ("rejected", "too short", True)
    second = cloud.submit_for_approval(task, "No, and here is why.\n")
    assert second.path == "Pending_Approval/email/no (2).md"
    local.sync()
    local.reject(second.path, "still too short")
    cloud.sync()
    assert cloud.approval_status(first).reason == "too short"
    assert cloud.approval_status(second).reason == "still too short"


def test_a_reason_typed_while_the_rejection_rests_is_the_reason_though_others_edit_it(
    local: Vault, cloud: Vault
) -> None:
    """What is typed is published at once, so the drafter's next version has that line, too."""
    draft = "Pending_Approval/rests.md"
    put(cloud.root / draft, "---\nid: rests\n---\nDear Ada.\n\nSee you.\n")
    cloud.sync()
    local.sync()
    drag(local.root, draft, "Rejected/rests.md")
    put(local.root / "Rejected/rests.md", "---\nid: rests\n---\nToo long.\n\nDear Ada.\n\nSee you.\n")
    assert local.sync(rested=frozenset()).resting
    cloud.sync()
    put(cloud.root / draft, text(cloud.root / draft) + "\nOne more thing.\n")
    cloud.sync()
    local.sync()
    local.run_jobs()
    tasks = [task for task in local.tasks("needs_action") if task.get("draft") == "Rejected/rests.md"]
    assert [task.get("reason") for task in tasks] == ["Too long."]


def test_for_a_reason_only_what_was_since_the_draft_waits_is_looked_through(
    local: Vault, cloud: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long history before that would keep the hook, and all others with it, for minutes."""
    task, draft = "Needs_Action/long.md", "Pending_Approval/long.md"
    for line in ("one\n", "one\ntwo\n", "one\ntwo\nthree\n"):
        put(cloud.root / task, line)
        cloud.sync()
    drag(cloud.root, task, draft)
    cloud.sync()
    local.sync()
    local.reject(draft)
    taken, history = [], Vault.history

    def counted(vault: Vault, note: str | None = None) -> Iterator[LogEntry]:
        for entry in history(vault, note):
            taken.append(entry)
            yield entry

    monkeypatch.setattr(Vault, "history", counted)
    local.run_jobs()
    assert [deed.kind for entry in taken for deed in entry.deeds] == ["rejection", "submit"]
    (task_of_it,) = [one for one in local.tasks("needs_action") if one.get("draft") == "Rejected/long.md"]
    assert task_of_it.get("reason") is None


def test_a_draft_may_be_handed_in_again(local: Vault, cloud: Vault) -> None:
    """The same draft is one draft, also once it is approved; another text is another draft beside it."""
    claimed(cloud, "again")
    task = "Needs_Action/email/again.md"  # where it was before it was claimed
    draft = cloud.submit_for_approval(task, "Yes.\n")
    assert cloud.read(draft.path).meta["task"] == "In_Progress/cloud_agent/email/again.md"
    assert cloud.submit_for_approval(task, "Yes.\n") == draft
    assert cloud.submit_for_approval(task, "Yes!\n").path == "Pending_Approval/email/again (2).md"
    local.sync()
    local.approve(draft.path)
    cloud.sync()
    again = cloud.submit_for_approval(task, "Yes.\n")
    assert (again.path, again.id) == ("Approved/email/again.md", draft.id)
    posts = [cloud.submit_for_approval("", "The same.\n", name="weekly") for _ in range(2)]
    assert posts[0] == posts[1]
    local.sync()
    local.approve(posts[0].path)
    local.complete("Approved/weekly.md")
    cloud.sync()
    assert cloud.submit_for_approval("", "The same.\n", name="weekly").id != posts[0].id


def test_a_draft_from_a_template_under_a_name_and_domain_of_its_own(cloud: Vault) -> None:
    """`text` may have a frontmatter; a draft for no task needs a name."""
    words = fill_note("email_reply", {"to": "ada@example.org", "subject": "Re: 12:30"}, name="Ada", title="T")
    draft = cloud.submit_for_approval(
        "", words, name="post", domain="posts/week 1", meta={"priority": "high"}
    )
    assert draft.path == "Pending_Approval/posts/week 1/post.md"
    note = cloud.read(draft.path)
    assert (note.meta["subject"], note.meta["priority"]) == ("Re: 12:30", "high")
    assert "task" not in note.meta
    with pytest.raises(UsageError, match="needs a name"):
        cloud.submit_for_approval("", "x\n")


def test_expired_gone_and_unknown_drafts(local: Vault, cloud: Vault) -> None:
    """A draft past its time, one that was deleted, and one that never was."""
    late = cloud.submit_for_approval(claimed(cloud, "late"), "Yes.\n", meta={"expires": "2020-01-01"})
    assert cloud.approval_status(late).outcome == "expired"
    local.sync()
    (local.root / late.path).unlink()
    local.sync()
    cloud.sync()
    for draft in (late, "Pending_Approval/never.md", "no such id"):
        assert cloud.approval_status(draft).outcome == "unknown"


def test_who_lost_the_task_hands_nothing_in(local: Vault, cloud: Vault) -> None:
    """Neither for a task of another agent, nor for one of another program, nor out of the drafts' zone."""
    claimed(cloud, "lost")
    local.sync()
    drag(local.root, "In_Progress/cloud_agent/email/lost.md", "In_Progress/local_agent/email/lost.md")
    local.sync()
    cloud.sync()
    with pytest.raises(AlreadyClaimed):
        cloud.submit_for_approval("lost.md", "Yes.\n")
    with Vault.open(cloud.root, actor="one") as one, Vault.open(cloud.root, actor="two") as two:
        task = claimed(one, "mine")
        with pytest.raises(AlreadyClaimed, match="one"):
            two.submit_for_approval(task, "Yes.\n")
        with pytest.raises(RefusedByPolicy):
            one.submit_for_approval(task, "Yes.\n", name="../../Approved/x")
        with pytest.raises(VaultError, match="no note"):
            one.submit_for_approval("nowhere.md", "Yes.\n")
    assert not text(cloud.root / "Approved/x.md")
