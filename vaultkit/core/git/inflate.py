"""Inflating compressed data a piece at a time: never more than was asked for, whatever the data says.

A kilobyte may inflate to a megabyte, so the size of the compressed data bounds nothing. Here the
reader says how many bytes it will take, and what would come beyond them is an error, not an
allocation. Nor may much go in for little that comes out: nobody's compression makes data a quarter
longer. How much of the input was used is known to the byte: in a pack the next entry begins there.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO

PIECE = 64 * 1024
SLACK = 1024
STEP = 1024 * 1024
"""The most bytes that one call inflates: a large content is built in place, in steps of this size."""

ReadOn = Callable[[], bytes]
"""The next piece of compressed data, empty when there is no more."""


class Inflation:
    """A stream of `size` bytes, compressed: it begins with `start` and goes on with what `read_on` returns.

    Everything raises ValueError for data that is damaged or not as announced.
    """

    def __init__(self, read_on: ReadOn, start: bytes, size: int) -> None:
        self._read_on = read_on
        self._piece = start
        self._most_used = size + size // 4 + SLACK
        self._stream = zlib.decompressobj()
        self.used = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        first = self._step(min(size, STEP)) if size else b""
        if len(first) == size:
            return first
        whole = room_for(size)
        left = size - whole.write(first)
        while left:
            left -= whole.write(self._step(min(left, STEP)))
        return whole.getvalue()

    def end(self) -> int:
        """How many bytes of input the stream took, all of which was taken."""
        while not self._stream.eof:
            if self._step(1):
                raise ValueError("it inflates to more than it says")
        return self.used

    def _step(self, most: int) -> bytes:
        if self._stream.eof:
            raise ValueError("it inflates to less than it says")
        piece = self._piece or self._read_on()
        if not piece:
            raise ValueError("its data ends in the middle")
        try:
            out = self._stream.decompress(piece, most)
        except zlib.error as error:
            raise ValueError("its data is damaged") from error
        # At the end of a stream, what follows it may stand in `unconsumed_tail` as well.
        self._piece = b"" if self._stream.eof else self._stream.unconsumed_tail
        self.used += len(piece) - len(self._piece) - len(self._stream.unused_data)
        if self.used > self._most_used:
            raise ValueError("its data is longer than what it inflates to")
        return out


def room_for(size: int) -> BytesIO:
    """A buffer that holds `size` bytes already, so that filling it allocates nothing more."""
    room = BytesIO()
    if size:
        room.seek(size - 1)
        room.write(b"\0")
        room.seek(0)
    return room
