"""Inflating: exactly what was announced, and where the compressed data ends."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs import GIB, MIB, padded, zeros
from vaultkit.core.git.inflate import Inflation, room_for


def reading(data: bytes, piece: int) -> Callable[[], bytes]:
    """Hands out `data` piece by piece, then nothing."""
    pieces = iter([data[at : at + piece] for at in range(0, len(data), piece)])
    return lambda: next(pieces, b"")


def contents() -> list[bytes]:
    chance = random.Random(1)
    large = [bytes(3 * MIB + 5), chance.randbytes(2 * MIB), chance.randbytes(1000) * 3000]
    return [b"", b"w", b"words\n" * 100, *large]


@pytest.mark.parametrize("content", contents(), ids=len)
@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("piece", [1000, 65536, 2**30])
def test_a_stream_comes_back_and_its_end_is_known(content: bytes, level: int, piece: int) -> None:
    """However it is cut into pieces and taken, all comes out, and what follows the stream is not touched."""
    data = zlib.compress(content, level)
    rest = data + b"what follows" * 10_000
    for start in (0, 1, 100, len(data), len(data) + 5):
        stream = Inflation(reading(rest[start:], piece), rest[:start], len(content))
        first = min(1000, len(content))
        assert stream.take(first) + stream.take(len(content) - first) == content
        assert stream.end() == len(data)


@given(st.binary(max_size=100), st.integers(0, 100))
def test_any_bytes_are_a_stream_or_an_error(data: bytes, size: int) -> None:
    """Garbage never does anything but raise ValueError."""
    stream = Inflation(reading(data, 7), b"", size)
    try:
        assert len(stream.take(size)) == size
        assert stream.end() <= len(data)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("data", "size", "why"),
    [
        (zlib.compress(b"words"), 4, "more than it says"),
        (zlib.compress(b"words"), 6, "less than it says"),
        (zlib.compress(b"words"), 0, "more than it says"),
        (zlib.compress(b"words")[:-5], 5, "ends in the middle"),
        (zlib.compress(b"words")[:-1] + b"\0", 5, "damaged"),
        (b"", 0, "ends in the middle"),
        (b"garbage", 5, "damaged"),
        (zeros(GIB), 10, "more than it says"),
        (zeros(GIB), MIB, "more than it says"),
        (padded(b"words", MIB), 5, "longer than"),
    ],
)
def test_what_is_not_as_announced_is_an_error(data: bytes, size: int, why: str) -> None:
    """Too much, too little, cut off, damaged or stuffed with nothing: each is told."""
    stream = Inflation(reading(data, 65536), b"", size)

    def read() -> None:
        stream.take(size)
        stream.end()

    with pytest.raises(ValueError, match=why):
        read()


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_a_room_is_filled_in_place(size: int) -> None:
    """A buffer made for a size holds just that much once it is filled."""
    room = room_for(size)
    room.write(b"x" * size)
    assert room.getvalue() == b"x" * size
