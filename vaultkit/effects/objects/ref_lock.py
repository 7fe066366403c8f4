"""Git's lock on a ref, taken so that one whose holder was killed can be told from one in use.

Git takes a ref by creating `main.lock` beside it. Whoever is killed then leaves it there, and the branch
stays locked for ever. Here that file is a second name of another one, the *twin*, on which its maker
holds a lock of the operating system, and that ends when the maker does, however it ends. So a lock
with a twin that nobody holds any more was left behind, and the next one who wants it clears it away:
at once, in a repository that several vaults push to just as in a vault's own.

Where a file can have no second name, the lock is made as git makes it, and only its age tells.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from vaultkit.durable import make_folders, sync

if sys.platform != "win32":
    import fcntl

TWIN = f"vaultkit-{re.sub(r'[^A-Za-z0-9]', '-', platform.node())[:64]}-"
"""How twins made on this machine are named; a lock of another machine's system does not show here."""

ORPHAN_SECONDS = 60.0
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_THERE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class LockTaken(Exception):
    """Another program holds the lock file `lock`."""

    def __init__(self, lock: str) -> None:
        super().__init__(lock)
        self.lock = lock


class RefLock:
    """A ref while it is held; it changes only by `write`."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def write(self, content: bytes) -> None:
        """Replace the ref's content, durably; that lets go of it."""
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())
        if sys.platform == "win32":
            self._file.close()  # an open file is not renamed there
        os.replace(f"{self._path}.lock", self._path)
        sync(os.path.dirname(self._path))


@contextmanager
def lock_ref(repository: str, path: str) -> Iterator[RefLock]:
    """Hold the ref whose file is `path`, in `repository`. Raises LockTaken while somebody else does."""
    make_folders(os.path.dirname(path))
    lock = f"{path}.lock"
    _clear_abandoned(repository, lock)
    with _open_twin(repository) as (file, twin):
        if _give_second_name(twin, lock):
            with _letting_go(lock, file):
                yield RefLock(path, file)
            return
    with _create(lock) as file, _letting_go(lock, file):
        yield RefLock(path, file)


def _create(path: str) -> BinaryIO:
    try:
        return os.fdopen(os.open(path, _NEW, 0o666), "wb")
    except FileExistsError as error:
        raise LockTaken(path) from error


@contextmanager
def _open_twin(repository: str) -> Iterator[tuple[BinaryIO, str]]:
    """A file that this process holds, as long as the block lasts."""
    path = os.path.join(repository, TWIN + secrets.token_hex(8))
    with _create(path) as file:
        _hold(file.fileno())
        try:
            yield file, path
        finally:
            if sys.platform == "win32":
                file.close()  # an open file is not removed there
            _remove(path)


def _give_second_name(twin: str, lock: str) -> bool:
    """Take the lock as the second name of `twin`; False where there can be none."""
    if sys.platform == "win32":
        return False
    try:
        os.link(twin, lock)
    except FileExistsError as error:
        raise LockTaken(lock) from error
    except OSError:
        return False
    return True


@contextmanager
def _letting_go(lock: str, file: BinaryIO) -> Iterator[None]:
    """Afterwards the lock is removed, unless the ref's `write` has let go of it already."""
    mark = os.fstat(file.fileno())
    try:
        yield
    finally:
        if sys.platform == "win32":
            file.close()
        if _is(mark, lock):
            _remove(lock)


def _clear_abandoned(repository: str, lock: str) -> None:
    """Remove the lock if its maker is dead, and what else such a one left."""
    for name in os.listdir(repository):
        if name.startswith(TWIN):
            _clear_if_abandoned(os.path.join(repository, name), lock)


def _clear_if_abandoned(twin: str, lock: str) -> None:
    try:
        handle = os.open(twin, _THERE)
    except OSError:
        return
    try:
        if not _hold(handle):
            return
        if _is(os.fstat(handle), lock):
            _remove(lock)
        elif time.time() - os.fstat(handle).st_mtime < ORPHAN_SECONDS:
            return  # just made, and about to be held
        _remove(twin)
    finally:
        os.close(handle)


def _hold(handle: int) -> bool:
    """Hold the open file as long as it is open; False if somebody else does, or nobody can."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is(file: os.stat_result, path: str) -> bool:
    """Is that what stands at `path`?"""
    try:
        return os.path.samestat(os.lstat(path), file)
    except FileNotFoundError:
        return False


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
