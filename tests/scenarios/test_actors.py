"""Several programs that work as one agent: who did what, and whose task it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, drag, run, text
from vaultkit import AlreadyClaimed, KeyPlace, UsageError, Vault, init_vault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = KeyPlace(tmp_path / "home")
    init_vault(tmp_path / "v", "local_agent", human=True, keys=keys).close()
    return tmp_path / "v"


def test_each_commit_tells_which_program_made_it(folder: Path) -> None:
    """The actor given to `open`, and to a command by option or environment, is in commit and log."""
    with Vault.open(folder, actor="mailer") as vault:
        vault.create("Needs_Action/a.md", "A.\n")
        assert [entry.actor for entry in vault.history()] == ["mailer", ""]
    assert run(folder, "--actor", "hand", "claim", "a.md").returncode == 0
    assert run(folder, "done", "a.md", VAULTKIT_ACTOR="env").returncode == 0
    with Vault.open(folder) as vault:
        assert [entry.actor for entry in vault.history()] == ["env", "hand", "mailer", ""]
    told = run(folder, "log").stdout
    assert "local_agent (hand)" in told
    assert "local_agent (mailer)" in told


@pytest.mark.parametrize("actor", ["two\nlines", "x" * 65, " led", "a\tb", "\x1b[31m"])
def test_an_actor_is_one_short_line(folder: Path, actor: str) -> None:
    """A name that could break a commit message or a terminal is refused before anything is opened."""
    with pytest.raises(UsageError, match="cannot be an actor's name"):
        Vault.open(folder, actor=actor)


def test_what_one_program_claimed_is_not_the_others(folder: Path) -> None:
    """Two actors of one agent race for a task in one vault: one has it, the other is told by whom."""
    with Vault.open(folder, actor="one") as one, Vault.open(folder, actor="two") as two:
        one.create("Needs_Action/a.md", "A.\n")
        path = str(one.claim("Needs_Action/a.md"))
        assert "actor: one" in text(folder / path)
        with pytest.raises(AlreadyClaimed) as lost:
            two.claim("a.md")
        assert lost.value.by == "one"
        assert str(one.claim("a.md")) == path


def test_a_task_that_a_person_handed_out_goes_to_the_first_who_asks(folder: Path) -> None:
    """A drag into the agent's folder names no program; the first one to claim it writes its name into it."""
    with Vault.open(folder, actor="one") as one, Vault.open(folder, actor="two") as two:
        one.create("Needs_Action/a.md", "A.\n")
        drag(folder, "Needs_Action/a.md", "In_Progress/local_agent/a.md")
        with Vault.open(folder) as person:
            person.sync()
        assert "actor" not in text(folder / "In_Progress/local_agent/a.md")
        two.claim("a.md")
        with pytest.raises(AlreadyClaimed):
            one.claim("a.md")


def test_an_actor_travels_and_proves_nothing(tmp_path: Path) -> None:
    """The other machine's log names the program too, beside the agent whose key signed."""
    with Desk(tmp_path) as desk:
        with Vault.open(desk.cloud, actor="mailer") as cloud:
            cloud.create("Needs_Action/a.md", "A.\n")
        with Vault.open(desk.local) as local:
            local.sync()
            entry = next(local.history())
            assert (entry.signer, entry.actor) == ("cloud_agent", "mailer")
