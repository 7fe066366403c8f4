"""Loose objects: one file each, the way the few objects of an ordinary commit are stored.

vaultkit reads and writes them itself. dulwich takes a file that a power cut left empty for the
object, cannot replace it, never syncs a folder, and leaves a lock behind when it is killed, which
blocks that object for ever. Here every object is hashed when it is read: one that does not hash to
its name counts as missing, and is written anew when it is stored again.

In a shared folder anybody may have put the file there. So only a regular file is opened, and it is
inflated up to the size that its first bytes tell, if an object of its kind may be that large.
"""

from __future__ import annotations

import os
import re
import threading
import zlib
from io import FileIO

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.inflate import PIECE, Inflation
from vaultkit.core.git.tree import Oid
from vaultkit.durable import sync
from vaultkit.effects.objects.durable import Access, put_in_place, share, temporary_file
from vaultkit.effects.objects.regular_file import open_regular
from vaultkit.ports import Weight

FASTEST = 1
FIRST = 4096
_HEADER = re.compile(rb"(blob|tree|commit|tag) (0|[1-9][0-9]{0,18})\0")
_HEADER_BYTES = 32


class LooseObjects:
    """The loose objects below one `objects` folder. `access` is for the others who share it."""

    def __init__(self, folder: str, access: Access = None) -> None:
        self._folder = folder
        self._access = access
        self._unsynced: set[str] = set()
        self._lock = threading.Lock()

    def read(self, oid: Oid) -> tuple[str, bytes] | None:
        """The kind and the content; None if it is not there, not whole, or too large to read."""
        file = open_regular(self._path(oid))
        if file is None:
            return None
        with file:
            found = _read(file)
        return found if found and object_id(*found) == oid else None

    def weigh(self, oid: Oid) -> Weight | None:
        """The kind and the size that the first bytes of the file tell; None if they tell nothing."""
        file = open_regular(self._path(oid))
        if file is None:
            return None
        with file:
            header = _header(file.read(FIRST))
        return header[0] if header else None

    def write(self, oid: Oid, kind: str, content: bytes) -> None:
        """Store an object in place of whatever has its name; durable after the next `sync`."""
        path = self._path(oid)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            share(folder, self._access)
            self._must_sync(self._folder)
        with temporary_file(folder, "tmp_obj_", self._access) as (file, temporary):
            packer = zlib.compressobj(FASTEST)
            file.write(packer.compress(b"%s %d\0" % (kind.encode(), len(content))))
            file.write(packer.compress(content))
            file.write(packer.flush())
        put_in_place(temporary, path)
        self._must_sync(folder)

    def sync(self) -> None:
        """Make the names of all that was written durable, each folder once; also what other threads wrote."""
        with self._lock:
            for folder in self._unsynced:
                sync(folder)
            self._unsynced.clear()

    def _must_sync(self, folder: str) -> None:
        with self._lock:
            self._unsynced.add(folder)

    def _path(self, oid: Oid) -> str:
        return os.path.join(self._folder, oid[:2], oid[2:])


def _header(start: bytes) -> tuple[Weight, int] | None:
    """Kind and size by the first bytes of a file, and the length of the header when inflated."""
    try:
        header = _HEADER.match(zlib.decompressobj().decompress(start, _HEADER_BYTES))
    except zlib.error:
        return None
    return (Weight(header[1].decode("ascii"), int(header[2])), header.end()) if header else None


def _read(file: FileIO) -> tuple[str, bytes] | None:
    start = file.read(FIRST)
    header = _header(start)
    if header is None or header[0].size > LARGEST[header[0].kind]:
        return None
    stream = Inflation(lambda: file.read(PIECE), start, header[0].size)
    try:
        stream.take(header[1])
        content = stream.take(header[0].size)
        stream.end()
    except ValueError:
        return None
    return header[0].kind, content
