"""What happened, and bringing it back: `log`, `show --at`, `restore`, by real commands and repositories."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, drag, put, run, text
from tests.security.catalogue.approvals import moved
from tests.security.shooting import Target
from tests.servers import require
from vaultkit import RefusedByPolicy, UsageError, Vault, VaultError, utc


def history(vault: Path, *words: str) -> list[dict[str, Any]]:
    return json.loads(run(vault, "log", "--json", *words).stdout)  # type: ignore[no-any-return]


def told(entries: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Who did what to which note, oldest first."""
    return [(e["signer"], d["kind"], d["path"]) for e in reversed(entries) for d in e["deeds"]]


def write(vault: Vault, path: str, words: str, message: str = "") -> str:
    """Write a note, commit it, and give back the commit."""
    put(vault.root / path, words)
    report = vault.sync([path])
    assert report.head
    return report.head


def test_a_notes_log_follows_it_from_draft_to_done(desk: Desk) -> None:
    """Who did what, on both machines the same, whichever of its names the note is asked for by."""
    put(desk.cloud / "Pending_Approval/email/ada.md", "Dear Ada, yes.\n")
    desk.sync()
    assert run(desk.local, "approve", "ada.md").returncode == 0
    assert run(desk.local, "done", "ada.md").returncode == 0
    desk.sync()
    expected = [
        ("cloud_agent", "add", "Pending_Approval/email/ada.md"),
        ("local_agent", "approval", "Approved/email/ada.md"),
        ("local_agent", "completion", "Done/email/ada.md"),
    ]
    for vault in (desk.local, desk.cloud):
        for name in ("ada", "ada.md", "Done/email/ada.md"):
            assert told(history(vault, name)) == expected
    said = run(desk.local, "log", "ada.md").stdout
    assert "approval: Pending_Approval/email/ada.md -> Approved/email/ada.md" in said
    assert told(history(desk.cloud))[-3:] == expected, "and the vault's log holds all of it"


def test_only_what_counted_is_in_the_log(tmp_path: Path) -> None:
    """What an agent had no right to do is in no log, and no version that could be restored."""
    require("git")
    target = Target(tmp_path)
    forge = target.forge()
    target.publish(forge.commit(moved(forge)))
    run(target.root, "sync")
    put(target.root / "Notes/later.md", "later\n")
    run(target.root, "sync")
    entries = history(target.root, "-n", "0")
    assert "approval" not in {deed["kind"] for entry in entries for deed in entry["deeds"]}
    tried = json.loads(run(target.root, "violations", "--json", "--all").stdout)[0]["commit"]
    counted = next(entry for entry in entries if entry["commit"] == tried)
    assert [deed["path"].partition("/")[0] for deed in counted["deeds"]] == ["Updates"], "its honest part"
    assert run(target.root, "show", "Approved/draft.md", "--at", tried).returncode == 0, "it can be read"
    assert run(target.root, "restore", "Approved/draft.md", "--at", tried).returncode == 1
    assert "nothing to restore: Pending" in run(target.root, "restore", "draft.md", "--at", tried).stdout
    assert not (target.root / "Approved/draft.md").exists()


def test_a_local_commit_is_marked_until_it_is_published(desk: Desk) -> None:
    """The log says what the remote does not have yet."""
    with Vault.open(desk.local) as vault:
        put(desk.local / "Notes/a.md", "a\n")
        vault.sync(offline=True)
        assert [entry.published for entry in vault.history("a")] == [False]
        assert "not published yet" in run(desk.local, "log", "a").stdout
        vault.sync()
        assert [entry.published for entry in vault.history("a")] == [True]


def test_the_log_is_cut_where_asked_and_says_so(desk: Desk) -> None:
    """`-n` limits it, 0 does not; of a commit with many notes a few are named in words, all in JSON."""
    for n in range(12):
        put(desk.local / f"Notes/{n:02}.md", f"{n}\n")
    desk.sync(desk.local)
    said = run(desk.local, "log", "-n", "1").stdout
    assert "and 7 more" in said
    assert "and older ones" in said
    assert len(history(desk.local, "-n", "1")[0]["deeds"]) == 12
    assert run(desk.local, "log", "-n", "-1").returncode == 2
    everything = history(desk.local, "-n", "0")
    assert any(deed["path"] == "vaultkit.yaml" for deed in everything[-1]["deeds"]), "down to the founding"


