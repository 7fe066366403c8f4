"""Contents under hidden names beside their places, written before anything is renamed into place.

Many of them are written first and made durable by one sync of the system. So a place never has a name
whose content a power cut could take, and yet not every note costs a sync of its own.
"""

from __future__ import annotations

import os
import secrets
import stat
from hashlib import sha256

from vaultkit.effects.files.handles import FolderHandle

TEMPORARY = ".vk-"


def write_hidden(handle: FolderHandle, content: bytes, mode: int, *, durable: bool) -> str | None:
    """The hidden name that the content has from now on; None if the folder does not take it."""
    name = f"{TEMPORARY}{secrets.token_hex(8)}.tmp"
    fd = handle.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    if fd is None:
        return None
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    except BaseException:
        handle.unlink_quietly(name)
        raise
    return name


def mode_like(before: os.stat_result | None) -> int:
    """What a note may be read and written by: as the one it replaces."""
    return stat.S_IMODE(before.st_mode) if before else 0o666


class Staged:
    """What was written beforehand, by path, until it is taken or dropped."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[str, bytes, int]] = {}

    def add(self, handle: FolderHandle, path: str, content: bytes, mode: int) -> None:
        """Write it; durable it is only after the next sync of the system."""
        name = write_hidden(handle, content, mode, durable=False)
        if name:
            self._left[path] = name, sha256(content).digest(), mode

    def take(self, handle: FolderHandle, path: str, content: bytes, mode: int) -> str | None:
        """The hidden name of what was staged for `path`, if it is this and still there."""
        name, digest, had = self._left.get(path, ("", b"", 0))
        if had != mode or digest != sha256(content).digest() or handle.stat(name) is None:
            return None
        del self._left[path]
        return name

    def names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self._left.values())

    def drop(self) -> dict[str, str]:
        """Forget what is left; its hidden names by path."""
        left, self._left = {path: name for path, (name, _, _) in self._left.items()}, {}
        return left
