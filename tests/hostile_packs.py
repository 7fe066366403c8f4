"""A catalogue of packs that no honest program would send, each with what has to become of it.

A `Case` with `refused` set is no well-formed pack and must leave nothing behind. Of the others
`kept` must be readable afterwards, and `lost` must count as missing.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.packs import (
    GIB,
    MIB,
    Back,
    Part,
    Raw,
    blob,
    blob_id,
    copy,
    difference,
    edit,
    insert,
    named,
    pack,
    padded,
    whole,
    zeros,
)
from vaultkit.core.git.bounds import LARGEST_BLOB, LARGEST_DELTA, LONGEST_CHAIN
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.pack_format import NUMBERS, REF_DELTA, entry_head
from vaultkit.core.git.tree import Oid

FIRST = b"the first version of an honest note\n"
SECOND = FIRST + b"and a line more\n"
HONEST_PARTS: tuple[Part, ...] = (blob(FIRST), Back(edit(FIRST, b"and a line more\n")))
HONEST = frozenset({blob_id(FIRST), blob_id(SECOND)})
SOURCE = b"0123456789abcdef" * 64


@dataclass(frozen=True)
class Case:
    """A pack, and what has to become of it."""

    data: bytes
    kept: frozenset[Oid] = frozenset()
    lost: frozenset[Oid] = frozenset()
    refused: str = ""


def among_honest(
    *parts: Part, kept: frozenset[Oid] = frozenset(), lost: frozenset[Oid] = frozenset(), filler: int = 0
) -> Case:
    """Hostile entries between honest ones, so that every honest one has to arrive."""
    more = [b"filler %d\n" % number for number in range(filler)]
    last = b"the last honest note\n"
    data = pack(*HONEST_PARTS, *parts, *map(blob, more), blob(last))
    return Case(data, HONEST | kept | {blob_id(last), *map(blob_id, more)}, lost)


def sized(kind: str, size: int, compressed: bytes) -> Raw:
    """An entry that claims a size."""
    return Raw(entry_head(NUMBERS[kind], size) + compressed)


def sized_delta(base: bytes, size: int, compressed: bytes) -> Raw:
    return Raw(entry_head(REF_DELTA, size, name=bytes.fromhex(blob_id(base))) + compressed)


def only(*steps: bytes, base: bytes = SOURCE, size: int) -> Raw:
    """A difference from SOURCE that claims to make `size` bytes."""
    return named(blob_id(base), difference(len(base), size, *steps))


# Well-formed packs: the honest objects arrive, the others are left out


def an_honest_bomb(filler: int) -> Case:
    """A gigabyte of zeros that says so."""
    return among_honest(sized("blob", GIB, zeros(GIB)), filler=filler)


def differences_from_a_bomb(filler: int) -> Case:
    bomb = sized("blob", GIB, zeros(GIB))
    return among_honest(
        bomb, Back(difference(GIB, 10, copy(0, 10))), lost=frozenset({blob_id(bytes(10))}), filler=filler
    )


def a_delta_bomb(filler: int) -> Case:
    """Three gigabytes by copying a kilobyte again and again."""
    return among_honest(blob(SOURCE), only(copy(0, 1024) * (3 * MIB), size=3 * GIB), filler=filler)


def many_delta_bombs(filler: int) -> Case:
    """Each of a thousand differences makes just as much as is allowed: a hundred gigabytes together."""
    base = bytes(MIB)
    step = [copy(0, 65536)] * (LARGEST_BLOB // 65536)
    bombs = [Back(difference(MIB, LARGEST_BLOB, *step), steps=n + 1) for n in range(1000)]
    kept = [b"filler %d\n" % number for number in range(filler)]
    return Case(
        pack(blob(FIRST), *map(blob, kept), blob(base), *bombs), frozenset(map(blob_id, [FIRST, *kept]))
    )


def a_slow_delta(filler: int) -> Case:
    """As many instructions as fit, each for a single byte."""
    return among_honest(
        blob(SOURCE),
        only(copy(0, 1) * (LARGEST_DELTA // 2 - 20), size=LARGEST_DELTA // 2 - 20),
        filler=filler,
    )


def the_largest_difference(filler: int) -> Case:
    """A base, a result and a difference that are all as large as may be: it fits into memory, just."""
    base = bytes(LARGEST_BLOB)
    added = LARGEST_DELTA * 9 // 10
    kept = LARGEST_BLOB - added
    steps = [copy(start, min(65536, kept - start)) for start in range(0, kept, 65536)]
    steps += [insert(b"x" * min(127, added - start)) for start in range(0, added, 127)]
    result = blob_id(bytes(kept) + b"x" * added)
    return among_honest(
        blob(base),
        Back(difference(LARGEST_BLOB, LARGEST_BLOB, *steps)),
        kept=frozenset({blob_id(base), result}),
        filler=filler,
    )


def a_delta_that_lies(filler: int) -> Case:
    """Differences that make more, less, from another base, or from beyond the base."""
    lies = [
        only(copy(0, 1000), size=10),
        only(copy(0, 10), size=1000),
        only(copy(1000, 100), size=100),
        named(blob_id(SOURCE), difference(5, 5, copy(0, 5))),
        named(blob_id(SOURCE), difference(len(SOURCE), 4, b"\x00")),
        named(blob_id(SOURCE), difference(len(SOURCE), 4, b"\x04ab")),
        named(blob_id(SOURCE), difference(len(SOURCE), 4, b"\xff\x01")),
        named(blob_id(SOURCE), b""),
        named(blob_id(SOURCE), b"\xff" * 40),
        named(blob_id(SOURCE), difference(len(SOURCE), 2**62, copy(0, 5))),
    ]
    return among_honest(blob(SOURCE), *lies, filler=filler)


def a_long_chain(filler: int) -> Case:
    """A hundred thousand versions, each a difference from the one before."""
    versions = [SOURCE + b"%06d" % number for number in range(100_000)]
    steps = [Back(difference(len(v), len(v), copy(0, 1024), insert(v[-6:]))) for v in versions[1:]]
    kept = frozenset(map(blob_id, versions[: LONGEST_CHAIN + 1]))
    lost = frozenset(map(blob_id, versions[LONGEST_CHAIN + 1 :: 1000]))
    return among_honest(blob(versions[0]), *steps, kept=kept, lost=lost, filler=filler)


def wrong_distances(filler: int) -> Case:
    """Bases before the pack, in its head, in the middle of an entry, and the entry itself."""
    delta = edit(FIRST, b"never")
    lost = frozenset({blob_id(FIRST + b"never")})
    return among_honest(
        *[Back(delta, distance=d) for d in (2**40, 2**62, 100_000, 0, 5, 40)], lost=lost, filler=filler
    )


def cycles(filler: int) -> Case:
    """Differences that are based on each other, on themselves, and on nothing."""
    a, b, c = b"a" * 50, b"b" * 50, b"c" * 50
    turn = [named(blob_id(other), difference(50, 50, insert(one))) for one, other in ((a, b), (b, a), (c, c))]
    nothing = named("12" * 20, difference(50, 50, copy(0, 50)))
    return among_honest(*turn, nothing, lost=frozenset(map(blob_id, (a, b, c))), filler=filler)


def duplicates(filler: int) -> Case:
    """One object three times: as it is, again, and as a difference."""
    return among_honest(blob(SECOND), blob(FIRST), Back(edit(FIRST, b"and a line more\n")), filler=filler)


def duplicates_in_a_circle(filler: int) -> Case:
    """Two objects, each there whole and as a difference from the other, the differences first."""
    a, b = b"a" * 50, b"b" * 50
    turn = [named(blob_id(other), difference(50, 50, insert(one))) for one, other in ((a, b), (b, a))]
    return among_honest(*turn, blob(a), blob(b), kept=frozenset(map(blob_id, (a, b))), filler=filler)


def odd_objects(filler: int) -> Case:
    """A tag, a folder of garbage, empty ones, a commit of nonsense: stored as what they are."""
    odd = [
        ("tag", b"object 1\n"),
        ("tree", b"garbage"),
        ("blob", b""),
        ("tree", b""),
        ("commit", b"nonsense"),
    ]
    kept = frozenset(object_id(kind, content) for kind, content in odd)
    return among_honest(*[whole(kind, content) for kind, content in odd], kept=kept, filler=filler)


def too_large_of_their_kind(filler: int) -> Case:
    """A folder, a commit and a tag beyond what is read of their kinds."""
    large = [(kind, b"x" * (size * MIB)) for kind, size in (("tree", 5), ("commit", 33), ("tag", 5))]
    lost = frozenset(object_id(kind, content) for kind, content in large)
    return among_honest(*[whole(kind, content) for kind, content in large], lost=lost, filler=filler)


def a_wide_tree_of_differences(filler: int) -> Case:
    """Every content is a base for two more, so that many want to be in memory at once."""
    size, count = 6 * MIB, 127
    steps = [copy(start, 65536) for start in range(0, size - 65536, 65536)]

    def content(number: int) -> bytes:
        return bytes(size - 65536) + (b"%06d" % number).ljust(100)

    parts: list[Part] = [blob(content(0))]
    for number in range(1, count):
        new = difference(len(content(0)), len(content(0)), *steps, insert(content(number)[-100:]))
        parts.append(Back(new, steps=number - (number - 1) // 2))
    return among_honest(*parts, kept=frozenset(blob_id(content(n)) for n in range(count)), filler=filler)


def very_many(filler: int) -> Case:
    """Two hundred thousand small objects."""
    contents = [b"%07d" % number for number in range(200_000)]
    return among_honest(*map(blob, contents), kept=frozenset(map(blob_id, contents[::100])), filler=filler)


# No packs: nothing of them may stay


def no_pack(data: bytes, why: str) -> Case:
    return Case(data, refused=why)


def a_lying_bomb() -> Case:
    return no_pack(pack(*HONEST_PARTS, sized("blob", 10, zeros(GIB))), "more than it says")


def a_lying_delta_bomb() -> Case:
    return no_pack(pack(*HONEST_PARTS, sized_delta(FIRST, 10, zeros(GIB))), "more than it says")


def less_than_it_says() -> Case:
    return no_pack(pack(*HONEST_PARTS, sized("blob", 2**50, zlib.compress(b"short"))), "less than it says")


def impossible_size() -> Case:
    return no_pack(
        pack(*HONEST_PARTS, Raw(b"\xbf" + b"\xff" * 12 + b"\x01" + zlib.compress(b""))), "impossible size"
    )


def impossible_distance() -> Case:
    return no_pack(
        pack(*HONEST_PARTS, Raw(b"\x65" + b"\xff" * 12 + b"\x01" + zlib.compress(b"12345"))), "impossibly far"
    )


def much_for_nothing() -> Case:
    return no_pack(pack(*HONEST_PARTS, sized("blob", 5, padded(b"words", 8 * MIB))), "longer than")


def damaged_data() -> Case:
    return no_pack(pack(*HONEST_PARTS, sized("blob", 5, b"\x78\x9cgarbage" * 9)), "damaged")


def unknown_kind_0() -> Case:
    return no_pack(pack(*HONEST_PARTS, Raw(b"\x05" + zlib.compress(b"words"))), "no known kind")


def unknown_kind_5() -> Case:
    return no_pack(pack(*HONEST_PARTS, Raw(b"\x55" + zlib.compress(b"words"))), "no known kind")


def nothing_is_promised() -> Case:
    return no_pack(pack(*HONEST_PARTS, count=0), "something follows")


def too_little_is_promised() -> Case:
    return no_pack(pack(*HONEST_PARTS, count=1), "something follows")


def too_much_is_promised() -> Case:
    return no_pack(pack(*HONEST_PARTS, count=3), "pack")


def four_billion_are_promised() -> Case:
    return no_pack(pack(count=2**32 - 1), "too short for")


def more_than_the_limit() -> Case:
    return no_pack(pack(*[Raw(b"\x30" + zlib.compress(b""))] * 300_001), "more than 300000 objects")


def cut_off() -> Case:
    return no_pack(pack(*HONEST_PARTS, blob(SOURCE))[:-40], "checksum")


def hardly_begun() -> Case:
    return no_pack(pack(*HONEST_PARTS)[:7], "shorter than its own head")


def garbage_inside() -> Case:
    return no_pack(pack(*HONEST_PARTS, after=b"garbage"), "something follows")


def garbage_behind() -> Case:
    return no_pack(pack(*HONEST_PARTS) + b"garbage", "checksum")


def wrong_checksum() -> Case:
    return no_pack(pack(*HONEST_PARTS)[:-1] + b"\0", "checksum")


def another_version() -> Case:
    return no_pack(pack(*HONEST_PARTS, version=4), "does not begin like a pack")


def no_pack_at_all() -> Case:
    return no_pack(b"<html>not found</html>" * 10, "does not begin like a pack")


QUICK = (
    differences_from_a_bomb,
    a_delta_bomb,
    a_delta_that_lies,
    a_long_chain,
    wrong_distances,
    cycles,
    duplicates,
    duplicates_in_a_circle,
    odd_objects,
    too_large_of_their_kind,
)
SLOW = (
    an_honest_bomb,
    many_delta_bombs,
    a_slow_delta,
    the_largest_difference,
    a_wide_tree_of_differences,
    very_many,
)
REFUSED = (
    a_lying_bomb,
    a_lying_delta_bomb,
    less_than_it_says,
    impossible_size,
    impossible_distance,
    much_for_nothing,
    damaged_data,
    unknown_kind_0,
    unknown_kind_5,
    nothing_is_promised,
    too_little_is_promised,
    too_much_is_promised,
    four_billion_are_promised,
    more_than_the_limit,
    cut_off,
    hardly_begun,
    garbage_inside,
    garbage_behind,
    wrong_checksum,
    another_version,
    no_pack_at_all,
)

MANY = 300
"""So many honest objects more, and the pack is stored as a pack."""

CASES: dict[str, Callable[[], Case]] = {
    **{f"{make.__name__} few": partial(make, 0) for make in (*QUICK, *SLOW)},
    **{f"{make.__name__} many": partial(make, MANY) for make in QUICK},
    **{make.__name__: make for make in REFUSED},
}
