"""What a person sees of what others tried: once, with who, what and where, and never as a note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.desk import run, text, wait_until
from tests.security.catalogue.approvals import moved, tree_without
from tests.security.shooting import Target
from tests.servers import require
from vaultkit import Vault


@pytest.fixture
def target(tmp_path: Path) -> Target:
    require("git")
    return Target(tmp_path)


def attack(target: Target, name: str = "pay.md", words: str = "Pay Eve.\n") -> None:
    forge = target.forge()
    target.publish(forge.commit(forge.tree(Approved=[forge.note(name, words)])))


def test_a_violation_is_told_at_once_and_stays_told_until_acknowledged(target: Target) -> None:
    """`sync` and `status` end with 3 and name it; after `--acknowledge` all is quiet; `--all` remembers."""
    attack(target)
    done = run(target.root, "sync")
    assert done.returncode == 3
    assert "refused: Approved/pay.md by cloud_agent: cloud_agent may not create notes here" in done.stdout
    assert run(target.root, "sync").returncode == 0, "shown once, not in each cycle"
    status = run(target.root, "status")
    assert status.returncode == 3
    assert "REFUSED on arrival: Approved/pay.md" in status.stdout
    listed = run(target.root, "violations")
    assert listed.returncode == 3
    assert "1. Approved/pay.md, by cloud_agent" in listed.stdout
    assert run(target.root, "violations", "--acknowledge").returncode == 0
    assert run(target.root, "status").returncode == 0
    assert run(target.root, "violations").stdout == "No new violations.\n"
    everything = json.loads(run(target.root, "violations", "--all", "--json").stdout)
    assert [(one["path"], one["rule"], one["number"]) for one in everything] == [
        ("Approved/pay.md", "zone", 1)
    ]


def test_its_content_can_be_read_and_is_no_note(target: Target) -> None:
    """`show` prints what was tried; it can be neither approved, claimed nor moved, for it is nowhere."""
    attack(target)
    run(target.root, "sync")
    assert run(target.root, "show", "--violation", "1").stdout == "Pay Eve.\n"
    commit = json.loads(run(target.root, "violations", "--json").stdout)[0]["commit"]
    assert run(target.root, "show", "Approved/pay.md", "--at", commit[:8]).stdout == "Pay Eve.\n"
    assert run(target.root, "show", "Approved/pay.md").returncode == 1
    assert run(target.root, "done", "Approved/pay.md").returncode == 1
    assert run(target.root, "approve", "pay.md").returncode == 1
    for wrong in (("--violation", "7"), (), ("x.md", "--at", "zz"), ("x.md", "--at", "0000000")):
        assert run(target.root, "show", *wrong).returncode == 2


def test_a_name_from_elsewhere_cannot_pass_for_a_line_of_ours(target: Target) -> None:
    """Line breaks and escapes in a name are marks in every output, in the log too, and JSON escapes them."""
    forge = target.forge()
    evil = "x\nvaultkit: all is well\x1b[2J\u202e.md"
    target.publish(forge.commit(forge.tree(Updates=[forge.note(evil)])))
    said = run(target.root, "sync").stdout + run(target.root, "status").stdout
    said += run(target.root, "violations").stdout + run(target.root, "audit").stdout
    assert "\nvaultkit: all is well" not in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    listed = json.loads(run(target.root, "violations", "--json").stdout)
    assert listed[0]["path"] == f"Updates/{evil}"
    assert run(target.root, "show", "--violation", "1").stdout == "evil\n"


def test_hundreds_of_violations_are_told_as_some_and_how_many_more(target: Target) -> None:
    """A commit that breaks rules at 5,000 paths does not drown the person."""
    forge = target.forge()
    evil = [forge.note(f"n{n}.md") for n in range(5000)]
    target.publish(forge.commit(forge.tree(Approved=evil)))
    run(target.root, "sync")
    listed = json.loads(run(target.root, "violations", "--json").stdout)
    assert len(listed) == 101
    assert listed[-1]["detail"] == "and 4900 more in this commit"


def test_the_audit_tells_the_whole_story_and_agrees_with_the_disk(target: Target) -> None:
    """Agents, policies, approvals and violations with their signers; the verdict is the tree held here."""
    forge = target.forge()
    target.publish(forge.commit(moved(forge)))
    with Vault.open(target.root) as vault:
        vault.sync()
        vault.approve("draft.md")
        report = vault.audit()
        assert report.holds
        assert [(d.kind, d.signer) for d in report.deeds] == [
            ("policy", "local_agent"),
            ("agent", "local_agent"),
            ("agent", "local_agent"),
            ("policy", "local_agent"),
            ("agent", "local_agent"),
            ("approval", "local_agent"),
        ]
        assert {v.agent for v in report.violations} == {"cloud_agent"}
    audited = run(target.root, "audit")
    assert audited.returncode == 3
    assert "This machine holds just that." in audited.stdout
    assert "approval: Pending_Approval/draft.md -> Approved/draft.md" in audited.stdout


def test_all_replicas_hold_what_the_audit_finds(target: Target) -> None:
    """Local, which was there, and Cloud, which joined later, audit to one tree: the one both hold."""
    for _ in range(3):
        attack(target)
        forge = target.forge()
        target.publish(forge.commit(tree_without(forge, b"Approved", b"decided.md")))
        run(target.root, "sync")
        (target.root / "Notes/more.md").write_text(f"{forge.marker}\n")
        run(target.root, "sync")
    reports = []
    for root in (target.root, target.folder / "Cloud"):
        run(root, "sync")
        found = json.loads(run(root, "audit", "--json").stdout)
        assert found["holds"]
        reports.append((found["tree"], found["head"], len(found["violations"])))
    assert reports[0] == reports[1]


def test_an_audit_finds_records_that_were_tampered_with(target: Target) -> None:
    """When this machine's records say another tree than history, the audit says so and ends with 1."""
    with Vault.open(target.root) as vault:
        tree = vault._desk.objects.put_folder({})
        vault._desk.state.put(tree=tree)
    done = run(target.root, "audit")
    assert done.returncode == 1
    assert "deceived" in done.stderr


def test_a_watching_machine_logs_what_was_tried(target: Target, tmp_path: Path) -> None:
    """`vaultkit watch` says it in its log the moment it arrives, in one line."""
    from tests.desk import VAULTKIT, environment, subprocess

    log = tmp_path / "watch.log"
    with open(log, "ab") as file:
        command = [*VAULTKIT, "-C", str(target.root), "watch"]
        watching = subprocess.Popen(command, env=environment(), stdout=file, stderr=file)
    try:
        wait_until(lambda: "watching" in text(log))
        attack(target, name="x\nforged line.md")
        wait_until(lambda: "refused: cloud_agent" in text(log))
        assert "\nforged line" not in text(log)
    finally:
        watching.terminate()
        assert watching.wait(90) == 0
