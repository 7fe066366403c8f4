"""`conflicts`, `resolve`, and the answer to a deletion of many notes: by real commands and repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, run, text, wait_until
from vaultkit import RefusedByPolicy, Vault, VaultError

NOTE = "Needs_Action/a.md"
MINE, THEIRS = "by the person\n", "by the agent\n"


def disagree(desk: Desk, *, first: Path) -> str:
    """Both sides write other words into one note, `first` publishes first; the other's copy."""
    put(desk.local / NOTE, "at first\n")
    desk.sync()
    put(desk.local / NOTE, MINE)
    put(desk.cloud / NOTE, THEIRS)
    second = desk.cloud if first == desk.local else desk.local
    desk.sync(first)
    assert f"conflict: {NOTE}: " in run(second, "sync").stdout
    desk.sync(first, second)
    (copy,) = (path.relative_to(desk.local).as_posix() for path in (desk.local / "Conflicts").rglob("*.md"))
    return copy


def is_settled(desk: Desk) -> bool:
    """Is nothing open, on either side?"""
    desk.sync()
    quiet = [run(vault, "conflicts").returncode == 0 for vault in (desk.local, desk.cloud)]
    return (
        all(quiet) and not desk.status(desk.local)["conflicts"] and not desk.status(desk.cloud)["conflicts"]
    )


@pytest.mark.parametrize("agent", ["local_agent", "cloud_agent"])
@pytest.mark.parametrize(("keep", "words"), [("mine", MINE), ("theirs", THEIRS)])
def test_the_chosen_words_stand_and_the_copy_goes(desk: Desk, agent: str, keep: str, words: str) -> None:
    """Whoever was first, `mine` are the person's words at the person's machine; one commit does it."""
    copy = disagree(desk, first=desk.local if agent == "cloud_agent" else desk.cloud)
    listed = json.loads(run(desk.local, "conflicts", "--json").stdout)
    assert [(c["note"], c["copy"], c["agent"]) for c in listed] == [(NOTE, copy, agent)]
    assert run(desk.local, "status").returncode == 3
    shown = run(desk.local, "conflicts")
    assert shown.returncode == 3
    assert f"{NOTE}: " in shown.stdout
    with Vault.open(desk.local) as local:
        commits = len(list(local.history()))
        assert run(desk.local, "resolve", "a.md", "--keep", keep).returncode == 0
        assert len(list(local.history())) == commits + 1
    assert is_settled(desk)
    for vault in (desk.local, desk.cloud):
        assert text(vault / NOTE) == words
        assert not list((vault / "Conflicts").rglob("*.md"))


def test_what_was_not_kept_is_in_history(desk: Desk, local: Vault) -> None:
    """The words that lost can be read and restored, those of the note and those of the copy."""
    copy = disagree(desk, first=desk.cloud)
    local.resolve(NOTE, "mine")
    before = [entry.commit for entry in local.history()][1]
    assert local.content(NOTE, before) == THEIRS.encode()
    assert local.content(copy, before) == MINE.encode()
    assert local.restore(copy).changed
    assert text(desk.local / copy) == MINE


def test_both_are_kept_as_two_notes(desk: Desk, local: Vault) -> None:
    """The copy becomes a note beside the other, named after its agent; a taken name is passed over."""
    disagree(desk, first=desk.cloud)
    put(desk.local / "Needs_Action/a (local_agent).md", "another one\n")
    resolved = local.resolve(NOTE, "both")
    assert resolved.notes == [NOTE, "Needs_Action/a (local_agent 2).md"]
    assert is_settled(desk)
    assert text(desk.cloud / NOTE) == THEIRS
    assert text(desk.cloud / "Needs_Action/a (local_agent 2).md") == MINE


def test_a_note_edited_by_hand_is_done(desk: Desk, local: Vault) -> None:
    """The person's own text stays, even if it was typed just before, and the copy goes."""
    copy = disagree(desk, first=desk.cloud)
    put(desk.local / NOTE, "by both\n")
    assert run(desk.local, "resolve", copy, "--done").returncode == 0
    assert is_settled(desk)
    assert text(desk.cloud / NOTE) == "by both\n"
    assert next(local.history()).message.startswith("resolve the conflict over")


