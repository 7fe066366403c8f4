"""Tasks by program: listing them, and one task for each event, whoever reports it and how often."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, drag, environment, put, text
from vaultkit import KeyPlace, RefusedByPolicy, UsageError, Vault, init_vault

EVENTS = """
import sys
from vaultkit import Vault
with Vault.open(sys.argv[1]) as vault:
    vault.lock_seconds = 120
    for n in range(3):
        print(vault.create_task(f"<{n}@mail>", f"Message {n}", "Text.", domain="email").path)
"""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    init_vault(tmp_path / "v", "local_agent", human=True, keys=KeyPlace(tmp_path / "home")).close()
    with Vault.open(tmp_path / "v") as opened:
        yield opened


def test_tasks_are_listed_by_stage_owner_and_domain(vault: Vault) -> None:
    """Without a stage, those that are open; a stage may be named by any of its words."""
    for path in ("a.md", "email/b.md", "email/c.md"):
        vault.create(f"Needs_Action/{path}", "x\n")
    vault.claim("email/b.md")
    vault.complete("email/c.md")
    assert [(task.path, task.stage, task.owner, task.domain) for task in vault.tasks()] == [
        ("Needs_Action/a.md", "needs_action", "", ""),
        ("In_Progress/local_agent/email/b.md", "in_progress", "local_agent", "email"),
    ]
    assert [str(task) for task in vault.tasks("completed")] == ["Done/email/c.md"]
    assert [task.path for task in vault.tasks(owner="")] == ["Needs_Action/a.md"]
    assert [task.body for task in vault.tasks("needs_action", domain="email")] == []
    with pytest.raises(UsageError, match="no stage"):
        list(vault.tasks("nowhere"))


def test_notes_are_chosen_by_their_frontmatter_or_a_function(vault: Vault) -> None:
    """A mapping of values, with this community's synonyms, or any function; unreadable notes have no
    values."""
    vault.create("Notes/a.md", "---\nstatus: open\ntask_id: 7\n---\nA\n")
    vault.create("Notes/b.md", "---\nstatus: shut\n---\nB\n")
    vault.create("Notes/c.md", "---\n{broken\n---\nC\n")
    found = lambda where: [note.path for note in vault.notes("Notes/**", where=where)]  # noqa: E731
    assert found({"status": "open", "id": 7}) == ["Notes/a.md"]
    assert found({"status": "nothing"}) == []
    assert found(lambda note: "B" in note.body) == ["Notes/b.md"]
    assert found(None) == ["Notes/a.md", "Notes/b.md", "Notes/c.md"]


def test_one_event_is_one_task_wherever_it_went(vault: Vault) -> None:
    """Reported again while it waits, is worked on, is done, is renamed by hand, or after a restart: one
    task."""
    first = vault.create_task("<1@mail>", "Invoice?", "Pay me.", domain="email", meta={"from": "ada"})
    assert first.path.startswith("Needs_Action/email/invoice-")
    again = lambda: vault.create_task("<1@mail>", "Invoice?", "Pay me.", domain="email").path  # noqa: E731
    assert again() == first.path
    claimed = str(vault.claim(first.path))
    assert again() == claimed
    (done,) = vault.complete(claimed)
    assert again() == done
    drag(vault.root, done, "Done/email/the invoice.md")
    vault.sync()
    with Vault.open(vault.root) as later:
        assert later.create_task("<1@mail>", "Invoice?").path == "Done/email/the invoice.md"
    assert len(list(vault.notes("**", where={"id": "<1@mail>"}))) == 1


def test_a_task_is_never_taken_for_another_ones(vault: Vault) -> None:
    """Another key is another task; a draft that is named after its task is not the task."""
    one = vault.create_task("1", "Same title")
    assert vault.create_task("2", "Same title").path != one.path
    draft = one.path.replace("Needs_Action", "Pending_Approval")
    vault.create(draft, "A draft.\n")
    vault.complete(draft)
    assert vault.create_task("1", "Same title").path == one.path


@pytest.mark.parametrize("value", [object(), [1, object()], {"y": {"z": b"x"}}, datetime(2026, 3, 1)])
def test_what_is_no_value_is_refused_by_name(vault: Vault, value: Any) -> None:
    """Before anything is written, for tasks, drafts and edits alike; the key is named."""
    with pytest.raises(UsageError, match=r"^x: a .* cannot stand in a note's frontmatter"):
        vault.create_task("1", "Title", meta={"x": value})
    with pytest.raises(UsageError, match=r"^x: a "):
        vault.submit_for_approval("", "Yes.\n", name="yes", meta={"x": value})
    with pytest.raises(UsageError, match=r"^x: a "), vault.edit() as edit:
        edit.create("Plans/a.md", "A.\n").meta["x"] = value
    assert not [path for path in vault.paths() if path.endswith(("yes.md", "a.md"))]
    assert not list(vault.tasks())


@pytest.mark.parametrize("key", ["", "two\nlines", "x" * 501])
def test_a_key_is_one_line(vault: Vault, key: str) -> None:
    """A key that could not be found again is refused."""
    with pytest.raises(UsageError, match="cannot be a key"):
        vault.create_task(key, "Title")


def test_a_task_that_the_policy_refuses_is_not_made(vault: Vault) -> None:
    """A domain that leads out of the vault, or a text with a secret, is refused before it is written."""
    with pytest.raises(RefusedByPolicy):
        vault.create_task("1", "Title", domain="../..")
    assert not list(vault.tasks())


def test_a_task_written_by_one_who_was_killed_is_taken_up(vault: Vault) -> None:
    """A note that a killed program had written and not committed is the task, not in its way."""
    made = vault.create_task("1", "Title", "Text.")
    with vault.edit("as if it had never been") as edit:
        edit.remove(made.path)
    put(vault.root / made.path, made.data.decode())
    assert vault.create_task("1", "Title", "Text.").path == made.path


def test_several_processes_and_two_machines_make_one_task_of_an_event(tmp_path: Path) -> None:
    """Two watchers on each of two machines report the same three events at once: three tasks everywhere."""
    with Desk(tmp_path) as desk:
        command = [sys.executable, "-c", EVENTS]
        watchers = [
            subprocess.Popen([*command, str(root)], env=environment(), stdout=subprocess.PIPE, text=True)
            for root in (desk.local, desk.cloud) * 2
        ]
        told = [watcher.communicate(timeout=240)[0].split() for watcher in watchers]
        assert [watcher.returncode for watcher in watchers] == [0, 0, 0, 0]
        assert all(paths == told[0] for paths in told)
        desk.sync()
        for root in (desk.local, desk.cloud):
            found = [p.relative_to(root).as_posix() for p in root.rglob("message-*.md")]
            assert sorted(found) == sorted(told[0])
        assert not list((desk.local / "Conflicts").rglob("*.md"))


def test_two_machines_that_name_an_event_differently_come_to_one_task(tmp_path: Path) -> None:
    """Made offline on both with other titles: the next report leaves one, with the words of both."""
    with Desk(tmp_path) as desk, Vault.open(desk.local) as local, Vault.open(desk.cloud) as cloud:
        desk.remote.rename(tmp_path / "away.git")
        local.create_task("1", "Beta", "Same. Local says more.")
        cloud.create_task("1", "Alpha", "Same. Cloud says more.")
        (tmp_path / "away.git").rename(desk.remote)
        for one in (local, cloud, local):
            assert one.sync().in_step
        assert len(list(local.tasks())) == 2
        stays = cloud.create_task("1", "Gamma")
        assert local.sync().in_step
        assert local.create_task("1", "Delta").path == stays.path
        assert [task.path for task in local.tasks()] == [stays.path]
        words = text(desk.local / stays.path)
        assert "Local says more." in words
        assert "Cloud says more." in words
