"""`vault.edit`: one commit or nothing, whatever somebody types, the policy says, or a kill cuts off."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, put, text, wait_until
from vaultkit import KeyPlace, RefusedByPolicy, Vault, VaultError, ZoneViolation, init_vault


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("edit")) as made:
        yield made


@pytest.fixture
def cloud(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.cloud) as vault:
        yield vault


def messages(vault: Vault) -> list[str]:
    return [entry.message for entry in vault.history()]


def test_several_notes_are_edited_in_one_commit(desk: Desk, cloud: Vault) -> None:
    """Frontmatter, body, a new note, a move and a removal make one commit with the message that was given."""
    for name in "abc":
        cloud.create(f"Plans/one/{name}.md", f"---\nstatus: open  # why\n---\n{name}\n")
    before = messages(cloud)
    with cloud.edit("tidy up\nVaultkit-Actor: forged") as edit:
        edit["Plans/one/a.md"].meta["status"] = "closed"
        edit["Plans/one/a.md"].body += "more\n"
        edit.move("Plans/one/b.md", "Plans/two/b.md").meta["moved"] = True
        edit.remove("Plans/one/c.md")
        edit.create("Plans/two/new.md", "New.\n").meta["status"] = "open"
        assert "Plans/one/c.md" not in edit
    assert edit.report
    assert edit.report.in_step
    assert messages(cloud) == ["tidy up Vaultkit-Actor: forged", *before]
    assert next(cloud.history()).actor == ""
    assert text(desk.cloud / "Plans/one/a.md") == "---\nstatus: closed  # why\n---\na\nmore\n"
    assert text(desk.cloud / "Plans/two/b.md") == "---\nstatus: open  # why\nmoved: true\n---\nb\n"
    assert text(desk.cloud / "Plans/two/new.md") == "---\nstatus: open\n---\nNew.\n"
    assert not (desk.cloud / "Plans/one/c.md").exists()


def test_an_exception_or_no_change_leaves_nothing(desk: Desk, cloud: Vault) -> None:
    """What was edited before the block failed is forgotten, and an edit of nothing commits nothing."""
    before = messages(cloud)
    with pytest.raises(ZeroDivisionError), cloud.edit("half") as edit:  # noqa: PT012
        edit.create("Plans/half.md", "half\n")
        _ = 1 / 0
    with cloud.edit("nothing") as edit:
        edit.create("Plans/half.md", "half\n")
        edit.remove("Plans/half.md")
    assert edit.report is None
    assert messages(cloud) == before
    assert not (desk.cloud / "Plans/half.md").exists()


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("Approved/a.md", ZoneViolation),
        ("vaultkit.yaml", RefusedByPolicy),
        (".vaultkit/agent.md", RefusedByPolicy),
        ("../outside.md", RefusedByPolicy),
        ("Plans/.env", RefusedByPolicy),
    ],
)
def test_what_the_policy_refuses_is_refused_before_anything_is_written(
    desk: Desk, cloud: Vault, path: str, error: type[RefusedByPolicy]
) -> None:
    """One forbidden note keeps the whole edit from the disk, also the part that would be allowed."""
    before = messages(cloud)
    with pytest.raises(error), cloud.edit("too far") as edit:  # noqa: PT012
        edit.create("Plans/allowed.md", "allowed\n")
        if path in edit:
            edit[path].data += b"# more\n"
        else:
            edit.create(path, "no\n")
    assert messages(cloud) == before
    assert not (desk.cloud / "Plans/allowed.md").exists()
    assert not (desk.folder / "outside.md").exists()


def test_what_somebody_types_meanwhile_is_never_overwritten(desk: Desk, cloud: Vault) -> None:
    """A note changed since it was read, by a person here or by another vault, refuses the whole edit."""
    cloud.create("Plans/typed.md", "one\n")
    with pytest.raises(VaultError, match="typed"), cloud.edit("late") as edit:  # noqa: PT012
        edit["Plans/typed.md"].body = "mine\n"
        edit.create("Plans/late.md", "late\n")
        put(desk.cloud / "Plans/typed.md", "theirs\n")
    assert text(desk.cloud / "Plans/typed.md") == "theirs\n"
    assert not (desk.cloud / "Plans/late.md").exists()
    with cloud.edit("now") as edit:
        assert edit["Plans/typed.md"].body == "theirs\n"
        edit["Plans/typed.md"].body = "mine\n"
    assert text(desk.cloud / "Plans/typed.md") == "mine\n"


def test_what_was_typed_before_is_committed_before_it_is_edited(desk: Desk, cloud: Vault) -> None:
    """Words that no sync has seen yet are in history once a program edits the note, as another commit."""
    cloud.create("Plans/words.md", "one\n")
    put(desk.cloud / "Plans/words.md", "typed\n")
    with cloud.edit("edit") as edit:
        edit["Plans/words.md"].body += "and edited\n"
    assert text(desk.cloud / "Plans/words.md") == "typed\nand edited\n"
    assert messages(cloud)[:2] == ["edit", "edit Plans/words.md"]


def test_notes_that_are_not_there_or_in_the_way_are_told(cloud: Vault) -> None:
    """A missing note, a taken name and an unreadable frontmatter are errors at the line that meets them."""
    cloud.create("Plans/there.md", "---\n{broken\n---\nthere\n")
    with cloud.edit() as edit:
        with pytest.raises(VaultError, match="there is no note"):
            edit["Plans/nowhere.md"]
        with pytest.raises(VaultError, match="exists already"):
            edit.create("Plans/there.md")
        with pytest.raises(VaultError, match="exists already"):
            edit.move("Plans/there.md", "Plans/there.md")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("written", [1, 4, 9])
def test_a_kill_in_the_middle_leaves_all_or_nothing(tmp_path: Path, written: int) -> None:
    """A process killed while it writes an edit of twelve notes: then all are edited, or none."""
    keys, root = KeyPlace(tmp_path / "home"), tmp_path / "v"
    init_vault(root, "local_agent", human=True, keys=keys).close()
    paths = [f"Notes/{n:02}.md" for n in range(12)]
    with Vault.open(root) as vault, vault.edit("begin") as edit:
        for path in paths:
            edit.create(path, "old\n")
    child = os.fork()
    if child == 0:
        edit_all(root, paths)
    wait_until(lambda: "new" in text(root / paths[written]), "the edit is being written")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Vault.open(root) as vault:
        assert vault.sync().in_step
        assert len({vault.read(path).data for path in paths}) == 1
        assert {note.data for note in vault.notes("Notes/**")} == {vault.read(paths[0]).data}


def edit_all(root: Path, paths: list[str]) -> None:
    """In a process of its own, which is killed while it is at it."""
    try:
        with Vault.open(root) as vault, vault.edit("all") as edit:
            for path in paths:
                edit[path].body = "new\n"
    finally:
        os._exit(0)
