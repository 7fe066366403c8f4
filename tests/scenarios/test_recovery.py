"""Coming back: from a lost state file, a kill in the middle of a write, and a remote that hangs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import git
from vaultkit import Vault, init_vault, join_vault
from vaultkit.bundled import bundled
from vaultkit.core.rules.config import fill_template, write_machine
from vaultkit.driver import Driver
from vaultkit.effects.files import VaultFiles
from vaultkit.errors import VaultBusy
from vaultkit.opening import MACHINE_FILE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (bundled("templates/platinum") / "vaultkit.yaml").read_text("utf-8")
TEMPLATE_POLICY = fill_template(TEMPLATE, "local_agent", "cloud_agent").encode()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Vault, Vault]]:
    remote = str(tmp_path / "r.git")
    local = init_vault(tmp_path / "Local", "local_agent", human=True, remote=remote)
    cloud = join_vault(remote, tmp_path / "Cloud", "cloud_agent")
    local.trust(cloud.pairing_line())
    cloud.sync()
    yield local, cloud
    local.close()
    cloud.close()


def test_a_vault_without_its_state_file_carries_on(pair: tuple[Vault, Vault]) -> None:
    """state.db holds only what can be observed again: deleting it loses nothing and repeats nothing."""
    local, cloud = pair
    (local.root / "a.md").write_text("one\n")
    local.sync()
    (local.root / "b.md").write_text("not sent yet\n")
    local.sync(offline=True)
    local.close()
    for leftover in (local.root / ".vaultkit").glob("state.db*"):
        leftover.unlink()
    (local.root / "a.md").write_text("one\ntwo\n")
    with Vault.open(local.root) as again:
        report = again.sync()
        assert report.in_step
        assert not report.conflicts
    cloud.sync()
    assert (cloud.root / "a.md").read_text() == "one\ntwo\n"
    assert (cloud.root / "b.md").read_text() == "not sent yet\n"


class Killed(BaseException):
    """Stands for a kill -9: nothing after it runs."""


def test_a_kill_in_the_middle_of_writing_looks_like_nothing_that_was_typed(pair: tuple[Vault, Vault]) -> None:
    """Half of what arrived is on the disk when the process dies; the next start completes it."""
    local, cloud = pair
    for n in range(6):
        (local.root / f"{n}.md").write_text(f"from local {n}\n")
    local.sync()
    (cloud.root / "Updates/mine.md").write_text("typed at cloud\n")
    die_after(cloud, steps=3)
    with pytest.raises(Killed):
        cloud.sync()
    cloud.close()
    written = [n for n in range(6) if (cloud.root / f"{n}.md").exists()]
    assert len(written) == 3
    with Vault.open(cloud.root) as again:
        report = again.sync()
        assert report.in_step
        assert not report.conflicts
    assert all((cloud.root / f"{n}.md").read_text() == f"from local {n}\n" for n in range(6))
    local.sync()
    assert (local.root / "Updates/mine.md").read_text() == "typed at cloud\n"
    assert not local.status().violations


def test_a_note_dragged_away_after_a_kill_is_at_one_place(pair: tuple[Vault, Vault]) -> None:
    """What was written before the kill and dragged elsewhere before the restart is not written again."""
    local, cloud = pair
    for n in range(6):
        (local.root / f"{n}.md").write_text(f"from local {n}\n")
    local.sync()
    die_after(cloud, steps=4)
    with pytest.raises(Killed):
        cloud.sync()
    cloud.close()
    for n in range(3):
        (cloud.root / f"{n}.md").rename(cloud.root / f"Updates/{n}.md")
    with (cloud.root / "Updates/1.md").open("a") as note:
        note.write("typed after the drag\n")
    with Vault.open(cloud.root) as again:
        assert again.sync(frozenset(["Updates"])).in_step
    local.sync()
    for root in (local.root, cloud.root):
        # the person's own notes are Local's to move: there the drag is undone, and never doubled
        assert len([path for path in root.rglob("[0-5].md") if "Conflicts" not in path.parts]) == 6


def test_a_kill_between_the_two_names_of_a_note_does_not_make_it_look_shared(tmp_path: Path) -> None:
    """A new note has its temporary name too for a moment; if it ends there, the next write clears it away."""
    files = VaultFiles(str(tmp_path))
    (tmp_path / "note.md").write_bytes(b"one")
    os.link(tmp_path / "note.md", tmp_path / ".vk-0123456789abcdef.tmp")
    assert files.replace("note.md", b"one", b"two")
    assert os.listdir(tmp_path) == ["note.md"]


def test_an_init_that_was_killed_anywhere_is_completed_by_init(tmp_path: Path) -> None:
    """A half-made remote or repository, a note with its temporary name: none is in the next run's way."""
    (tmp_path / ".r.git.new/refs").mkdir(parents=True)
    vault = tmp_path / "Local"
    (vault / ".vaultkit/new-repository/.git").mkdir(parents=True)
    (vault / "vaultkit.yaml").write_bytes(TEMPLATE_POLICY)
    os.link(vault / "vaultkit.yaml", vault / ".vk-0123456789abcdef.tmp")
    init_vault(vault, "local_agent", human=True, remote=str(tmp_path / "r.git")).close()
    assert b"ssh-ed25519" in (vault / "vaultkit.yaml").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["Local", "r.git"]
    with Vault.open(vault) as made:
        assert made.sync().in_step


