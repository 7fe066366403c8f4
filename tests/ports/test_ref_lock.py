"""Git's lock on a branch: one that a killed process left is told from one that is in use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vaultkit.effects.objects.ref_lock import TWIN, LockTaken, lock_ref

posix = pytest.mark.skipif(os.name != "posix", reason="elsewhere a lock is known by its age only")


def lines(path: Path) -> str:
    return path.read_text("ascii")


def twins(repository: Path) -> list[str]:
    return [name for name in os.listdir(repository) if name.startswith(TWIN)]


def hold_and_die(repository: Path, *, moves: bool = False) -> None:
    """Another process takes the lock, perhaps moves the ref, and is killed in the middle."""
    program = f"""
        import os, signal
        from vaultkit.effects.objects import ref_lock
        ref_lock.sync = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
        with ref_lock.lock_ref({str(repository)!r}, {str(repository / "main")!r}) as lock:
            if {moves}:
                lock.write(b"moved")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_ref_is_replaced_whole_and_the_lock_is_gone(tmp_path: Path) -> None:
    """While it is held git sees its own lock file; afterwards nothing is left but the ref."""
    with lock_ref(str(tmp_path), str(tmp_path / "refs/heads/main")) as lock:
        assert (tmp_path / "refs/heads/main.lock").exists()
        lock.write(b"new\n")
    assert lines(tmp_path / "refs/heads/main") == "new\n"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["main"]


def test_a_ref_that_is_not_written_stays(tmp_path: Path) -> None:
    """Holding a ref changes nothing, and leaves nothing behind."""
    (tmp_path / "main").write_text("old\n")
    with lock_ref(str(tmp_path), str(tmp_path / "main")):
        pass
    assert lines(tmp_path / "main") == "old\n"
    assert os.listdir(tmp_path) == ["main"]


def test_a_lock_that_is_held_is_refused_to_others(tmp_path: Path) -> None:
    """Two holders at once are impossible, also within one process."""
    path = str(tmp_path / "main")
    with lock_ref(str(tmp_path), path):
        with pytest.raises(LockTaken), lock_ref(str(tmp_path), path):
            pass
        assert (tmp_path / "main.lock").exists()


def test_a_lock_of_git_is_never_cleared_away(tmp_path: Path) -> None:
    """A lock that another program made may be in use, so it stays."""
    (tmp_path / "main.lock").write_text("")
    with pytest.raises(LockTaken), lock_ref(str(tmp_path), str(tmp_path / "main")):
        pass
    assert (tmp_path / "main.lock").exists()
    assert twins(tmp_path) == []


@posix
def test_a_lock_whose_holder_was_killed_is_cleared_away_at_once(tmp_path: Path) -> None:
    """A branch is not blocked by the dead: the next one takes it without waiting, in any repository."""
    hold_and_die(tmp_path)
    assert (tmp_path / "main.lock").exists()
    with lock_ref(str(tmp_path), str(tmp_path / "main")) as lock:
        lock.write(b"next")
    assert os.listdir(tmp_path) == ["main"]
    assert lines(tmp_path / "main") == "next"


@posix
def test_what_a_holder_left_who_was_killed_after_the_move_is_cleared_away_later(tmp_path: Path) -> None:
    """The second name of a ref that was moved harms nobody, and goes once it is certainly abandoned."""
    hold_and_die(tmp_path, moves=True)
    assert lines(tmp_path / "main") == "moved"
    with lock_ref(str(tmp_path), str(tmp_path / "main")):
        assert len(twins(tmp_path)) == 2
    os.utime(tmp_path / twins(tmp_path)[0], (0, 0))
    with lock_ref(str(tmp_path), str(tmp_path / "main")):
        assert len(twins(tmp_path)) == 1
    assert os.listdir(tmp_path) == ["main"]


@posix
def test_where_a_file_can_have_one_name_only_the_lock_is_made_as_git_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system without hard links the branch moves all the same."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    path = str(tmp_path / "main")
    with lock_ref(str(tmp_path), path) as lock:
        assert not twins(tmp_path)
        with pytest.raises(LockTaken), lock_ref(str(tmp_path), path):
            pass
        lock.write(b"new")
    assert os.listdir(tmp_path) == ["main"]
