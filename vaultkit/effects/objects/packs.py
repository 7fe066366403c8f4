"""Packs: one file for the thousands of notes of an adoption, and a look at sizes inside packs.

A pack begins with the number of its objects, which nobody knows before the last note is read. So
the objects are written as they come, the number is filled in afterwards, and the whole is hashed in
a second reading. Only one note is in memory at a time, beside some 250 bytes per object. Nothing is
visible to any git program before the index stands beside the finished pack.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from dulwich.object_format import SHA1
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, ObjectID
from dulwich.pack import (
    Pack,
    PackFileDisappeared,
    pack_header_chunks,
    pack_object_header,
    write_pack_index_v2,
)

from vaultkit.core.tree import Oid
from vaultkit.effects.objects.durable import discard, put_in_place, sync_folder, temporary_file

COUNT_AT = 8
LONGEST_HEADER = 16

Places = dict[bytes, tuple[int, int]]
"""Offset and checksum of each object, by its hash."""


def write_pack(folder: str, blobs: Iterable[tuple[Oid, bytes]]) -> None:
    """Store `blobs` as one pack in `folder`, durably; if reading them fails, nothing is stored."""
    with temporary_file(folder, "tmp_pack_") as (file, temporary):
        places = _write_objects(file, blobs)
        checksum = _complete(file, len(places))
    if not places:
        return discard(temporary)
    name = os.path.join(folder, f"pack-{checksum.hex()}")
    put_in_place(temporary, f"{name}.pack")
    _write_index(folder, f"{name}.idx", places, checksum)
    return sync_folder(folder)


def _write_objects(file: BinaryIO, blobs: Iterable[tuple[Oid, bytes]]) -> Places:
    places: Places = {}
    at = file.write(b"".join(pack_header_chunks(0)))
    for oid, content in blobs:
        key = bytes.fromhex(oid)
        if key not in places:
            header = pack_object_header(Blob.type_num, None, len(content), SHA1)
            data = bytes(header) + zlib.compress(content)
            places[key] = (at, zlib.crc32(data))
            at += file.write(data)
    return places


def _complete(file: BinaryIO, count: int) -> bytes:
    file.seek(COUNT_AT)
    file.write(struct.pack(">L", count))
    file.seek(0)
    checksum = hashlib.file_digest(file, "sha1").digest()  # type: ignore[arg-type]
    file.seek(0, os.SEEK_END)
    file.write(checksum)
    return checksum


def _write_index(folder: str, path: str, places: Places, checksum: bytes) -> None:
    with temporary_file(folder, "tmp_idx_") as (file, temporary):
        entries = [(key, *places[key]) for key in sorted(places)]
        write_pack_index_v2(file, entries, checksum)
    put_in_place(temporary, path)


def packed_size(store: DiskObjectStore, oid: Oid) -> int | None:
    """The size of a blob that is stored whole in a pack, from its header; None if that cannot tell."""
    for pack in store.packs:
        try:
            return _size_at(pack, pack.index.object_offset(ObjectID(oid.encode())))
        except (KeyError, PackFileDisappeared, FileNotFoundError):
            continue
    return None


def _size_at(pack: Pack, offset: int) -> int | None:
    """Three bits of kind and four of the size, then seven bits of the size a byte, the lowest first."""
    with open(pack.data.path, "rb") as file:
        file.seek(offset)
        header = file.read(LONGEST_HEADER)
    if not header or (header[0] >> 4) & 7 != Blob.type_num:
        return None
    size, at, shift = header[0] & 15, 0, 4
    while header[at] & 0x80:
        at += 1
        size |= (header[at] & 0x7F) << shift
        shift += 7
    return size
