"""The outbox hook: an approved draft is delivered once, as approved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.desk import act_at_once
from vaultkit import Vault, init_vault
from vaultkit.core.rules.config import write_machine

DRAFT = """---
action: send_email
to: ada@example.org
subject: "Re: 12:30"
task: In_Progress/local_agent/ask.md
---
Dear Ada,

yes.
"""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    first = init_vault(tmp_path / "v", "local_agent", human=True, remote=str(tmp_path / "r.git"))
    machine = replace(
        first.machine, hooks=(*first.machine.hooks, "outbox"), settings={"outbox": str(tmp_path / "out")}
    )
    first.close()
    (tmp_path / "v/.vaultkit/agent.yaml").write_bytes(write_machine(machine))
    act_at_once(tmp_path / "v")
    with Vault.open(tmp_path / "v") as opened:
        opened.sync()
        opened.create("Needs_Action/ask.md", "Ask.\n")
        opened.claim("ask.md")
        opened.create("Pending_Approval/ask.md", DRAFT)
        yield opened


def test_an_approved_draft_becomes_one_message_and_all_is_filed(vault: Vault, tmp_path: Path) -> None:
    """Approving delivers the message, logs it, and moves draft and task to Done/."""
    vault.approve("ask.md")
    assert vault.run_jobs().done == 1
    messages = list((tmp_path / "out").glob("*.eml"))
    assert len(messages) == 1
    message = message_from_bytes(messages[0].read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"]) == ("ada@example.org", "Re: 12:30")
    assert "yes." in message.get_content()
    line = json.loads(next((vault.root / "Logs").glob("*.json")).read_text())
    assert (line["target"], line["approved_by"]) == ("ada@example.org", "local_agent")
    assert sorted(path for path in vault.paths() if path.startswith("Done/")) == [
        "Done/ask (task).md",
        "Done/ask.md",
    ]


def test_what_is_delivered_is_what_was_approved(vault: Vault, tmp_path: Path) -> None:
    """Words typed into the note after the approval do not get into the message."""
    path = vault.approve("ask.md")
    note = vault.root / path
    note.write_text(note.read_text().replace("ada@example.org", "eve@example.org"))
    vault.run_jobs()
    assert "eve@" not in next((tmp_path / "out").glob("*.eml")).read_text()


def test_running_the_jobs_again_delivers_nothing_twice(vault: Vault, tmp_path: Path) -> None:
    """However often the jobs run, one approval is one message."""
    vault.approve("ask.md")
    for _ in range(3):
        vault.sync()
        vault.run_jobs()
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1


def test_a_draft_without_an_address_is_reported_and_kept(vault: Vault, tmp_path: Path) -> None:
    """A hook that cannot do its work says why in the status, and the draft stays where it is."""
    vault.create("Pending_Approval/nobody.md", "---\naction: send_email\n---\nHello?\n")
    vault.approve("nobody.md")
    assert "no `to`" in vault.run_jobs().problems[0]
    assert "no `to`" in vault.status().failed_hooks[0][3]
    assert (vault.root / "Approved/nobody.md").is_file()
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").glob("*.eml"))
