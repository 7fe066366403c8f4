"""The format of packs, as far as single bytes go: the pack's head, and the head of each entry.

An entry is an object as it is, or a difference from another entry: one that lies so many bytes
before it (`OFS_DELTA`) or one with a certain hash (`REF_DELTA`). A pack ends with its own hash.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from vaultkit.core.git.tree import Oid

KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
NUMBERS = {kind: number for number, kind in KINDS.items()}
OFS_DELTA, REF_DELTA = 6, 7

HASH_BYTES = 20
PACK_HEAD = struct.Struct(">4sLL")
LONGEST_HEAD = 32
SMALLEST_ENTRY = 9
"""One byte of head, and eight of the shortest compressed data there is."""

_MOST_SIZE_BITS = 63


class Head(NamedTuple):
    """The first bytes of an entry: what it is, how large it is when inflated, and how long the head is.

    `distance` (bytes back) or `name` (a hash) is the base of a difference.
    """

    number: int
    size: int
    length: int
    distance: int = 0
    name: bytes = b""


def pack_head(count: int) -> bytes:
    """The beginning of a pack of `count` objects."""
    return PACK_HEAD.pack(b"PACK", 2, count)


def read_pack_head(data: bytes, pack_bytes: int) -> int:
    """How many objects a pack of `pack_bytes` begins by promising; ValueError if it cannot hold them."""
    if len(data) < PACK_HEAD.size:
        raise ValueError("it is shorter than its own head")
    signature, version, count = PACK_HEAD.unpack_from(data)
    if signature != b"PACK" or version not in (2, 3):
        raise ValueError("it does not begin like a pack")
    if count * SMALLEST_ENTRY > pack_bytes - PACK_HEAD.size - HASH_BYTES:
        raise ValueError(f"it promises {count} objects, which it is too short for")
    return int(count)


def read_head(data: bytes) -> Head:
    """The head of the entry that `data` begins with; ValueError for what is none."""
    try:
        number, size, at = _read_number_and_size(data)
        if number in KINDS:
            return Head(number, size, at)
        if number == OFS_DELTA:
            distance, at = _read_distance(data, at)
            return Head(number, size, at, distance)
    except IndexError as error:
        raise ValueError("it ends inside the head of an entry") from error
    name = data[at : at + HASH_BYTES]
    if number != REF_DELTA or len(name) < HASH_BYTES:
        raise ValueError("an entry in it is of no known kind")
    return Head(number, size, at + HASH_BYTES, name=name)


def entry_head(number: int, size: int, distance: int = 0, name: bytes = b"") -> bytes:
    """The head of an entry, the reverse of `read_head`."""
    first, size = number << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    head.append(first)
    return bytes(head) + (_write_distance(distance) if distance else name)


def _read_number_and_size(data: bytes) -> tuple[int, int, int]:
    """Three bits of kind and four of the size, then seven bits of the size a byte, the lowest first."""
    byte = data[0]
    number, size, at, shift = byte >> 4 & 7, byte & 15, 1, 4
    while byte & 0x80:
        byte = data[at]
        size |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if shift > _MOST_SIZE_BITS:
            raise ValueError("an entry in it has an impossible size")
    return number, size, at


def _read_distance(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the highest first, and one more for each byte that follows."""
    byte = data[at]
    distance = byte & 0x7F
    at += 1
    while byte & 0x80:
        byte = data[at]
        distance = (distance + 1) << 7 | byte & 0x7F
        at += 1
        if distance >> _MOST_SIZE_BITS:
            raise ValueError("an entry in it lies impossibly far from its base")
    return distance, at


def _write_distance(distance: int) -> bytes:
    written = bytearray([distance & 0x7F])
    while distance := distance >> 7:
        distance -= 1
        written.insert(0, distance & 0x7F | 0x80)
    return bytes(written)


def oid_of(name: bytes) -> Oid:
    """A hash as text."""
    return Oid(name.hex())
