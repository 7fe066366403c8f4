"""A folder held open, so that what its name means cannot be changed under us.

Where the system has no such handles (Windows), each folder on the way is checked to be no link
instead; that leaves a moment in which it could be swapped, which the caller's zones must cover.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HAS_HANDLES = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE_FLAGS = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class FolderHandle:
    """One open folder: by descriptor where there are such, else by path."""

    def __init__(self, path: str, fd: int | None) -> None:
        self.path = path
        self.fd = fd

    def stat(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(self._name(name), dir_fd=self.fd, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def open(self, name: str, flags: int, mode: int = 0o666) -> int | None:
        """A descriptor; None if there is nothing, or a link."""
        try:
            return os.open(self._name(name), flags | _FILE_FLAGS, mode, dir_fd=self.fd)
        except FileNotFoundError:
            return None
        except OSError:
            info = self.stat(name)
            if info is not None and not stat.S_ISREG(info.st_mode):
                return None
            raise

    def put(self, temporary: str, name: str, before: os.stat_result | None) -> bool:
        """Rename into place if the place still is as it was `before`; False otherwise."""
        if before is None:
            return self._put_new(temporary, name)
        now = self.stat(name)
        if now is None or _identity(now) != _identity(before):
            return False
        os.replace(self._name(temporary), self._name(name), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        return True

    def _put_new(self, temporary: str, name: str) -> bool:
        """A link fails if the name is taken, so a note that has just appeared is not overwritten."""
        try:
            os.link(self._name(temporary), self._name(name), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):
            if self.stat(name) is not None:
                return False
            os.rename(self._name(temporary), self._name(name), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        return True

    def rename(self, old: str, there: FolderHandle, new: str) -> None:
        os.rename(self._name(old), there._name(new), src_dir_fd=self.fd, dst_dir_fd=there.fd)

    def unlink_quietly(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._name(name), dir_fd=self.fd)

    def remove_folder(self, name: str) -> bool:
        try:
            os.rmdir(self._name(name), dir_fd=self.fd)
        except OSError:
            return False
        return True

    def sync(self) -> None:
        if self.fd is not None:
            os.fsync(self.fd)

    def _name(self, name: str) -> str:
        return name if self.fd is not None else os.path.join(self.path, name)


@contextmanager
def open_folder(
    root: str, folder: str, *, create: bool = False, durable: bool = True
) -> Iterator[FolderHandle | None]:
    """The folder, or None if it is not there or any part of the way is a link or a file."""
    handle = _open_root(root)
    try:
        for name in folder.split("/") if folder else ():
            below = _step(handle, name, create=create, durable=durable) if handle else None
            _close(handle)
            handle = below
        yield handle
    finally:
        _close(handle)


def _open_root(root: str) -> FolderHandle | None:
    try:
        return FolderHandle(root, os.open(root, _FOLDER_FLAGS) if HAS_HANDLES else None)
    except FileNotFoundError:
        return None


def _step(handle: FolderHandle, name: str, *, create: bool, durable: bool) -> FolderHandle | None:
    info = handle.stat(name)
    if info is None and create:
        with suppress(FileExistsError):
            os.mkdir(handle._name(name), dir_fd=handle.fd)
        if durable:
            handle.sync()
        info = handle.stat(name)
    if info is None or not stat.S_ISDIR(info.st_mode):
        return None
    path = os.path.join(handle.path, name)
    if not HAS_HANDLES:
        return FolderHandle(path, None)
    try:
        return FolderHandle(path, os.open(name, _FOLDER_FLAGS, dir_fd=handle.fd))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise


def _close(handle: FolderHandle | None) -> None:
    if handle and handle.fd is not None:
        os.close(handle.fd)
        handle.fd = None


def _identity(info: os.stat_result) -> tuple[int, int, int, int]:
    return info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
