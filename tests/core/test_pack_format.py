"""The heads of packs and of their entries, read back as they were written."""

from __future__ import annotations

import pytest
from dulwich.object_format import SHA1
from dulwich.pack import pack_object_header
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.git.pack_format import (
    KINDS,
    OFS_DELTA,
    REF_DELTA,
    Head,
    entry_head,
    pack_head,
    read_head,
    read_pack_head,
)

NAME = bytes(range(20))


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 2**60 - 1))
def test_a_head_comes_back(number: int, size: int) -> None:
    """Kind and size are read as they were written, whatever follows, and dulwich writes the same."""
    head = entry_head(number, size)
    assert read_head(head + b"\xff" * 30) == Head(number, size, len(head))
    assert head == bytes(pack_object_header(number, None, size, SHA1))


@given(st.integers(0, 2**40), st.integers(1, 2**60))
def test_a_distance_comes_back(size: int, distance: int) -> None:
    """The way to a base that lies before is read as it was written, and dulwich writes the same."""
    head = entry_head(OFS_DELTA, size, distance)
    assert read_head(head + b"\xff" * 30) == Head(OFS_DELTA, size, len(head), distance)
    assert head == bytes(pack_object_header(OFS_DELTA, distance, size, SHA1))


@given(st.integers(0, 2**40))
def test_a_base_by_its_hash_comes_back(size: int) -> None:
    """The hash of a base is read as it was written."""
    head = entry_head(REF_DELTA, size, name=NAME)
    assert read_head(head + b"\xff" * 30) == Head(REF_DELTA, size, len(head), name=NAME)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xb0",
        b"\xbf" + b"\xff" * 30,
        b"\x65" + b"\xff" * 30,
        b"\x65",
        b"\x65\x80",
        b"\x05words",
        b"\x55words",
        b"\x75" + NAME[:19],
    ],
)
def test_what_is_no_head_is_an_error(data: bytes) -> None:
    """A head that is cut off, of no kind, or with a number beyond all measure is a ValueError."""
    with pytest.raises(ValueError):
        read_head(data)


def test_a_pack_promises_no_more_than_fits() -> None:
    """The number of objects is believed only if the pack is long enough for so many."""
    assert read_pack_head(pack_head(3), 12 + 20 + 27) == 3
    assert read_pack_head(pack_head(0), 32) == 0
    for data, size in (
        (pack_head(3), 12 + 20 + 26),
        (pack_head(2**32 - 1), 2**30),
        (pack_head(0), 31),
        (b"PACK", 4),
        (b"KCAP" + pack_head(0)[4:], 32),
        (pack_head(0).replace(b"\x02", b"\x04"), 32),
    ):
        with pytest.raises(ValueError):
            read_pack_head(data, size)
