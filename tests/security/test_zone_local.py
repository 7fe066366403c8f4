"""What says `zone: local`, searched for in all files, databases and git objects, here, there and remote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text, wait_until
from tests.security.marks import objects_of
from tests.servers import git
from vaultkit import KeyPlace, RefusedByPolicy, Vault, init_vault, join_vault

MARK = "---\nzone: local\n---\n"
SECRET = "the words that are mine alone 5b2e"


def all_objects(repository: Path) -> bytes:
    """The content of every object, reachable or not."""
    found = objects_of(repository)
    assert b"needs_action: Needs_Action" in found, "the search finds what is there"
    return found


def demand_nowhere(desk: Desk, but: Path) -> None:
    """The secret is in no object, in no file of any vault, log or database, but in the note itself."""
    for repository in (desk.local / ".git", desk.cloud / ".git", desk.remote):
        assert SECRET.encode() not in all_objects(repository)
    files = [path for path in desk.folder.rglob("*") if path.is_file() and path != but]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET in text(but)


def test_what_stays_is_nowhere_else_while_both_machines_watch(tmp_path: Path) -> None:
    """A new note and one that was shared, edited on and dragged about beside `vaultkit watch`."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Plans/shared.md", "for all\n")
        desk.watch()
        wait_until(lambda: text(desk.cloud / "Plans/shared.md"), "it is shared")
        put(desk.local / "Plans/shared.md", f"{MARK}for all\n{SECRET}\n")
        wait_until(lambda: not (desk.cloud / "Plans/shared.md").exists(), "it left")
        put(desk.local / "Plans/shared.md", f"{MARK}for all\n{SECRET}\nand more\n")
        (desk.local / "Plans/shared.md").rename(desk.local / "Needs_Action/mine.md")
        put(desk.local / "Plans/last.md", "a sign\n")
        wait_until(lambda: text(desk.cloud / "Plans/last.md"), "what was done before is judged")
        desk.stop(desk.local)
        desk.stop(desk.cloud)
        told = "Plans/shared.md stays on this machine from now on (zone: local); history still holds"
        assert text(tmp_path / "Local.log").count(told) == 1
        demand_nowhere(desk, desk.local / "Needs_Action/mine.md")
        assert not list(desk.cloud.rglob("mine.md"))
        git("fsck", "--strict", cwd=desk.remote)


def test_a_person_is_told_by_every_command(tmp_path: Path) -> None:
    """`sync` tells it once, with how to see the commits; `status` names the note and needs nobody."""
    with Desk(tmp_path) as desk:
        note = desk.local / "Needs_Action/shared.md"
        put(note, "for all\n")
        desk.sync()
        put(note, f"{MARK}{SECRET}\n")
        done = run(desk.local, "sync")
        assert done.returncode == 0, done.stderr
        assert "Needs_Action/shared.md stays on this machine from now on" in done.stdout
        assert "`vaultkit log Needs_Action/shared.md` shows the commits" in done.stdout
        assert "from now on" not in run(desk.local, "sync").stdout
        assert "add: Needs_Action/shared.md" in run(desk.local, "log", "Needs_Action/shared.md").stdout
        status = run(desk.local, "status")
        assert status.returncode == 0, status.stdout
        assert "1 kept on this machine (zone: local):" in status.stdout
        assert "Needs_Action/shared.md: history still holds" in status.stdout
        for words in (("claim", "shared.md"), ("restore", "Needs_Action/shared.md"), ("undo",)):
            refused = run(desk.local, *words)
            assert refused.returncode in (1, 4), (words, refused)
            assert text(note) == f"{MARK}{SECRET}\n"
        desk.sync()
        assert text(note) == f"{MARK}{SECRET}\n"
        demand_nowhere(desk, note)


def test_programs_do_not_put_it_into_history_either(tmp_path: Path) -> None:
    """`edit` and `create_task` are commits, so they refuse it; `create` writes it and it stays."""
    with Desk(tmp_path) as desk, Vault.open(desk.cloud) as vault:
        with pytest.raises(RefusedByPolicy, match="stays on this machine"), vault.edit() as edit:
            edit.create("Plans/mine.md", f"{MARK}{SECRET}\n")
        with pytest.raises(RefusedByPolicy, match="stays on this machine"):
            vault.create_task("key 1", "Task", SECRET, meta={"zone": "local"})
        with pytest.raises(RefusedByPolicy, match="stays on this machine"):
            vault.submit_for_approval("", f"{MARK}{SECRET}\n", name="mine")
        vault.create("Plans/mine.md", f"{MARK}{SECRET}\n")
        with pytest.raises(RefusedByPolicy, match="stays on this machine"), vault.edit() as edit:
            edit["Plans/mine.md"].body += "more\n"
        desk.sync()
        demand_nowhere(desk, desk.cloud / "Plans/mine.md")


def test_an_adopted_repository_keeps_what_says_so(tmp_path: Path) -> None:
    """Its history holds the note and is published; the vault's own notes do not, so no other disk gets it."""
    root, remote, keys = tmp_path / "Local", tmp_path / "r.git", KeyPlace(tmp_path / "home")
    git("init", "-q", "-b", "main", root)
    put(root / "Notes/mine.md", f"{MARK}words from before\n")
    put(root / "Notes/plain.md", "for all\n")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "long ago", cwd=root)
    put(root / "Notes/new.md", f"{MARK}{SECRET}\n")
    with init_vault(root, "local_agent", human=True, remote=str(remote), keys=keys) as local:
        assert {one.path for one in local.status().held if one.rule == "local"} == {
            "Notes/mine.md",
            "Notes/new.md",
        }
    with join_vault(str(remote), tmp_path / "Cloud", "cloud_agent", keys=keys):
        assert text(tmp_path / "Cloud/Notes/plain.md") == "for all\n"
        assert not (tmp_path / "Cloud/Notes/mine.md").exists()
    assert text(root / "Notes/mine.md") == f"{MARK}words from before\n"
    for repository in (root / ".git", remote):
        assert SECRET.encode() not in all_objects(repository)
