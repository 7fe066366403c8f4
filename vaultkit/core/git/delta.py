"""Applying a difference to its base, as packs store one version of a note on top of another.

A difference begins with the size of its base and of its result, then instructions follow: copy a
stretch of the base, or insert the bytes that come with the instruction. A few bytes of it can copy
the whole base again and again, so the result is bounded before it is built, and every instruction
is paid for.
"""

from __future__ import annotations

from vaultkit.core.git.bounds import STEP_WORK
from vaultkit.core.git.budget import Budget, OverBudget
from vaultkit.core.git.inflate import room_for

LONGEST_SIZE = 20
"""The two sizes a difference begins with fit into its first so many bytes."""
_MOST_SIZE_BITS = 63
_LARGEST_COPY = 0x10000
_START = [[8 * bit for bit in range(4) if code >> bit & 1] for code in range(256)]
_LENGTH = [[8 * bit for bit in range(3) if code >> 4 + bit & 1] for code in range(256)]
"""Which bytes of a start and a length follow a copying instruction; the others are zero."""


class TooLarge(ValueError):
    """What would come out is larger than what is kept."""


def delta_sizes(delta: bytes) -> tuple[int, int, int]:
    """The size of the base, the size of the result, and where the instructions begin."""
    base_size, at = _read_size(delta, 0)
    size, at = _read_size(delta, at)
    return base_size, size, at


def apply_delta(base: bytes, delta: bytes, most: int, budget: Budget) -> bytes:
    """What `delta` makes of `base`; TooLarge if that is more than `most` bytes, ValueError for nonsense."""
    base_size, size, at = delta_sizes(delta)
    if base_size != len(base):
        raise ValueError("a difference is not one from this base")
    if size > most:
        raise TooLarge("a difference makes more than is kept")
    budget.spend(size)
    try:
        return _build(base, delta, at, size, budget)
    except IndexError as error:
        raise ValueError("a difference ends in the middle of an instruction") from error


def _build(base: bytes, delta: bytes, at: int, size: int, budget: Budget) -> bytes:
    built, left, end, steps = room_for(size), size, len(delta), budget.left // STEP_WORK
    while at < end:
        code = delta[at]
        at += 1
        if code & 0x80:
            start = length = 0
            for shift in _START[code]:
                start |= delta[at] << shift
                at += 1
            for shift in _LENGTH[code]:
                length |= delta[at] << shift
                at += 1
            length = length or _LARGEST_COPY
            piece = base[start : start + length]
        else:
            length, at = code, at + code
            piece = delta[at - code : at]
        left -= length
        steps -= 1
        if left < 0 or len(piece) != length or not length:
            raise ValueError("a difference copies what is not there")
        if steps < 0:
            raise OverBudget
        built.write(piece)
    if left:
        raise ValueError("a difference makes less than it says")
    budget.left = steps * STEP_WORK + budget.left % STEP_WORK
    return built.getvalue()


def _read_size(delta: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first."""
    size = shift = 0
    for byte in delta[at : at + LONGEST_SIZE]:
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return size, at
        if shift > _MOST_SIZE_BITS:
            break
    raise ValueError("a difference begins with no size")
