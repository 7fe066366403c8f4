"""The Watcher port: one suite for a real folder and the one in memory, then what only the system shows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaultkit.effects.watcher import FolderWatcher
from vaultkit.memory.watcher import MemoryWatcher
from vaultkit.ports import Hint, Watcher

Change = Callable[[str], None]


@pytest.fixture(params=["real", "memory"])
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Watcher, Change]]:
    """A watcher that was not started yet, and how to change a note where it watches."""
    memory, real = MemoryWatcher(), FolderWatcher(str(tmp_path))
    if request.param == "memory":
        yield memory, lambda path: memory.tell(Hint(path))
        return
    yield real, lambda path: (tmp_path / path).write_text("x") and None
    real.stop()


def test_a_change_is_a_hint_once(watched: tuple[Watcher, Change]) -> None:
    """It ends the wait, says where to look, and is gone once it was taken."""
    watcher, change = watched
    watcher.start()
    change("a.md")
    assert watcher.wait(90)
    assert Hint("a.md") in until(watcher, "a.md")
    settle(watcher)
    assert not watcher.wait(0.05)
    assert watcher.drain() == []


def test_many_changes_of_a_note_are_few_hints(watched: tuple[Watcher, Change]) -> None:
    """However often one note changes, it is one place to look at."""
    watcher, change = watched
    watcher.start()
    for path in ("a.md", "b.md", "a.md", "a.md"):
        change(path)
    assert {hint.path for hint in until(watcher, "b.md")} <= {"a.md", "b.md"}


def test_a_wait_without_a_hint_ends_by_itself(watched: tuple[Watcher, Change]) -> None:
    """False says that there is none; it takes no longer than it may."""
    watcher, _ = watched
    watcher.start()
    settle(watcher)
    began = time.monotonic()
    assert not watcher.wait(0.05)
    assert time.monotonic() - began < 20


def test_a_wake_ends_one_wait(watched: tuple[Watcher, Change]) -> None:
    """The next wait returns at once, though there is nothing to look at; after a drain it is over."""
    watcher, _ = watched
    watcher.start()
    settle(watcher)
    watcher.wake()
    assert watcher.wait(90)
    assert watcher.drain() == []
    assert not watcher.wait(0.05)


def test_it_is_alive_from_start_to_stop_and_may_be_started_again(watched: tuple[Watcher, Change]) -> None:
    """Who asks whether it watches is told; stopping twice, or before a start, is no error."""
    watcher, change = watched
    watcher.stop()
    for _ in range(2):
        assert not watcher.alive()
        watcher.start()
        assert watcher.alive()
        change("a.md")
        assert until(watcher, "a.md")
        watcher.stop()
    watcher.stop()
    assert not watcher.alive()


def test_nothing_is_heard_while_it_does_not_watch(watched: tuple[Watcher, Change]) -> None:
    """What changes before a start or after a stop is for the scan to find."""
    watcher, change = watched
    change("before.md")
    time.sleep(0.05)
    watcher.start()
    settle(watcher)
    watcher.stop()
    change("after.md")
    time.sleep(0.05)
    assert watcher.drain() == []


def until(watcher: Watcher, path: str) -> list[Hint]:
    """All hints up to the one for `path`."""
    found: list[Hint] = []
    end = time.monotonic() + 90
    while Hint(path) not in found:
        assert time.monotonic() < end
        watcher.wait(0.5)
        found += (hints := watcher.drain())
        assert len(hints) == len(set(hints))
    return found


def settle(watcher: Watcher) -> None:
    """Take hints, until none comes for a while."""
    while watcher.wait(0.2):
        watcher.drain()


# Over a real folder


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[FolderWatcher]:
    (tmp_path / "Old").mkdir()
    watching = FolderWatcher(str(tmp_path))
    watching.start()
    yield watching
    watching.stop()


def hinted(watcher: FolderWatcher, path: str) -> bool:
    """Does a hint for `path`, or for a folder that holds it, come within a few seconds?"""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        watcher.wait(0.5)
        for hint in watcher.drain():
            if hint.everything or path == hint.path or path.startswith(hint.path + "/"):
                return True
    return False


def test_each_way_a_note_changes_gives_a_hint(watcher: FolderWatcher, tmp_path: Path) -> None:
    """Creating, saving in place, renaming and deleting are all noticed, at both ends of a rename."""
    note = tmp_path / "Old/a.md"
    note.write_text("1")
    assert hinted(watcher, "Old/a.md")
    note.write_text("2")
    assert hinted(watcher, "Old/a.md")
    note.rename(tmp_path / "Old/b.md")
    assert hinted(watcher, "Old/b.md")
    os.replace(tmp_path / "Old/b.md", tmp_path / "c.md")
    assert hinted(watcher, "c.md")
    (tmp_path / "c.md").unlink()
    assert hinted(watcher, "c.md")


def test_a_folder_moved_in_with_its_notes_is_noticed(watcher: FolderWatcher, tmp_path: Path) -> None:
    """Files that came with a new folder may get no event of their own; the folder does."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "x.md").write_text("x")
    outside.rename(tmp_path / "New")
    assert hinted(watcher, "New/x.md")


def test_hidden_folders_and_our_own_files_give_no_hint(watcher: FolderWatcher, tmp_path: Path) -> None:
    """What happens below `.git` or in our temporary files is nobody's business; a `.env` is."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x").write_text("x")
    (tmp_path / ".vk-1.tmp").write_text("x")
    (tmp_path / ".env").write_text("x")
    assert hinted(watcher, ".env")
    assert not [hint for hint in watcher.drain() if hint.path.startswith((".git", ".vk"))]


def test_a_remote_on_a_local_path_is_noticed(tmp_path: Path) -> None:
    """When somebody moves the branch of a local bare remote, there is a hint to look there."""
    (tmp_path / "vault").mkdir()
    heads = tmp_path / "remote.git/refs/heads"
    heads.mkdir(parents=True)
    watcher = FolderWatcher(str(tmp_path / "vault"), str(tmp_path / "remote.git"))
    watcher.start()
    try:
        (heads / "main.lock").write_text("x")
        (heads / "main.lock").rename(heads / "main")
        end = time.monotonic() + 10
        found: list[Hint] = []
        while not any(hint.remote for hint in found):
            assert time.monotonic() < end
            watcher.wait(0.5)
            found += watcher.drain()
    finally:
        watcher.stop()


def test_a_flood_becomes_one_hint(tmp_path: Path) -> None:
    """More changes than are worth naming are one hint to look everywhere."""
    watcher = FolderWatcher(str(tmp_path))
    for n in range(20_001):
        watcher._changed(str(Path(watcher._root, f"{n}.md")))
    assert watcher.drain() == [Hint(everything=True)]


def test_a_wake_ends_a_wait_and_a_stopped_watcher_is_not_alive(watcher: FolderWatcher) -> None:
    """A signal handler can end the wait; after stop the watcher says that it watches no more."""
    assert watcher.alive()
    watcher.wake()
    assert watcher.wait(90)
    watcher.stop()
    assert not watcher.alive()


def test_a_folder_that_vanished_is_reported(tmp_path: Path) -> None:
    """When the vault's folder is gone, the watcher does not pretend to watch."""
    root = tmp_path / "v"
    root.mkdir()
    watcher = FolderWatcher(str(root))
    watcher.start()
    root.rmdir()
    assert not watcher.alive()
    watcher.stop()