def test_a_note_that_never_was_has_no_history(desk: Desk) -> None:
    """A clear error for a wrong name, an ambiguous one, and a wrong WHEN; nothing is changed."""
    put(desk.local / "Notes/x.md", "x\n")
    put(desk.local / "Other/x.md", "x\n")
    desk.sync(desk.local)
    for verb in (("log",), ("restore", "--at", "1h")):
        assert run(desk.local, verb[0], "nothing.md", *verb[1:]).returncode == 1
        assert run(desk.local, verb[0], "x.md", *verb[1:]).returncode == 2
    for at in ("yesterday", "123456", "fffffff", "2999-01-01"):
        assert run(desk.local, "restore", "Notes/x.md", "--at", at).returncode == 2
        assert run(desk.local, "show", "Notes/x.md", "--at", at).returncode == 2
    assert run(desk.local, "restore", "Notes/x.md", "--at", "2001-01-01").returncode == 1
    assert run(desk.local, "restore", "Notes/x.md").returncode == 2, "as of when?"


def wait_for_clock(moment: float) -> None:
    """Commits within one second are a second apart all the same, so the newest may be ahead of the clock."""
    while time.time() < moment:
        time.sleep(0.05)


def test_a_note_is_shown_as_it_was_under_the_name_it_had(desk: Desk) -> None:
    """By commit or by time, also before it was moved."""
    with Vault.open(desk.local) as vault:
        first = write(vault, "Notes/old.md", "one\ntwo\n")
        then = next(vault.history("old.md")).time
        wait_for_clock(then + 1)
        drag(desk.local, "Notes/old.md", "Notes/new.md")
        vault.sync()
        write(vault, "Notes/new.md", "changed\n")
        assert vault.content("Notes/new.md", first[:7]) == b"one\ntwo\n"
        assert vault.content("new", utc(then)) == b"one\ntwo\n"
    assert run(desk.local, "show", "Notes/new.md", "--at", first[:10]).stdout == "one\ntwo\n"
    assert run(desk.local, "show", "Notes/old.md", "--at", first[:10]).stdout == "one\ntwo\n"
    wait_for_clock(history(desk.local, "Notes/new.md")[0]["time"])
    assert run(desk.local, "show", "Notes/new.md", "--at", "0s").stdout == "changed\n"


def test_a_note_is_shown_by_its_file_name(desk: Desk) -> None:
    """As `log` and `restore` find it; what is not in history yet is shown by its path."""
    put(desk.local / "Notes/x.md", "x\n")
    put(desk.local / "Notes/twice.md", "one\n")
    put(desk.local / "Other/twice.md", "two\n")
    desk.sync(desk.local)
    put(desk.local / "Notes/x.md", "typed since\n")
    put(desk.local / "Notes/new.md", "new\n")
    assert run(desk.local, "show", "x").stdout == run(desk.local, "show", "x.md").stdout == "typed since\n"
    assert run(desk.local, "show", "Notes/new.md").stdout == "new\n"
    assert run(desk.local, "show", "twice.md").returncode == 2
    for wrong in ("nothing.md", "Notes", "../x.md", "/etc/hostname", ""):
        assert run(desk.local, "show", wrong).returncode == 1, wrong


def test_a_time_without_a_zone_is_the_readers(desk: Desk) -> None:
    """The same words are another moment for a reader elsewhere, summer time included."""
    put(desk.local / "Notes/a.md", "a\n")
    desk.sync(desk.local)
    made = history(desk.local, "Notes/a.md")[0]["time"]
    wait_for_clock(made)
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    assert run(desk.local, "show", "Notes/a.md", "--at", now, TZ="UTC").stdout == "a\n"
    assert run(desk.local, "show", "Notes/a.md", "--at", now, TZ="UTC-5").returncode == 1, "five hours ago"
    assert run(desk.local, "show", "Notes/a.md", "--at", now, TZ="UTC+5").returncode == 2, "still to come"


def test_an_edit_is_restored_as_a_new_change(desk: Desk) -> None:
    """The old content is there again on both machines; what it replaced is in history, even if just typed."""
    with Vault.open(desk.local) as vault:
        first = write(vault, "Notes/a.md", "good\n")
        write(vault, "Notes/a.md", "bad\n")
    put(desk.local / "Notes/a.md", "typed and not synced\n")
    done = run(desk.local, "restore", "Notes/a.md", "--at", first[:8])
    assert done.returncode == 0, done.stderr
    assert "restored: Notes/a.md" in done.stdout
    desk.sync()
    assert text(desk.cloud / "Notes/a.md") == "good\n"
    entries = history(desk.local, "Notes/a.md")
    assert [deed["kind"] for entry in entries for deed in entry["deeds"]] == ["edit", "edit", "edit", "add"]
    typed = run(desk.local, "show", "Notes/a.md", "--at", entries[1]["commit"])
    assert typed.stdout == "typed and not synced\n"
    again = run(desk.local, "restore", "Notes/a.md", "--at", first[:8])
    assert (again.returncode, "nothing to restore" in again.stdout) == (0, True)


