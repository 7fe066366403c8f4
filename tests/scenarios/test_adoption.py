"""Adopting a repository that holds what vaultkit would never put on a disk: it stays, and harms nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.desk import put, run, text
from tests.servers import git
from vaultkit import KeyPlace, Vault, init_vault, join_vault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, modes and twins as on Linux")


@pytest.fixture
def odd_repository(tmp_path: Path) -> Path:
    """Notes with marks, twins, other types, a link, and text that is none."""
    root = tmp_path / "Local"
    root.mkdir()
    git("init", "-q", "-b", "main", root)
    for name in ("Notes/plain.md", "Notes/marked.md", "Twins/a.md", "Twins/A.md"):
        put(root / name, f"{name}\n")
    (root / "Notes/marked.md").chmod(0o755)
    (root / "Notes/latin.md").write_bytes(b"caf\xe9\n")
    (root / "Notes/picture.png").write_bytes(b"\x89PNG")
    (root / "Notes/link.md").symlink_to("/etc/hostname")
    put(root / "Notes/large.md", "x" * 2_000_000)
    git("add", "-A", cwd=root)
    git("commit", "-qm", "long ago", cwd=root)
    return root


def listed(repository: Path) -> set[str]:
    return set(git("ls-tree", "-r", "--name-only", "main", cwd=repository).splitlines())


def test_what_may_not_stand_on_a_disk_stays_in_history_and_nowhere_else(odd_repository: Path) -> None:
    """The joining machine gets the notes; links, other types, twins and the like stay in the tree."""
    folder = odd_repository.parent
    keys, remote = KeyPlace(folder / "home"), str(folder / "r.git")
    local = init_vault(odd_repository, "local_agent", human=True, remote=remote, keys=keys)
    before = listed(folder / "r.git")
    with local, join_vault(remote, folder / "Cloud", "cloud_agent", keys=keys) as cloud:
        local.trust(cloud.pairing_line())
        cloud.sync()
        there = {path for path in listed(folder / "r.git") if (cloud.root / path).exists()}
        assert {"Notes/plain.md", "Notes/marked.md"} <= there
        assert not there & {"Notes/latin.md", "Notes/link.md", "Notes/large.md"}
        assert len(there & {"Twins/a.md", "Twins/A.md"}) == 1
        put(cloud.root / "Updates/a.md", "a\n")
        for vault in (cloud, local, cloud, local):
            report = vault.sync()
            assert report.in_step
            assert not report.violations
    assert listed(folder / "r.git") == before | {"Updates/a.md"}
    assert (odd_repository / "Notes/link.md").is_symlink()
    assert (odd_repository / "Notes/picture.png").read_bytes() == b"\x89PNG"


def test_a_marked_note_is_a_note(odd_repository: Path) -> None:
    """An executable note is adopted as an ordinary one, so it reaches the other side and can be edited."""
    folder = odd_repository.parent
    keys, remote = KeyPlace(folder / "home"), str(folder / "r.git")
    with init_vault(odd_repository, "local_agent", human=True, remote=remote, keys=keys) as local:
        put(local.root / "Notes/marked.md", "edited\n")
        local.sync()
        with join_vault(remote, folder / "Cloud", "cloud_agent", keys=keys) as cloud:
            assert text(cloud.root / "Notes/marked.md") == "edited\n"
    assert "100755" not in git("ls-tree", "-r", "main", cwd=folder / "r.git")


def test_mending_a_note_that_was_no_text_brings_it_over(odd_repository: Path) -> None:
    """When the person saves the note as UTF-8, the other side gets it, though it never had the old one."""
    folder = odd_repository.parent
    keys, remote = KeyPlace(folder / "home"), str(folder / "r.git")
    local = init_vault(odd_repository, "local_agent", human=True, remote=remote, keys=keys)
    with local, join_vault(remote, folder / "Cloud", "cloud_agent", keys=keys) as cloud:
        put(local.root / "Notes/latin.md", "café\n")
        local.sync()
        report = cloud.sync()
        assert report.in_step
        assert text(cloud.root / "Notes/latin.md") == "café\n"


def test_a_hard_link_to_outside_does_not_leave(tmp_path: Path) -> None:
    """A note that is another file's second name is held and named; a copy of it goes."""
    (tmp_path / "private.txt").write_text("not in the vault\n")
    keys, remote = KeyPlace(tmp_path / "home"), str(tmp_path / "r.git")
    with init_vault(tmp_path / "v", "local_agent", human=True, remote=remote, keys=keys) as vault:
        os.link(tmp_path / "private.txt", vault.root / "stolen.md")
        report = vault.sync()
        assert [(held.path, held.rule) for held in report.held] == [("stolen.md", "hard-link")]
        assert "stolen.md" not in listed(tmp_path / "r.git")
        (tmp_path / "private.txt").unlink()
        assert vault.sync().in_step
        assert "stolen.md" in listed(tmp_path / "r.git")


def test_what_a_killed_write_left_is_cleared_away(tmp_path: Path) -> None:
    """The second name of a note that a kill left goes at the next look; the note is not held for it."""
    keys = KeyPlace(tmp_path / "home")
    with init_vault(tmp_path / "v", "local_agent", human=True, keys=keys) as vault:
        put(vault.root / "Notes/a.md", "a\n")
        vault.sync()
        os.link(vault.root / "Notes/a.md", vault.root / "Notes/.vk-0123456789abcdef.tmp")
        (vault.root / "Notes/.vk-folder.tmp").mkdir()
        assert vault.sync().held == []
        assert not (vault.root / "Notes/.vk-0123456789abcdef.tmp").exists()
        assert text(vault.root / "Notes/a.md") == "a\n"


def test_a_vault_adopted_from_a_clone_trusts_what_it_was_founded_on(tmp_path: Path) -> None:
    """`init` in a git clone of a vault takes over its history, judged from its founding, and no more."""
    keys, remote = KeyPlace(tmp_path / "home"), str(tmp_path / "r.git")
    with init_vault(tmp_path / "v", "local_agent", human=True, remote=remote, keys=keys) as vault:
        put(vault.root / "Notes/a.md", "a\n")
        vault.sync()
    clone = tmp_path / "clone"
    git("clone", "-q", tmp_path / "r.git", clone)
    put(clone / "Approved/forged.md", "forged by plain git\n")
    git("add", "-A", cwd=clone)
    git("commit", "-qm", "forged", cwd=clone)
    git("push", "-q", cwd=clone)
    again = tmp_path / "again"
    git("clone", "-q", tmp_path / "r.git", again)
    assert text(again / "Approved/forged.md") != ""
    words = ("init", str(again), "--agent", "cloud_agent", "--remote", remote)
    done = run(tmp_path, *words, VAULTKIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    assert not (again / "Approved/forged.md").exists()
    assert text(again / "Notes/a.md") == "a\n"
    with Vault.open(again) as vault:
        assert [v.path for v in vault.violations()] == ["Approved/forged.md"]
