"""Loose objects: one file each, the way the few objects of an ordinary commit are stored.

vaultkit reads and writes them itself. dulwich takes a file that a power cut left empty for the
object, cannot replace it, never syncs a folder, and leaves a lock behind when it is killed, which
blocks that object for ever. Here every object is hashed when it is read: one that does not hash to
its name counts as missing, and is written anew when it is stored again.
"""

from __future__ import annotations

import hashlib
import os
import zlib

from vaultkit.core.tree import Oid
from vaultkit.effects.objects.durable import put_in_place, sync_folder, temporary_file

FASTEST = 1
HEADER_BYTES = 64


class LooseObjects:
    """The loose objects below one `objects` folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._unsynced: set[str] = set()

    def read(self, oid: Oid) -> tuple[str, bytes] | None:
        """The kind and the content; None if it is not there or not whole."""
        try:
            with open(self._path(oid), "rb") as file:
                raw = zlib.decompress(file.read())
        except (FileNotFoundError, zlib.error):
            return None
        if hashlib.sha1(raw, usedforsecurity=False).hexdigest() != oid:
            return None
        header, _, content = raw.partition(b"\0")
        return header.partition(b" ")[0].decode("ascii"), content

    def size(self, oid: Oid, kind: str) -> int | None:
        """The size that the first bytes of the file tell; None if they tell nothing about a `kind`."""
        try:
            with open(self._path(oid), "rb") as file:
                start = zlib.decompressobj().decompress(file.read(HEADER_BYTES), HEADER_BYTES)
        except (FileNotFoundError, zlib.error):
            return None
        name, _, size = start.partition(b"\0")[0].partition(b" ")
        return int(size) if name == kind.encode() and size.isdigit() else None

    def write(self, oid: Oid, kind: str, content: bytes) -> None:
        """Store an object in place of whatever has its name; durable after the next `sync`."""
        path = self._path(oid)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            self._unsynced.add(self._folder)
        with temporary_file(folder, "tmp_obj_") as (file, temporary):
            file.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(content)) + content, FASTEST))
        put_in_place(temporary, path)
        self._unsynced.add(folder)

    def sync(self) -> None:
        """Make the names of all that was written durable, each folder once."""
        for folder in self._unsynced:
            sync_folder(folder)
        self._unsynced.clear()

    def _path(self, oid: Oid) -> str:
        return os.path.join(self._folder, oid[:2], oid[2:])
