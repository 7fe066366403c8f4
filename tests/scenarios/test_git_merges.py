"""git or obsidian-git merges and pushes from the vault's own folder: all machines come to the same notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, run, text
from tests.servers import git, require
from vaultkit import KeyPlace, Vault, join_vault

ME = ("-c", "user.name=me", "-c", "user.email=me@example.org")


@pytest.fixture(autouse=True)
def _needs_git() -> None:
    require("git")


def offline(desk: Desk) -> None:
    """Local commits what its disk holds and cannot publish it."""
    away = desk.remote.with_name("away")
    desk.remote.rename(away)
    run(desk.local, "sync")
    away.rename(desk.remote)
    with Vault.open(desk.local) as vault:
        vault.refresh_git()


def pull_and_push(vault: Path, remote: Path, *strategy: str) -> None:
    git(*ME, "pull", "-q", "--no-rebase", "--no-edit", *strategy, remote, "main", cwd=vault)
    git("push", "-q", remote, "HEAD:main", cwd=vault)


def notes(vault: Path) -> dict[str, bytes]:
    """What a person sees in the folder."""
    files = (file for file in vault.rglob("*.md") if not file.relative_to(vault).parts[0].startswith("."))
    return {file.relative_to(vault).as_posix(): file.read_bytes() for file in files}


def joined(desk: Desk) -> Path:
    """A third machine, which has seen nothing of how it came about."""
    third = desk.local.with_name("Third")
    join_vault(str(desk.remote), third, "third_agent", keys=KeyPlace(desk.local.parent / "third")).close()
    return third


def test_what_git_merges_and_pushes_reaches_every_machine(tmp_path: Path) -> None:
    """What Local had not published yet, what Cloud had, and what git itself committed here: all arrive."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / "Updates/c.md", "by cloud\n")
        desk.sync(desk.cloud)
        put(desk.local / "Notes/l.md", "by the person\n")
        offline(desk)
        put(desk.local / "Notes/git.md", "committed by obsidian-git\n")
        git("add", "-A", cwd=desk.local)
        git(*ME, "commit", "-qm", "vault backup", cwd=desk.local)
        pull_and_push(desk.local, desk.remote)
        desk.sync()
        assert {"Updates/c.md", "Notes/l.md", "Notes/git.md"} <= notes(desk.local).keys()
        assert notes(desk.local) == notes(desk.cloud) == notes(joined(desk))


@pytest.mark.parametrize("first", ["local", "cloud"])
def test_whichever_machine_looks_first_the_notes_are_the_same(tmp_path: Path, first: str) -> None:
    """What nobody signed for counts on neither; the machine that made it publishes it again, signed."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / "Updates/c.md", "by cloud\n")
        desk.sync(desk.cloud)
        put(desk.local / "Notes/l.md", "by the person\n")
        offline(desk)
        pull_and_push(desk.local, desk.remote)
        order = (desk.local, desk.cloud) if first == "local" else (desk.cloud, desk.local)
        desk.sync(*order, *order)
        assert {"Updates/c.md", "Notes/l.md"} <= notes(desk.local).keys()
        assert notes(desk.local) == notes(desk.cloud) == notes(joined(desk))
        assert run(desk.cloud, "audit").returncode in (0, 3)


def test_a_note_edited_on_both_sides_keeps_both_edits(tmp_path: Path) -> None:
    """git merged the two without a conflict, and without a signature: vaultkit merges them again."""
    with Desk(tmp_path) as desk:
        lines = [f"line {n}\n" for n in range(1, 12)]
        put(desk.local / "Updates/a.md", "".join(lines))
        desk.sync()
        put(desk.cloud / "Updates/a.md", "".join(["by cloud\n", *lines[1:]]))
        desk.sync(desk.cloud)
        put(desk.local / "Updates/a.md", "".join([*lines[:10], "by the person\n"]))
        offline(desk)
        pull_and_push(desk.local, desk.remote)
        desk.sync()
        both = "".join(["by cloud\n", *lines[1:10], "by the person\n"])
        for vault in (desk.local, desk.cloud, joined(desk)):
            assert text(vault / "Updates/a.md") == both


def both_claim(desk: Desk) -> None:
    """Cloud claims a task and publishes that; the person drags it as well, and has not published it."""
    put(desk.local / "Needs_Action/t.md", "Do it.\n")
    desk.sync()
    assert run(desk.cloud, "claim", "t.md").returncode == 0
    drag(desk.local, "Needs_Action/t.md", "In_Progress/local_agent/t.md")


def test_of_two_claims_that_git_merged_the_published_one_stands(tmp_path: Path) -> None:
    """Cloud had the task first; what Local had written into it meanwhile is kept beside it."""
    with Desk(tmp_path) as desk:
        both_claim(desk)
        put(desk.local / "In_Progress/local_agent/t.md", "Do it.\n\nLocal has begun.\n")
        offline(desk)
        pull_and_push(desk.local, desk.remote, "-X", "theirs")
        desk.sync()
        found = notes(desk.local)
        assert found == notes(desk.cloud) == notes(joined(desk))
        assert [path for path in found if path.endswith("/t.md")] == ["In_Progress/cloud_agent/t.md"]
        assert any(b"Local has begun." in content for content in found.values()), found.keys()


def test_a_claim_that_came_too_late_and_had_nothing_to_say_is_settled_for_all(tmp_path: Path) -> None:
    """Local has nothing to publish again, and says what counts: a machine that joins later knows, too."""
    with Desk(tmp_path) as desk:
        both_claim(desk)
        offline(desk)
        pull_and_push(desk.local, desk.remote, "-X", "theirs")
        desk.sync()
        found = notes(desk.local)
        assert [path for path in found if path.endswith("/t.md")] == ["In_Progress/cloud_agent/t.md"]
        assert found == notes(desk.cloud) == notes(joined(desk))


def test_what_git_pushes_without_a_merge_stays_the_persons(tmp_path: Path) -> None:
    """A note that git committed and pushed from here before vaultkit looked is published again, signed."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Notes/git.md", "committed by obsidian-git\n")
        git("add", "-A", cwd=desk.local)
        git(*ME, "commit", "-qm", "vault backup", cwd=desk.local)
        git("push", "-q", desk.remote, "HEAD:main", cwd=desk.local)
        desk.sync()
        for vault in (desk.local, desk.cloud):
            assert text(vault / "Notes/git.md") == "committed by obsidian-git\n"