def test_a_conflict_follows_its_note(desk: Desk, local: Vault) -> None:
    """A late edit of an approved draft belongs to where the draft is now, wherever it was moved since."""
    put(desk.cloud / "Pending_Approval/r.md", "to ada\n")
    desk.sync()
    put(desk.cloud / "Pending_Approval/r.md", "to eve\n")
    local.approve("r.md")
    desk.sync(desk.cloud, desk.local)
    assert [c.note for c in local.conflicts()] == ["Approved/r.md"]
    drag(desk.local, "Approved/r.md", "Done/r.md")
    local.sync()
    assert [(c.note, c.mine, c.agent) for c in local.conflicts()] == [("Done/r.md", "note", "cloud_agent")]
    local.resolve("r.md", "mine")
    assert "to ada" in text(desk.local / "Done/r.md")
    assert is_settled(desk)


def test_a_conflict_follows_a_note_that_is_moved_later(desk: Desk, local: Vault) -> None:
    """Words that did not fit into a task belong to it also once it is done."""
    disagree(desk, first=desk.cloud)
    drag(desk.local, NOTE, "Done/a.md")
    local.sync()
    assert [(c.note, c.is_there) for c in local.conflicts()] == [("Done/a.md", True)]


def test_a_move_that_came_second_knows_its_note_too(desk: Desk, local: Vault) -> None:
    """An edit that was published first and set aside by the approval itself belongs to the approved note."""
    put(desk.cloud / "Pending_Approval/r.md", "to ada\n")
    desk.sync()
    put(desk.cloud / "Pending_Approval/r.md", "to eve\n")
    desk.sync(desk.cloud)
    drag(desk.local, "Pending_Approval/r.md", "Approved/r.md")
    local.sync()
    (conflict,) = local.conflicts()
    assert (conflict.note, conflict.is_there) == ("Approved/r.md", True)
    assert "while it was moved" in conflict.reason


def test_a_note_that_is_gone_comes_back_with_the_copys_words(desk: Desk, local: Vault) -> None:
    """Where the note was deleted meanwhile, keeping the copy's words puts it back; else it stays deleted."""
    disagree(desk, first=desk.cloud)
    (desk.local / NOTE).unlink()
    local.sync()
    assert "it is gone" in run(desk.local, "conflicts").stdout
    assert local.resolve(NOTE, "mine").notes == [NOTE]
    assert text(desk.local / NOTE) == MINE
    local.undo()
    assert "stays deleted" in run(desk.local, "resolve", NOTE, "--keep", "theirs").stdout
    assert not (desk.local / NOTE).exists()
    assert is_settled(desk)


def test_typing_is_never_overwritten_by_a_resolution(desk: Desk, local: Vault) -> None:
    """Words that cannot be committed stop it before anything has changed."""
    copy = disagree(desk, first=desk.cloud)
    (desk.local / NOTE).write_bytes(b"\xffheld here\n")
    with pytest.raises(VaultError, match="being edited"):
        local.resolve(NOTE, "mine")
    assert (desk.local / NOTE).read_bytes() == b"\xffheld here\n"
    assert text(desk.local / copy) == MINE


def test_an_agent_settles_nothing_it_may_not_write(desk: Desk) -> None:
    """Conflict copies are the person's to remove: exit code 4 for Cloud, and nothing changes."""
    copy = disagree(desk, first=desk.cloud)
    done = run(desk.cloud, "resolve", NOTE, "--keep", "mine")
    assert done.returncode == 4
    assert text(desk.cloud / copy) == MINE
    assert text(desk.cloud / NOTE) == THEIRS


def test_wrong_answers_are_told(desk: Desk, local: Vault) -> None:
    """No conflict, several, no answer, two answers: an error that says what to do, and no change."""
    assert run(desk.local, "resolve", "nothing.md", "--done").returncode == 1
    disagree(desk, first=desk.cloud)
    wrong = ((), (NOTE,), ("--keep", "mine"), (NOTE, "--keep", "mine", "--done"), (NOTE, "--keep", "all"))
    for words in (*wrong, (NOTE, "--deletions", "allow"), ("--deletions", "allow", "--done")):
        assert run(desk.local, "resolve", *words).returncode == 2, words
    assert run(desk.local, "resolve", "--deletions", "allow").returncode == 1, "none waits"
    second = "Conflicts/Needs_Action/a (cloud_agent 2026-01-02T030405Z).md"
    put(desk.local / second, "more\n")
    local.sync()
    several = run(desk.local, "resolve", NOTE, "--keep", "mine")
    assert several.returncode == 2
    assert "Name the copy" in several.stderr
    assert run(desk.local, "resolve", second, "--keep", "mine").returncode == 0


# Many notes deleted at once


def fill(desk: Desk) -> list[str]:
    names = [f"Needs_Action/{n:02}.md" for n in range(80)]
    for name in names:
        put(desk.local / name, f"{name}\n")
    desk.sync()
    return names


