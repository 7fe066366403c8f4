"""`undo`: the last operation made here, taken back as a new commit, or refused with the reason."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.desk import Desk, act_at_once, drag, environment, put, run, text, wait_until
from vaultkit import RefusedByPolicy, Vault, VaultBusy, VaultError
from vaultkit.core.git.tree import Oid
from vaultkit.effects.lock import VaultLock
from vaultkit.ports import Pending

OUTBOX = 'hooks: ["claim", "approve", "reject", "complete", "outbox"]\nsettings: {outbox: %s}\n'
MAIL = "---\naction: send_email\nto: ada@example.org\nsubject: Yes\n---\nDear Ada, yes.\n"


def notes(vault: Path) -> dict[str, str]:
    """Every note on the disk, but for what the vault began with."""
    found = {p.relative_to(vault).as_posix(): p for p in vault.rglob("*.md") if ".vaultkit" not in p.parts}
    return {path: text(file) for path, file in found.items() if path != "Dashboard.md"}


def deliver_mail(desk: Desk) -> Path:
    """Let approved mail of Local's be delivered; where to."""
    outbox = desk.folder / "outbox"
    machine = desk.local / ".vaultkit/agent.yaml"
    kept = [line for line in text(machine).splitlines() if not line.startswith("hooks:")]
    machine.write_text("\n".join(kept) + "\n" + OUTBOX % outbox, "utf-8")
    act_at_once(desk.local)
    return outbox


def draft_mail(desk: Desk) -> None:
    put(desk.cloud / "Pending_Approval/ada.md", MAIL)
    desk.sync()


def test_an_edit_is_taken_back_and_made_again(desk: Desk, local: Vault) -> None:
    """Undo brings the words before back on both machines; undoing the undo does the edit again."""
    put(desk.local / "Notes/a.md", "one\n")
    local.sync()
    put(desk.local / "Notes/a.md", "two\n")
    local.sync()
    said = run(desk.local, "undo")
    assert said.returncode == 0, said.stderr
    assert "undone: edit Notes/a.md" in said.stdout
    desk.sync()
    assert text(desk.cloud / "Notes/a.md") == "one\n"
    assert run(desk.local, "undo").returncode == 0
    desk.sync()
    assert text(desk.cloud / "Notes/a.md") == "two\n"
    messages = [entry.message for entry in local.history("a")]
    assert messages[:3] == ["redo: edit Notes/a.md", "undo: edit Notes/a.md", "edit Notes/a.md"]
    assert len({entry.commit for entry in local.history()}) == len(list(local.history())), "nothing rewritten"


def test_a_new_note_goes_and_a_deleted_one_comes_back(desk: Desk, local: Vault) -> None:
    """The reverse of adding is removing, and of removing bringing back, byte for byte."""
    data = "---\ntags: [ a,  b ]\n---\nodd   spacing\r\n"
    put(desk.local / "Notes/a.md", data)
    local.sync()
    assert [deed.kind for deed in local.undo().deeds] == ["remove"]
    assert "Notes/a.md" not in notes(desk.local)
    local.undo()
    (desk.local / "Notes/a.md").unlink()
    local.sync()
    assert [deed.kind for deed in local.undo().deeds] == ["add"]
    assert (desk.local / "Notes/a.md").read_bytes() == data.encode()


def test_an_approval_is_taken_back_and_given_again(desk: Desk, local: Vault) -> None:
    """The draft waits again, without the stamps, on both machines; a redo approves it anew."""
    put(desk.cloud / "Pending_Approval/ada.md", "Dear Ada, yes.\n")
    desk.sync()
    local.approve("ada.md")
    assert run(desk.local, "undo").returncode == 0
    desk.sync()
    for vault in (desk.local, desk.cloud):
        assert "approved" not in text(vault / "Pending_Approval/ada.md")
        assert not (vault / "Approved/ada.md").exists()
    local.undo()
    desk.sync()
    assert "approved_by: local_agent" in text(desk.cloud / "Approved/ada.md")
    assert [deed.kind for entry in local.history("ada") for deed in entry.deeds][:3] == [
        "approval",
        "retraction",
        "approval",
    ]


