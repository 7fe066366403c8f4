"""Packs made byte by byte: honest ones, and such as no honest program would write."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from vaultkit.core.git.git_format import object_hash, object_id
from vaultkit.core.git.pack_format import NUMBERS, OFS_DELTA, REF_DELTA, entry_head
from vaultkit.core.git.tree import Oid

MIB, GIB = 1024**2, 1024**3
HEAD_BYTES = 12


@dataclass(frozen=True)
class Raw:
    """An entry as its bytes are."""

    data: bytes


@dataclass(frozen=True)
class Back:
    """A difference from the entry `steps` before it, or from `distance` bytes before it."""

    delta: bytes
    steps: int = 1
    distance: int | None = None


Part = Raw | Back


def whole(kind: str, content: bytes) -> Raw:
    return Raw(entry_head(NUMBERS[kind], len(content)) + zlib.compress(content))


def blob(content: bytes) -> Raw:
    return whole("blob", content)


def named(oid: str, delta: bytes) -> Raw:
    """A difference from the object of that hash."""
    return Raw(entry_head(REF_DELTA, len(delta), name=bytes.fromhex(oid)) + zlib.compress(delta))


def blob_id(content: bytes) -> Oid:
    return object_id("blob", content)


def pack(*parts: Part, count: int | None = None, version: int = 2, after: bytes = b"") -> bytes:
    """A pack of these entries, `after` before its hash; `count` is what it claims to hold."""
    claimed = len(parts) if count is None else count
    data = struct.pack(">4sLL", b"PACK", version, claimed) + _entries(parts)[0] + after
    return data + hashlib.sha1(data).digest()


def starts_of(*parts: Part) -> list[int]:
    """Where each entry of such a pack begins."""
    return _entries(parts)[1]


def _entries(parts: Sequence[Part]) -> tuple[bytes, list[int]]:
    data, starts = bytearray(), list[int]()
    for part in parts:
        starts.append(HEAD_BYTES + len(data))
        data += part.data if isinstance(part, Raw) else _back(part, starts)
    return bytes(data), starts


def _back(part: Back, starts: list[int]) -> bytes:
    distance = starts[-1] - starts[-1 - part.steps] if part.distance is None else part.distance
    head = (
        entry_head(OFS_DELTA, len(part.delta), distance)
        if distance
        else entry_head(OFS_DELTA, len(part.delta))
    )
    return head + (b"" if distance else b"\0") + zlib.compress(part.delta)


# Differences


def difference(base: int, size: int, *steps: bytes) -> bytes:
    """Instructions, after the size of the base and that of the result."""
    return _size(base) + _size(size) + b"".join(steps)


def copy(start: int, length: int) -> bytes:
    """Copy a stretch of the base, at most 65536 bytes."""
    code, numbers = 0x80, b""
    for bit in range(4):
        if byte := start >> 8 * bit & 255:
            code, numbers = code | 1 << bit, numbers + bytes([byte])
    for bit in range(3):
        if (byte := length >> 8 * bit & 255) and length != 65536:
            code, numbers = code | 16 << bit, numbers + bytes([byte])
    return bytes([code]) + numbers


def insert(data: bytes) -> bytes:
    """Insert up to 127 bytes."""
    return bytes([len(data)]) + data


def edit(base: bytes, addition: bytes) -> bytes:
    """A difference that keeps the base and adds something."""
    return difference(len(base), len(base) + len(addition), copy(0, len(base)), insert(addition))


def _size(size: int) -> bytes:
    out = b""
    while size > 127:
        out, size = out + bytes([size & 127 | 128]), size >> 7
    return out + bytes([size])


# Compressed data that is not what it seems


def zeros(size: int) -> bytes:
    """So many zeros (a multiple of a MiB), compressed, without ever holding them."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = squeezer.compress(bytes(MIB)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    checksum = (size % 65521) << 16 | 1
    return b"\x78\x9c" + piece * (size // MIB) + b"\x03\x00" + checksum.to_bytes(4, "big")


def zeros_id(size: int) -> Oid:
    """The hash of a file of so many zeros (a multiple of a MiB)."""
    digest = object_hash("blob", size)
    for _ in range(size // MIB):
        digest.update(bytes(MIB))
    return Oid(digest.hexdigest())


def padded(content: bytes, size: int) -> bytes:
    """Compressed content behind some `size` bytes of compressed nothing."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    nothing = b"\x00\x00\x00\xff\xff"
    end = squeezer.compress(content) + squeezer.flush()
    return b"\x78\x9c" + nothing * (size // len(nothing)) + end + zlib.adler32(content).to_bytes(4, "big")