def test_a_deleted_note_comes_back(desk: Desk) -> None:
    """As it was last, or as it was in an earlier commit; by its file name alone."""
    with Vault.open(desk.local) as vault:
        first = write(vault, "Notes/Deep/a.md", "one\n")
        write(vault, "Notes/Deep/a.md", "two\n")
        (desk.local / "Notes/Deep/a.md").unlink()
        (desk.local / "Notes/Deep").rmdir()
        vault.sync()
        assert vault.restore("a.md").changed
        assert text(desk.local / "Notes/Deep/a.md") == "two\n"
        (desk.local / "Notes/Deep/a.md").unlink()
        vault.sync()
        gone = vault.head()
        with pytest.raises(VaultError, match="was not there at"):
            vault.restore("a.md", at=gone)
        assert vault.restore("a.md", at=first).path == "Notes/Deep/a.md"
        assert text(desk.local / "Notes/Deep/a.md") == "one\n"


def test_a_note_whose_name_was_taken_does_not_come_back(desk: Desk) -> None:
    """The refusal names the note that has almost its name, and what to do; the policy is not to blame."""
    with Vault.open(desk.local) as vault:
        write(vault, "Notes/ada.md", "one\n")
        (desk.local / "Notes/ada.md").unlink()
        vault.sync()
        write(vault, "Notes/Ada.md", "two\n")
    said = run(desk.local, "restore", "Notes/ada.md")
    assert said.returncode == 4
    assert "too like Notes/Ada.md" in said.stderr
    assert "Rename or move that one" in said.stderr
    drag(desk.local, "Notes/Ada.md", "Notes/Ada Lovelace.md")
    desk.sync(desk.local)
    assert history(desk.local)[0]["message"] == "rename Notes/Ada.md to Ada Lovelace.md"
    assert run(desk.local, "restore", "Notes/ada.md").returncode == 0
    assert text(desk.local / "Notes/ada.md") == "one\n"


def test_a_note_that_others_moved_is_not_said_to_come_where_it_was(desk: Desk) -> None:
    """`sync` tells a note that came from one that went."""
    put(desk.local / "Notes/a.md", "a\n")
    desk.sync()
    drag(desk.local, "Notes/a.md", "Notes/b.md")
    desk.sync(desk.local)
    said = run(desk.cloud, "sync").stdout
    assert "received: Notes/b.md" in said
    assert "gone: Notes/a.md" in said


def test_a_moved_note_is_restored_where_it_is_now(desk: Desk) -> None:
    """Under its old name it is told where it went; nothing is ever restored twice."""
    with Vault.open(desk.local) as vault:
        first = write(vault, "Notes/a.md", "one\n")
        drag(desk.local, "Notes/a.md", "Archive/a.md")
        vault.sync()
        write(vault, "Archive/a.md", "two\n")
        with pytest.raises(VaultError, match=r"moved to Archive/a\.md"):
            vault.restore("Notes/a.md", at=first)
        assert not (desk.local / "Notes/a.md").exists()
        assert vault.restore("a.md", at=first).path == "Archive/a.md"
        assert text(desk.local / "Archive/a.md") == "one\n"


def test_nobody_restores_what_they_may_not_write(desk: Desk) -> None:
    """An agent cannot bring an earlier version of the person's note back; exit code 4, no change."""
    with Vault.open(desk.local) as vault:
        first = write(vault, "Notes/a.md", "one\n")
        write(vault, "Notes/a.md", "two\n")
    desk.sync()
    done = run(desk.cloud, "restore", "Notes/a.md", "--at", first)
    assert done.returncode == 4
    assert "zone" in done.stderr
    assert text(desk.cloud / "Notes/a.md") == "two\n"


def test_an_old_policy_does_not_come_back_with_its_keys(desk: Desk) -> None:
    """Restoring or undoing may not change whom the vault trusts; the rest of the policy may be restored."""
    with Vault.open(desk.local) as vault:
        before = vault.head()
        vault.revoke("cloud_agent")
        with pytest.raises(RefusedByPolicy, match="trusted"):
            vault.restore("vaultkit.yaml", at=before)
        with pytest.raises(RefusedByPolicy, match="trusted"):
            vault.undo()
        old = text(desk.local / "vaultkit.yaml")
        revoked = vault.head()
        write(vault, "vaultkit.yaml", old.replace("interval: 30s", "interval: 40s"))
        assert vault.restore("vaultkit.yaml", at=revoked).changed
        assert text(desk.local / "vaultkit.yaml") == old