def test_a_claim_is_given_up(desk: Desk) -> None:
    """Undoing a claim releases the task for others."""
    put(desk.cloud / "Needs_Action/t.md", "Do it.\n")
    desk.sync()
    with Vault.open(desk.cloud) as cloud:
        cloud.claim("t.md")
        assert [deed.kind for deed in cloud.undo().deeds] == ["release"]
    desk.sync()
    assert "owner" not in text(desk.local / "Needs_Action/t.md")
    assert run(desk.local, "claim", "t.md").returncode == 0


def test_several_moves_of_one_commit_go_back_together(desk: Desk, local: Vault) -> None:
    """`done` on a draft moves its task and plan too; undo moves all three back."""
    put(desk.local / "In_Progress/local_agent/ada.md", "The task.\n")
    put(desk.local / "Plans/ada-plan.md", "The plan.\n")
    put(desk.local / "Approved/d.md", "---\ntask: ada.md\nplan: ada-plan.md\n---\nDraft.\n")
    local.sync()
    before = notes(desk.local)
    local.complete("Approved/d.md")
    assert len([path for path in notes(desk.local) if path.startswith("Done/")]) == 3
    assert len(local.undo().deeds) == 3
    assert notes(desk.local) == before


def test_later_work_of_another_is_never_overwritten(desk: Desk, local: Vault) -> None:
    """The refusal names the note, who worked on it since, and when; not even the rest is undone."""
    put(desk.local / "Needs_Action/a.md", "one\n")
    put(desk.local / "Needs_Action/b.md", "one\n")
    desk.sync()
    put(desk.local / "Needs_Action/a.md", "two\n")
    put(desk.local / "Needs_Action/b.md", "two\n")
    desk.sync()
    put(desk.cloud / "Needs_Action/b.md", "by the agent\n")
    desk.sync(desk.cloud)
    done = run(desk.local, "undo")
    assert done.returncode == 1
    for words in ("Needs_Action/b.md", "cloud_agent", "later work", "restore"):
        assert words in done.stderr
    assert text(desk.local / "Needs_Action/a.md") == "two\n"
    assert text(desk.local / "Needs_Action/b.md") == "by the agent\n"
    assert local.sync().commits == 0


def test_a_note_that_others_moved_on_is_not_moved_back(desk: Desk, local: Vault) -> None:
    """An approved draft that was filed elsewhere meanwhile stays there."""
    put(desk.cloud / "Needs_Action/t.md", "Do it.\n")
    desk.sync()
    with Vault.open(desk.cloud) as cloud:
        cloud.claim("t.md")
        local.sync()
        local.complete("t.md")
        with pytest.raises(VaultError, match=r"later work on In_Progress/cloud_agent/t\.md \(local_agent"):
            cloud.undo()
    assert "Done/t.md" in notes(desk.cloud)


def test_what_was_typed_since_is_not_overwritten(desk: Desk, local: Vault) -> None:
    """Words on the disk that are in no commit yet stop the undo before anything has changed."""
    for name in ("a", "b", "c"):
        put(desk.local / f"Notes/{name}.md", "one\n")
    local.sync()
    for name in ("a", "b", "c"):
        put(desk.local / f"Notes/{name}.md", "two\n")
    local.sync()
    put(desk.local / "Notes/b.md", "typed just now\n")
    before = notes(desk.local)
    with pytest.raises(VaultError, match=r"Notes/b\.md is being edited"):
        local.undo()
    assert notes(desk.local) == before
    report = local.sync()
    assert (report.commits, notes(desk.local)) == (1, before), "only what was typed"


