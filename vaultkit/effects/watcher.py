"""Hints from the operating system, through watchdog.

Its handlers run in a thread that an exception would end for good, so they only put paths into a set.
Opening and closing without writing is filtered at the source: in a vault with thousands of folders
those events alone overflow the system's queue. Whatever goes wrong here costs speed, never a change:
the scan finds it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from vaultkit.ports import Hint

MOST_PATHS = 20_000
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]


class FolderWatcher:
    """The Watcher port over a folder, and over a remote on a local path if there is one."""

    def __init__(self, root: str, remote: str | None = None) -> None:
        self._root = os.path.realpath(root)
        self._remote = remote
        self._observer: BaseObserver | None = None
        self._condition = threading.Condition()
        self._paths: set[str] = set()
        self._everything = self._remote_moved = self._woken = False
        self.problem = ""

    def start(self) -> None:
        """Begin; if the system cannot watch, `alive` stays False and `problem` says what to do."""
        observer = Observer()
        try:
            observer.schedule(_Handler(self._changed), self._root, recursive=True, event_filter=EVENTS)
            for folder in self._remote_folders():
                observer.schedule(_Handler(self._remote_changed), folder, event_filter=EVENTS)
            observer.start()
        except OSError as error:
            self.problem = f"the folder cannot be watched ({error}); raise fs.inotify.max_user_watches"
            return
        self._observer, self.problem = observer, ""

    def _remote_folders(self) -> list[str]:
        inside = [self._remote or "", os.path.join(self._remote or "", ".git")]
        folders = [folder for base in inside for folder in (base, os.path.join(base, "refs", "heads"))]
        return [folder for folder in folders if self._remote and os.path.isdir(folder)]

    def drain(self) -> list[Hint]:
        with self._condition:
            hints = [Hint(path) for path in sorted(self._paths)]
            if self._everything:
                hints.append(Hint(everything=True))
            if self._remote_moved:
                hints.append(Hint(remote=True))
            self._paths.clear()
            self._everything = self._remote_moved = self._woken = False
            return hints

    def wait(self, seconds: float) -> bool:
        with self._condition:
            self._condition.wait_for(self._is_hinted, timeout=seconds)
            return self._is_hinted()

    def _is_hinted(self) -> bool:
        return bool(self._paths) or self._everything or self._remote_moved or self._woken

    def wake(self) -> None:
        # A signal handler may interrupt the very thread that holds the condition: never wait for it here.
        self._woken = True
        if self._condition.acquire(blocking=False):
            self._condition.notify_all()
            self._condition.release()

    def alive(self) -> bool:
        observer = self._observer
        if observer is None or not observer.is_alive() or not os.path.isdir(self._root):
            return False
        return all(emitter.is_alive() for emitter in observer.emitters)

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer:
            observer.stop()
            observer.join(5)

    def _changed(self, path: str) -> None:
        relative = os.path.relpath(path, self._root).replace(os.sep, "/")
        if relative == ".":
            self._hint(everything=True)
        elif not _is_private(relative):
            self._hint(relative)

    def _remote_changed(self, path: str) -> None:
        if not path.endswith(".lock") and os.path.basename(path) in ("main", "packed-refs"):
            with self._condition:
                self._remote_moved = True
                self._condition.notify_all()

    def _hint(self, path: str = "", *, everything: bool = False) -> None:
        with self._condition:
            if everything or len(self._paths) >= MOST_PATHS:
                self._everything = True
                self._paths.clear()
            elif not self._everything:
                self._paths.add(path)
            self._condition.notify_all()


def _is_private(path: str) -> bool:
    """Below a hidden folder, or one of our own temporary files? A hidden file itself is worth a look."""
    *folders, name = path.split("/")
    return any(folder.startswith(".") for folder in folders) or name.startswith((".vk-", ".git"))


class _Handler(FileSystemEventHandler):
    """Passes on the paths of an event, both ends of a move."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._changed(os.fsdecode(path))
