"""The vault's folder: read and written so that nothing is ever followed, torn or overwritten unseen.

Each path is opened folder by folder through handles that refuse links, so what a name means cannot
be swapped under us. A new content is written to a hidden file, synced, and renamed into place, after
one more look that the place still holds what was compared. Many contents are written and synced together
(`bulk`), before the first of them is renamed.
"""

from __future__ import annotations

import os
import stat
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

from vaultkit.effects.files.handles import FolderHandle, open_folder
from vaultkit.effects.files.hidden import TEMPORARY, Staged, mode_like, write_hidden
from vaultkit.ports import Item, Kind, Stamp

TRIES_TO_READ = 5
CHUNK = 1 << 20
QUIET_NS = 20_000_000


class VaultFiles:
    """The Disk port over a real folder."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._durable = True
        self._staged = Staged()

    def items(self, folder: str) -> list[Item]:
        with open_folder(self._root, folder) as handle:
            if handle is None:
                return []
            names = os.listdir(handle.fd if handle.fd is not None else handle.path)
            found = (handle.stat(name) for name in names)
            return [_item(name, info) for name, info in zip(names, found, strict=True) if info]

    def item(self, path: str) -> Item | None:
        folder, _, name = path.rpartition("/")
        with open_folder(self._root, folder) as handle:
            info = handle.stat(name) if handle else None
            return _item(name, info) if info else None

    def read(self, path: str, most: int) -> tuple[bytes, Stamp] | None:
        folder, _, name = path.rpartition("/")
        with open_folder(self._root, folder) as handle:
            if handle is None:
                return None
            for _ in range(TRIES_TO_READ):
                _wait_until_quiet(handle.stat(name))
                found = _read_once(handle.open(name, os.O_RDONLY), most, quiet=True)
                if found != "changed":
                    return found
        return None

    def replace(self, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        folder, _, name = path.rpartition("/")
        is_new = expected is None
        with open_folder(self._root, folder, create=is_new, durable=self._durable) as handle:
            if handle is None:
                return None
            before = self._stat(handle, folder, name)
            if not _holds(handle, name, before, expected):
                return None
            if before and new == expected:
                return _stamp(before)
            return self._swap(handle, path, before, new)

    def _stat(self, handle: FolderHandle, folder: str, name: str) -> os.stat_result | None:
        """A second name that a killed write left is cleared away first: it makes a note look shared."""
        info = handle.stat(name)
        if info and info.st_nlink > 1 and self.clear(folder, self.items(folder)):
            return handle.stat(name)
        return info

    def _swap(
        self, handle: FolderHandle, path: str, before: os.stat_result | None, new: bytes
    ) -> Stamp | None:
        name, mode = path.rpartition("/")[2], mode_like(before)
        temporary = self._staged.take(handle, path, new, mode)
        temporary = temporary or write_hidden(handle, new, mode, durable=True)
        if temporary is None:
            return None
        try:
            written = handle.stat(temporary)
            if written is None or not handle.put(temporary, name, before):
                return None
        finally:
            handle.unlink_quietly(temporary)
        if self._durable:
            handle.sync()
        # Whoever drags the note away this very moment drags what was written: that is no failure.
        info = handle.stat(name)
        return _stamp(info if info and info.st_ino == written.st_ino else written)

    def remove(self, path: str, expected: bytes) -> bool:
        folder, _, name = path.rpartition("/")
        with open_folder(self._root, folder) as handle:
            before = self._stat(handle, folder, name) if handle else None
            if handle is None or before is None or not _holds(handle, name, before, expected):
                return False
            handle.unlink_quietly(name)
            if self._durable:
                handle.sync()
        self._remove_empty(folder)
        return True

    def _remove_empty(self, folder: str) -> None:
        """Remove folders that became empty, but none of the vault's own top-level ones."""
        while "/" in folder:
            parent, _, name = folder.rpartition("/")
            with open_folder(self._root, parent) as handle:
                if handle is None or not handle.remove_folder(name):
                    return
            folder = parent

    def rename(self, src: str, dst: str) -> bool:
        start, _, old = src.rpartition("/")
        end, _, new = dst.rpartition("/")
        with open_folder(self._root, start) as here:
            info = here.stat(old) if here else None
            if here is None or info is None or not stat.S_ISREG(info.st_mode):
                return False
            with open_folder(self._root, end, create=True) as there:
                if there is None or there.stat(new):
                    return False
                here.rename(old, there, new)
                there.sync()
                here.sync()
                return True

    def make_folder(self, folder: str) -> None:
        """Make a folder, and those above it, durably; nothing where a link or a file is in the way."""
        with open_folder(self._root, folder, create=True):
            """Opening it makes it."""

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        files = [item.name for item in items if item.kind in (Kind.FILE, Kind.SHARED)]
        left = [name for name in files if name.startswith(TEMPORARY) and name.endswith(".tmp")]
        left = [name for name in left if name not in self._staged.names()] if left else []
        if not left:
            return False
        with open_folder(self._root, folder) as handle:
            for name in left if handle else ():
                handle.unlink_quietly(name)  # type: ignore[union-attr]
        return True

    def keep(self, paths: Iterable[str]) -> None:
        by_folder = defaultdict(list)
        for path in paths:
            folder, _, name = path.rpartition("/")
            by_folder[folder].append(name)
        for folder, names in by_folder.items():
            self._keep_in(folder, names)

    def _keep_in(self, folder: str, names: Iterable[str]) -> None:
        """A folder that is gone was a name in the one above it."""
        with open_folder(self._root, folder) as handle:
            for name in names if handle else ():
                _sync_file(handle.open(name, os.O_RDONLY) if handle else None)
            if handle:
                return handle.sync()
        above, _, name = folder.rpartition("/")
        return self._keep_in(above, [name]) if folder else None

    @contextmanager
    def bulk(self, contents: Iterable[tuple[str, bytes]] = ()) -> Iterator[None]:
        """Two syncs of the system, of all contents and then of all names; without them, one by one."""
        self._durable = not hasattr(os, "sync")
        try:
            if not self._durable:
                self._stage(contents)
            yield
            if not self._durable:
                os.sync()
        finally:
            self._drop_staged()
            self._durable = True

    def _stage(self, contents: Iterable[tuple[str, bytes]]) -> None:
        for path, content in contents:
            folder, _, name = path.rpartition("/")
            with open_folder(self._root, folder, create=True, durable=False) as handle:
                before = handle.stat(name) if handle else None
                if handle and not _holds(handle, name, before, content):
                    self._staged.add(handle, path, content, mode_like(before))
        if self._staged.names():
            os.sync()

    def _drop_staged(self) -> None:
        for path, name in self._staged.drop().items():
            folder = path.rpartition("/")[0]
            with open_folder(self._root, folder) as handle:
                if handle:
                    handle.unlink_quietly(name)
            self._remove_empty(folder)