def test_words_typed_elsewhere_are_neither_undone_nor_needed(desk: Desk, local: Vault) -> None:
    """Undo takes back the last thing that was committed; unsaved work on other notes stays as it is."""
    put(desk.local / "Notes/a.md", "one\n")
    local.sync()
    put(desk.local / "Notes/new.md", "not committed yet\n")
    local.undo()
    assert notes(desk.local) == {"Notes/new.md": "not committed yet\n"}


def test_what_was_carried_out_cannot_be_taken_back(desk: Desk) -> None:
    """Once mail has gone out neither the filing nor the approval is undone, and the reason is told."""
    outbox = deliver_mail(desk)
    draft_mail(desk)
    assert run(desk.local, "approve", "ada.md").returncode == 0
    assert len(list(outbox.iterdir())) == 1
    done = run(desk.local, "undo")
    assert done.returncode == 1
    for words in ("carried out", "outbox.deliver", "Approved/ada.md", "new draft"):
        assert words in done.stderr
    assert (desk.local / "Done/ada.md").exists()
    assert len(list(outbox.iterdir())) == 1


def test_an_action_that_was_begun_counts_as_carried_out(desk: Desk) -> None:
    """A hook that failed half-way may have had its effect: in doubt the approval stays."""
    outbox = deliver_mail(desk)
    outbox.write_text("no folder")
    draft_mail(desk)
    run(desk.local, "approve", "ada.md")
    done = run(desk.local, "undo")
    assert done.returncode == 1
    assert "carried out" in done.stderr
    assert (desk.local / "Approved/ada.md").exists()


def test_records_that_are_younger_than_an_approval_prove_nothing(desk: Desk) -> None:
    """After this machine's records were lost nobody knows what was carried out, so it counts as done."""
    deliver_mail(desk)
    draft_mail(desk)
    with Vault.open(desk.local) as local:
        local.approve("ada.md")
        approved = next(local.history("ada")).time
    for file in (desk.local / ".vaultkit").glob("state.db*"):
        file.unlink()
    with Vault.open(desk.local) as local:
        wait_until(lambda: local.clock.now() > approved)
        local.sync()
        with pytest.raises(VaultError, match="nobody knows"):
            local.undo()


@pytest.mark.parametrize("offline", [False, True])
def test_an_approval_taken_back_in_time_is_never_carried_out(desk: Desk, offline: bool) -> None:
    """Neither one that is due nor one that never left: no mail goes out until it is approved again."""
    outbox = deliver_mail(desk)
    draft_mail(desk)
    with Vault.open(desk.local) as local:
        drag(desk.local, "Pending_Approval/ada.md", "Approved/ada.md")
        if offline:
            desk.remote.rename(desk.folder / "away.git")
        local.sync()
        undone = local.undo()
        assert undone.published is not offline
        if offline:
            (desk.folder / "away.git").rename(desk.remote)
        assert local.sync().in_step
        assert local.run_jobs().done == 0
        assert not outbox.exists()
        assert "Pending_Approval/ada.md" in notes(desk.local)
        local.undo()
        assert local.run_jobs().done == 1
        assert len(list(outbox.iterdir())) == 1
        with pytest.raises(VaultError, match="carried out"):
            local.undo()


def test_nothing_is_undone_while_hooks_run(desk: Desk, local: Vault) -> None:
    """An action under way cannot be overtaken: the undo waits, and then says that it is busy."""
    put(desk.local / "Notes/a.md", "one\n")
    local.sync()
    lock = VaultLock(str(desk.local / ".vaultkit/jobs.lock"))
    lock.acquire(5)
    local.lock_seconds = 0.1
    with pytest.raises(VaultBusy):
        local.undo()
    lock.release()
    assert notes(desk.local)
    local.undo()
    assert not notes(desk.local)


