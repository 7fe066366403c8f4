"""Writing packs: one file for the thousands of notes of an adoption or a large fetch.

A pack begins with the number of its objects, which nobody knows before the last note is read. So
the objects are written as they come, the number is filled in afterwards, and the whole is hashed in
a second reading. Only one content is in memory at a time, beside some 130 bytes per object. Nothing is
visible to any git program before the index stands beside the finished pack.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable
from typing import BinaryIO

from vaultkit.core.git.pack_format import NUMBERS, entry_head, pack_head
from vaultkit.durable import sync
from vaultkit.effects.objects.durable import (
    Access,
    discard,
    put_in_place,
    share,
    temporary_file,
)
from vaultkit.effects.objects.pack_index import Places


class PackWriter:
    """A pack being written into `file`. `at` is where the next entry will begin."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.places = Places()
        self.at = file.write(pack_head(0))

    def add(self, name: bytes, head: bytes, compressed: Iterable[bytes]) -> None:
        """Add the entry for the object `name`, which is not in the pack yet."""
        start, crc = self.at, 0
        for piece in (head, *compressed):
            crc = zlib.crc32(piece, crc)
            self.at += self._file.write(piece)
        self.places.add(name, start, crc)

    def add_whole(self, name: bytes, kind: str, content: bytes) -> None:
        """Add an object as it is."""
        self.add(name, entry_head(NUMBERS[kind], len(content)), [zlib.compress(content)])

    def complete(self) -> bytes:
        """Fill in the number of objects and end the pack with its hash, which is returned."""
        self._file.seek(0)
        self._file.write(pack_head(len(self.places)))
        self._file.seek(0)
        checksum = hashlib.file_digest(self._file, "sha1").digest()  # type: ignore[arg-type]
        self._file.seek(0, os.SEEK_END)
        self._file.write(checksum)
        return checksum


def write_pack(folder: str, fill: Callable[[PackWriter], None], access: Access = None) -> None:
    """Store what `fill` adds as one pack in `folder`, durably; if that fails, nothing is stored."""
    if not os.path.isdir(folder):
        os.makedirs(folder, exist_ok=True)
        share(folder, access)
    with temporary_file(folder, "tmp_pack_", access) as (file, temporary):
        writer = PackWriter(file)
        fill(writer)
        checksum = writer.complete()
    if not writer.places:
        return discard(temporary)
    name = os.path.join(folder, f"pack-{checksum.hex()}")
    put_in_place(temporary, f"{name}.pack")
    with temporary_file(folder, "tmp_idx_", access) as (file, temporary):
        writer.places.write_index(file, checksum)
    put_in_place(temporary, f"{name}.idx")
    return sync(folder)