def _sync_file(fd: int | None) -> None:
    if fd is not None:
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _wait_until_quiet(info: os.stat_result | None) -> None:
    """A change in the same tick of the file system's clock as the one before does not show in `stat`.

    So a note is read only once its last change is older than any such tick; then a change under the
    read shows.
    """
    if info and (left := _unrest(info)):
        time.sleep(left / 1e9)


def _unrest(info: os.stat_result) -> int:
    """How long (nanoseconds) until the last change is old enough. A time in the future tells nothing."""
    age = time.time_ns() - info.st_mtime_ns
    return QUIET_NS - age if 0 <= age < QUIET_NS else 0


def _read_once(
    fd: int | None, most: int, *, quiet: bool = False
) -> tuple[bytes, Stamp] | Literal["changed"] | None:
    """Content and stamp; "changed" if it changed under the read; None if it is no file or too large.

    With `quiet`, what has changed just now counts as changing.
    """
    if fd is None:
        return None
    try:
        before = os.fstat(fd)
        if _kind(before) is not Kind.FILE or before.st_size > most:
            return None
        if quiet and _unrest(before):
            return "changed"
        parts = []
        while chunk := os.read(fd, CHUNK):
            parts.append(chunk)
            if sum(map(len, parts)) > most:
                return None
        data = b"".join(parts)
        same = _stamp(os.fstat(fd)) == _stamp(before) and len(data) == before.st_size
        return (data, _stamp(before)) if same else "changed"
    finally:
        os.close(fd)


def _holds(handle: FolderHandle, name: str, info: os.stat_result | None, expected: bytes | None) -> bool:
    if info is None or expected is None:
        return info is None and expected is None
    if not stat.S_ISREG(info.st_mode) or info.st_size != len(expected):
        return False
    found = _read_once(handle.open(name, os.O_RDONLY), len(expected))
    return isinstance(found, tuple) and found[0] == expected


def _item(name: str, info: os.stat_result) -> Item:
    return Item(name, _kind(info), _stamp(info))


def _kind(info: os.stat_result) -> Kind:
    if stat.S_ISREG(info.st_mode):
        return Kind.FILE if info.st_nlink < 2 else Kind.SHARED
    return Kind.FOLDER if stat.S_ISDIR(info.st_mode) else Kind.OTHER


def _stamp(info: os.stat_result) -> Stamp:
    return Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