def test_what_is_held_here_is_not_overwritten(desk: Desk) -> None:
    """A change that may not leave is in no history, so nothing is restored over it."""
    put(desk.local / "Notes/a.md", "one\n")
    desk.sync()
    first = history(desk.cloud, "Notes/a.md")[0]["commit"]
    put(desk.local / "Notes/a.md", "two\n")
    desk.sync()
    put(desk.cloud / "Updates/u.md", "one\n")
    put(desk.cloud / "Notes/a.md", "scribbled by the agent\n")
    desk.sync(desk.cloud)
    assert run(desk.cloud, "restore", "Notes/a.md", "--at", first).returncode != 0
    assert text(desk.cloud / "Notes/a.md") == "scribbled by the agent\n"
    with Vault.open(desk.local) as vault:
        odd = os.urandom(10)  # not UTF-8: held
        (desk.local / "Notes/a.md").write_bytes(b"\xff" + odd)
        with pytest.raises(VaultError, match="is held here"):
            vault.restore("Notes/a.md", at=first)
        assert (desk.local / "Notes/a.md").read_bytes() == b"\xff" + odd


def test_the_log_of_a_broken_call_is_usage(desk: Desk) -> None:
    """What the library refuses, it refuses before it does anything."""
    with Vault.open(desk.local) as vault:
        with pytest.raises(UsageError):
            vault.content("vaultkit.yaml", "soon")
        with pytest.raises(VaultError):
            list(vault.history("no such note"))


def test_a_change_that_is_held_is_taken_back(desk: Desk) -> None:
    """Cloud may not edit what is approved: the status says how to go back, and then nothing is held."""
    note = "Approved/my note.md"
    put(desk.local / note, "approved\n")
    desk.sync()
    put(desk.cloud / note, "approved by me\n")
    way = "`vaultkit restore 'Approved/my note.md'`"
    assert way in run(desk.cloud, "sync").stderr
    assert way in run(desk.cloud, "status").stdout
    at_a_time = run(desk.cloud, "restore", note, "--at", "0s")
    assert (at_a_time.returncode, text(desk.cloud / note)) == (1, "approved by me\n")
    done = run(desk.cloud, "restore", note)
    assert "restored" in done.stdout
    assert text(desk.cloud / note) == "approved\n"
    assert desk.status(desk.cloud)["held"] == []


def test_what_is_no_note_is_not_said_to_be_taken_back(desk: Desk) -> None:
    """A link in a note's place has to be moved away first; advice that fails is none."""
    put(desk.local / "Plans/x.md", "words\n")
    desk.sync()
    (desk.cloud / "Plans/x.md").unlink()
    (desk.cloud / "Plans/x.md").symlink_to("y.md")
    told = run(desk.cloud, "sync").stderr + run(desk.cloud, "status").stdout
    assert "not a note" in told
    assert "vaultkit restore" not in told


def test_a_held_drag_is_taken_back_whole(desk: Desk) -> None:
    """Where it was dragged to, it would be shared as a second note; edited there, it is not taken back."""
    put(desk.local / "Approved/x.md", "---\nid: 1\n---\nwords\n")
    desk.sync()
    drag(desk.cloud, "Approved/x.md", "Plans/x.md")
    run(desk.cloud, "sync")
    put(desk.cloud / "Plans/x.md", "---\nid: 1\n---\nmy words\n")
    done = run(desk.cloud, "restore", "Approved/x.md")
    assert (done.returncode, "Drag Plans/x.md back to Approved/x.md" in done.stderr) == (1, True)
    put(desk.cloud / "Plans/x.md", "---\nid: 1\n---\nwords\n")
    assert run(desk.cloud, "restore", "Approved/x.md").returncode == 0
    assert desk.status(desk.cloud)["held"] == []
    assert [path.name for path in desk.cloud.rglob("Plans/*.md")] == []
    assert text(desk.cloud / "Approved/x.md") == text(desk.local / "Approved/x.md")


def test_the_words_of_a_change_that_is_taken_back_are_named(desk: Desk) -> None:
    """Also a note whose deletion is held comes back; what was held is an object for a while."""
    put(desk.local / "Approved/x.md", "approved\n")
    desk.sync()
    with Vault.open(desk.cloud) as cloud:
        put(desk.cloud / "Approved/x.md", "approved by me\n")
        dropped = cloud.restore("Approved/x.md").dropped
        assert dropped is not None
        assert cloud._desk.objects.blob(dropped) == b"approved by me\n"
        (desk.cloud / "Approved/x.md").unlink()
        assert cloud.restore("Approved/x.md").dropped is None
        assert text(desk.cloud / "Approved/x.md") == "approved\n"
        assert cloud.sync().held == []


def test_what_stays_on_this_machine_is_not_taken_back(desk: Desk) -> None:
    """A note that says `zone: local` has its words nowhere else, so they are not written over."""
    mine = "---\nzone: local\n---\nfor me\n"
    put(desk.local / "Approved/x.md", "approved\n")
    desk.sync()
    put(desk.cloud / "Approved/x.md", mine)
    assert "vaultkit restore" not in run(desk.cloud, "sync").stderr
    with Vault.open(desk.cloud) as cloud, pytest.raises(RefusedByPolicy):
        cloud.restore("Approved/x.md")
    assert text(desk.cloud / "Approved/x.md") == mine