def test_an_agent_undoes_only_by_its_rights(desk: Desk) -> None:
    """Cloud may add to `Done/` but not remove: what it put there stays; exit code 4."""
    put(desk.cloud / "Done/log.md", "finished\n")
    desk.sync(desk.cloud)
    done = run(desk.cloud, "undo")
    assert done.returncode == 4
    assert "zone" in done.stderr
    assert "Done/log.md" in notes(desk.cloud)


def test_only_what_was_done_here_is_undone(desk: Desk, local: Vault) -> None:
    """The newest commit may be another's; undo takes back the newest of one's own, and no sign of life."""
    put(desk.local / "Notes/mine.md", "mine\n")
    local.sync()
    put(desk.cloud / "Updates/theirs.md", "theirs\n")
    desk.sync()
    assert local.undo().message == "add Notes/mine.md"
    assert notes(desk.local) == {"Updates/theirs.md": "theirs\n"}


def test_the_founding_is_not_undone(tmp_path: Path) -> None:
    """Where nothing was done there is nothing to undo, and the vault stays."""
    root = tmp_path / "v"
    assert run(tmp_path, "init", str(root), "--agent", "local_agent", "--human").returncode == 0
    done = run(root, "undo")
    assert done.returncode == 1
    assert "nothing of yours" in done.stderr
    assert (root / "vaultkit.yaml").exists()


def test_many_new_notes_are_not_deleted_by_an_undo(desk: Desk, local: Vault) -> None:
    """Deleting many notes at once is never a side effect."""
    for n in range(80):
        put(desk.local / f"Notes/{n}.md", f"{n}\n")
    local.sync()
    with pytest.raises(RefusedByPolicy, match="delete 80 notes"):
        local.undo()
    assert len(notes(desk.local)) == 80


@pytest.mark.parametrize("has_remote", [True, False])
def test_a_kill_in_the_middle_leaves_nothing_half_undone(tmp_path: Path, has_remote: bool) -> None:
    """When only some notes were written back, the next cycle puts the disk right instead of committing it."""
    root = tmp_path / "v"
    remote = ["--remote", str(tmp_path / "r.git")] if has_remote else []
    assert run(tmp_path, "init", str(root), "--agent", "local_agent", "--human", *remote).returncode == 0
    with Vault.open(root) as vault:
        for words in ("one\n", "two\n"):
            for name in ("a", "b"):
                put(root / f"Notes/{name}.md", words)
            vault.sync()
        one = Oid(vault._desk.objects.put_blob(b"one\n"))
        vault._desk.state.put(rewriting="yes")
        vault._desk.state.expect([Pending("Notes/a.md", one), Pending("Notes/b.md", one)])
        put(root / "Notes/a.md", "one\n")  # ... and here the process was killed
        head = vault.head()
    with Vault.open(root) as vault:
        assert vault.sync().in_step
        assert notes(root) == {"Notes/a.md": "two\n", "Notes/b.md": "two\n"}
        assert vault.head() == head
        vault.undo()
        assert notes(root) == {"Notes/a.md": "one\n", "Notes/b.md": "one\n"}


def test_an_undo_killed_between_two_writes_is_put_right(desk: Desk, local: Vault) -> None:
    """The process ends without a word after the first write; nothing of it is ever published."""
    for words in ("one\n", "two\n"):
        for name in ("a", "b"):
            put(desk.local / f"Notes/{name}.md", words)
        local.sync()
    program = f"""
        import os
        from vaultkit import Vault
        vault = Vault.open({str(desk.local)!r})
        write = vault._desk.disk.replace
        def write_one_and_die(*what):
            write(*what)
            os._exit(9)
        vault._desk.disk.replace = write_one_and_die
        vault.undo()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    assert subprocess.run(command, env=environment(), check=False).returncode == 9
    assert sorted(notes(desk.local).values()) == ["one\n", "two\n"], "it was killed in the middle"
    commits = local.sync().commits
    assert (commits, set(notes(desk.local).values())) == (0, {"two\n"})
    local.undo()
    assert set(notes(desk.local).values()) == {"one\n"}