def test_a_join_that_was_killed_at_once_is_completed_by_join(pair: tuple[Vault, Vault]) -> None:
    """A folder with nothing but the beginnings of a repository is as good as an empty one."""
    local, _ = pair
    root = local.root.parent / "Second"
    (root / ".vaultkit/new-repository/.git").mkdir(parents=True)
    with join_vault(str(local.machine.remote), root, "cloud_agent") as second:
        assert second.sync().in_step


def test_a_lock_left_in_an_adopted_repository_is_in_the_way_for_a_minute_only(tmp_path: Path) -> None:
    """`init` clears away what a killed `init` left, as soon as no git program can be using it any more."""
    git("init", "-q", "-b", "main", tmp_path)
    lock = tmp_path / ".git/config.lock"
    lock.touch()
    with pytest.raises(VaultBusy):
        init_vault(tmp_path, "local_agent", human=True)
    os.utime(lock, (0, 0))
    init_vault(tmp_path, "local_agent", human=True).close()
    assert not lock.exists()


def die_after(vault: Vault, steps: int) -> None:
    """Let the vault's process die after a few writes of the next checkout."""
    driver: Driver = vault._driver
    real = driver._checkout.write_step
    count = 0

    def write(step, sightings):  # type: ignore[no-untyped-def]
        nonlocal count
        if count == steps:
            raise Killed
        count += 1
        return real(step, sightings)

    driver._checkout.write_step = write  # type: ignore[method-assign]


def test_a_stop_is_quick_even_when_the_remote_hangs(tmp_path: Path) -> None:
    """SIGTERM ends `vaultkit watch` within seconds while the remote accepts connections and says nothing."""
    vault = init_vault(tmp_path / "v", "local_agent", human=True)
    vault.close()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/r.git"
        machine = vault.machine.__class__("local_agent", url, vault.machine.hooks, {})
        (vault.root / MACHINE_FILE).write_bytes(write_machine(machine))
        command = [sys.executable, "-m", "vaultkit.cli.main", "-C", str(vault.root), "watch"]
        watch = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT)
        server.settimeout(20)
        connection, _ = server.accept()
        began = time.monotonic()
        watch.send_signal(signal.SIGTERM)
        _, said = watch.communicate(timeout=90)
        connection.close()
    assert watch.returncode == 0
    assert time.monotonic() - began < 15
    assert b"Traceback" not in said
