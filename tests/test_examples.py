"""The examples are programs that people would run: they run, and are short enough to be read."""

from __future__ import annotations

import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

from tests.desk import ROOT, Desk, environment
from vaultkit import Vault

AGENT = ROOT / "examples/cloud_email_agent.py"


def test_the_mail_agent_claims_drafts_submits_and_reports(tmp_path: Path) -> None:
    """A message becomes a claimed task and a draft that the person gets, once, however often it is found."""
    assert len(AGENT.read_text("utf-8").splitlines()) < 60
    with Desk(tmp_path) as desk:
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        message = EmailMessage()
        message["From"], message["Subject"], message["Message-ID"] = (
            "Ada <ada@example.org>",
            "12:30?",
            "<1@mail>",
        )
        message.set_content("When shall we meet?\n")
        (inbox / "first.eml").write_bytes(message.as_bytes())
        run_agent(desk.cloud, inbox)
        (inbox / "first.seen").rename(inbox / "again.eml")
        run_agent(desk.cloud, inbox)
        with Vault.open(desk.local) as local:
            local.sync()
            (task,) = local.tasks("in_progress")
            (draft,) = local.tasks("pending_approval")
            assert (task.owner, task.domain, task.get("id")) == ("cloud_agent", "email", "<1@mail>")
            assert "When shall we meet?" in task.body
            assert (draft.meta["to"], draft.meta["task"]) == ("ada@example.org", task.path)
            assert draft.meta["subject"] == "Re: 12:30?"
            assert [note for note in local.notes("Updates/**") if "A reply to Ada waits for you" in note.body]
            assert [entry.actor for entry in local.history(draft.path)] == ["mail agent"]


def run_agent(vault: Path, inbox: Path) -> None:
    command = [sys.executable, str(AGENT), "--vault", str(vault), "--inbox", str(inbox), "--once"]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "drafted a reply" in done.stdout
