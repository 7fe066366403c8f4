"""The Watcher port over a real folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaultkit.effects.watcher import FolderWatcher
from vaultkit.ports import Hint


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
    assert watcher.wait(30)
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