def delete(vault: Path, names: list[str]) -> None:
    for name in names:
        (vault / name).unlink()


def count(vault: Path) -> int:
    return len(list((vault / "Needs_Action").glob("*.md")))


def test_notes_that_disappeared_here_are_brought_back(desk: Desk) -> None:
    """The status asks, in a few lines; the answer `restore` puts them back on this disk, and all is quiet."""
    delete(desk.local, fill(desk))
    asked = run(desk.local, "sync")
    assert asked.returncode == 3
    assert asked.stderr.count("Needs_Action") <= 3
    status = run(desk.local, "status")
    assert status.returncode == 3
    assert "WAITING: 80 notes disappeared here at once" in status.stdout
    assert "resolve --deletions" in status.stdout
    assert status.stdout.count("HELD") == 0
    assert len(desk.status(desk.local)["deletions"]["here"]) == 80
    put(desk.local / "Needs_Action/00.md", "typed anew\n")
    assert run(desk.local, "resolve", "--deletions", "restore").returncode == 0
    desk.sync()
    assert count(desk.local) == count(desk.cloud) == 80
    assert text(desk.cloud / "Needs_Action/00.md") == "typed anew\n"
    assert run(desk.local, "status").returncode == 0


def test_a_deletion_that_was_meant_goes_through_on_both_sides(desk: Desk) -> None:
    """Each machine asks its person, and names who did it; `allow` deletes them there."""
    delete(desk.local, fill(desk))
    desk.sync(desk.local)
    assert run(desk.local, "resolve", "--deletions", "allow").returncode == 0
    assert run(desk.cloud, "sync").returncode == 3
    status = run(desk.cloud, "status")
    assert status.returncode == 3
    assert "WAITING: local_agent removes 80 notes at once: Needs_Action/00.md" in status.stdout
    assert count(desk.cloud) == 80
    assert run(desk.cloud, "resolve", "--deletions", "allow").returncode == 0
    assert count(desk.cloud) == count(desk.local) == 0
    assert run(desk.cloud, "status").returncode == 0


def test_what_an_agent_deleted_is_published_anew(desk: Desk, local: Vault) -> None:
    """The person refuses: no note leaves this disk, edits made meanwhile stay, Cloud has all again."""
    names = fill(desk)
    delete(desk.cloud, names)
    with Vault.open(desk.cloud) as cloud:
        cloud.sync(deletions_allowed=True)
    put(desk.local / names[0], "edited meanwhile\n")
    put(desk.local / "Notes/other.md", "other\n")
    assert run(desk.local, "sync").returncode == 3
    assert "cloud_agent removes 80 notes" in run(desk.local, "status").stdout
    inode = (desk.local / names[1]).stat().st_ino
    assert run(desk.local, "resolve", "--deletions", "restore").returncode == 0
    assert (desk.local / names[1]).stat().st_ino == inode, "it was not written, for it never was gone"
    desk.sync()
    assert count(desk.cloud) == count(desk.local) == 80
    assert text(desk.cloud / names[0]) == "edited meanwhile\n"
    assert text(desk.cloud / "Notes/other.md") == "other\n"
    assert run(desk.local, "status").returncode == 0
    assert any(entry.message.startswith("restore 79 notes") for entry in local.history())


def test_an_agent_cannot_bring_back_what_it_may_not_write(desk: Desk) -> None:
    """Cloud may not refuse that the person deleted the person's own notes; it stays asked."""
    names = [f"Notes/{n:02}.md" for n in range(80)]
    for name in names:
        put(desk.local / name, f"{name}\n")
    desk.sync()
    delete(desk.local, names)
    with Vault.open(desk.local) as local:
        local.sync(deletions_allowed=True)
    with Vault.open(desk.cloud) as cloud:
        assert cloud.sync().ending == "waiting"
        with pytest.raises(RefusedByPolicy, match="zone"):
            cloud.resolve_deletions("restore")
        assert len(cloud.deletions().there) == 80
        assert cloud.resolve_deletions("allow").in_step
        assert not cloud.deletions()


def test_a_watching_machine_asks_in_one_line(desk: Desk) -> None:
    """The log does not name eighty notes, and the answer is given while it watches."""
    names = fill(desk)
    desk.watch(desk.local)
    delete(desk.local, names)
    log = desk.folder / "Local.log"
    wait_until(lambda: "disappeared here at once" in text(log), "it asks")
    assert run(desk.local, "resolve", "--deletions", "restore").returncode == 0
    assert count(desk.local) == 80
    assert "held: Needs_Action" not in text(log)
