"""The index beside a pack: for every object in it, sorted by hash, where it is.

Places are kept in arrays, some 30 bytes an object, and sorted once at the end; dulwich's own writer
wants them all as Python objects, which takes five times as much.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from vaultkit.core.git.pack_format import HASH_BYTES

_BEGINNING = b"\377tOc" + struct.pack(">L", 2)
_FAR = 2**31
"""From here on an offset does not fit into the index's table, and goes into one for long ones."""
_RUN = 10_000


class Places:
    """Where the objects of a pack are, in the order they were added; no hash twice."""

    def __init__(self) -> None:
        self._names = bytearray()
        self._offsets = array("Q")
        self._sums = array("I")

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, name: bytes, offset: int, crc: int) -> None:
        self._names += name
        self._offsets.append(offset)
        self._sums.append(crc)

    def write_index(self, file: BinaryIO, checksum: bytes) -> None:
        """Write the index (version 2) of the pack that ends with `checksum`."""
        digest = hashlib.sha1(usedforsecurity=False)
        for piece in self._pieces(checksum):
            digest.update(piece)
            file.write(piece)
        file.write(digest.digest())

    def _pieces(self, checksum: bytes) -> Iterator[bytes]:
        order = array("I", sorted(range(len(self)), key=self._name))
        far = [offset for index in order if (offset := self._offsets[index]) >= _FAR]
        positions = {offset: _FAR + position for position, offset in enumerate(far)}
        yield _BEGINNING
        yield self._fan_out()
        for run in range(0, len(order), _RUN):
            yield b"".join(self._name(index) for index in order[run : run + _RUN])
        yield _big_endian(array("I", (self._sums[index] for index in order)))
        offsets = (self._offsets[index] for index in order)
        yield _big_endian(array("I", (positions.get(offset, offset) for offset in offsets)))
        yield struct.pack(f">{len(far)}Q", *far)
        yield checksum

    def _fan_out(self) -> bytes:
        """How many hashes begin with at most each byte."""
        counts, total = array("I", bytes(4 * 256)), 0
        for first in self._names[::HASH_BYTES]:
            counts[first] += 1
        for first, count in enumerate(counts):
            counts[first] = total = total + count
        return _big_endian(counts)

    def _name(self, index: int) -> bytes:
        return bytes(self._names[index * HASH_BYTES : (index + 1) * HASH_BYTES])


def _big_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()
