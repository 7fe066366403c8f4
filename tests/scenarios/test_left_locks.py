"""Locks that a killed git left in the repository: none is in the way for longer than it must be."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk import wait_until
from tests.servers import git
from vaultkit import Vault, init_vault
from vaultkit import daemon as daemon_module
from vaultkit.daemon import watch_vault
from vaultkit.errors import VaultBusy

LOCKS = ("index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "refs/heads/main.lock")


def leave(vault: Path, name: str, *, seconds_ago: float) -> Path:
    """A lock as a killed git leaves it."""
    lock = vault / ".git" / name
    lock.touch()
    then = lock.stat().st_mtime - seconds_ago
    os.utime(lock, (then, then))
    return lock


@contextmanager
def watching(vault: Vault) -> Iterator[None]:
    """`watch` at work in a thread."""
    daemon = watch_vault(vault)
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        yield
    finally:
        daemon.stop()
        thread.join(60)


@pytest.mark.parametrize("name", LOCKS)
def test_watch_clears_a_lock_that_got_old_while_it_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Not only at the start: what is left later goes once it is old; here a minute is made a second."""
    assert daemon_module.RECOVER_SECONDS <= 60
    monkeypatch.setattr(daemon_module, "RECOVER_SECONDS", 1)
    with init_vault(tmp_path, "local_agent", human=True) as vault, watching(vault):
        sync_by_watching(tmp_path, "first.md")
        lock = leave(tmp_path, name, seconds_ago=61)
        wait_until(lambda: not lock.exists(), "the lock is cleared away")
        sync_by_watching(tmp_path, "second.md")


def sync_by_watching(vault: Path, name: str) -> None:
    """A note is committed without a hand."""
    branch = vault / ".git/refs/heads/main"
    before = branch.read_bytes()
    (vault / name).write_text(f"{name}\n")
    wait_until(lambda: branch.read_bytes() != before, f"{name} is committed")


def test_watch_leaves_a_lock_that_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git program may hold it just now."""
    monkeypatch.setattr(daemon_module, "RECOVER_SECONDS", 1)
    with init_vault(tmp_path, "local_agent", human=True) as vault, watching(vault):
        young = leave(tmp_path, "index.lock", seconds_ago=0)
        old = leave(tmp_path, "HEAD.lock", seconds_ago=61)
        wait_until(lambda: not old.exists(), "the old lock is cleared away")
        assert young.exists()


@pytest.mark.parametrize("name", LOCKS)
def test_a_sync_works_beside_every_lock_but_the_branchs_own(tmp_path: Path, name: str) -> None:
    """Only the branch's lock stops a sync, which says so with what to do; once old, it is cleared away."""
    with init_vault(tmp_path, "local_agent", human=True) as vault:
        lock = leave(tmp_path, name, seconds_ago=0)
        (tmp_path / "a.md").write_text("words\n")
        if name == "refs/heads/main.lock":
            with pytest.raises(VaultBusy) as caught:
                vault.sync()
            assert name in caught.value.hint.replace(os.sep, "/")
            leave(tmp_path, name, seconds_ago=61)
            assert vault.recover() == [name]
        assert vault.sync().in_step
        assert (tmp_path / "a.md").read_text() == "words\n"
        assert lock.exists() == (name != "refs/heads/main.lock")


@pytest.mark.real
def test_a_head_lock_in_a_repository_to_be_adopted_is_in_the_way_for_a_minute_only(tmp_path: Path) -> None:
    """`init` has to put the repository on `main`: it waits for a git at work, and clears what one left."""
    git("init", "-q", "-b", "master", tmp_path)
    lock = leave(tmp_path, "HEAD.lock", seconds_ago=0)
    with pytest.raises(VaultBusy) as caught:
        init_vault(tmp_path, "local_agent", human=True)
    assert "HEAD.lock" in caught.value.hint
    leave(tmp_path, "HEAD.lock", seconds_ago=61)
    with init_vault(tmp_path, "local_agent", human=True) as vault:
        assert vault.sync().in_step
    assert not lock.exists()


@pytest.mark.real
@pytest.mark.parametrize("name", ["HEAD.lock", "config.lock"])
def test_an_adopted_repository_is_opened_beside_a_lock(tmp_path: Path, name: str) -> None:
    """Once it is a vault, neither its configuration nor HEAD has to be written any more."""
    git("init", "-q", "-b", "master", tmp_path)
    init_vault(tmp_path, "local_agent", human=True).close()
    leave(tmp_path, name, seconds_ago=0)
    with Vault.open(tmp_path) as vault:
        assert vault.sync().in_step
