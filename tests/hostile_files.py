"""A catalogue of what may stand in a repository that somebody else writes into, in place of objects.

`loose_files` are single files, each under the hash it pretends to. `planted_packs` are packs whose
index says which object each entry is, true or not; `READABLE` says which of those are.
"""

from __future__ import annotations

import zlib

from tests.hostile_packs import FIRST, SOURCE
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
    padded,
    whole,
    zeros,
    zeros_id,
)
from vaultkit.core.git.bounds import LARGEST_BLOB, LARGEST_COMMIT, LARGEST_FOLDER, LONGEST_CHAIN
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.pack_format import entry_head
from vaultkit.core.git.tree import Oid


def loose_files() -> dict[str, tuple[Oid, bytes]]:
    """By name, the hash and the bytes of files that are not what they pretend, or too much of it."""
    words = object_id("blob", b"words")
    gigabyte = Oid("22" * 20)
    header = b"blob %d\0" % GIB

    return {
        "a bomb": (gigabyte, zeros(GIB)),
        "an honest bomb": (gigabyte, _behind(header, zeros(GIB))),
        "a bomb that lies": (words, _behind(b"blob 5\0", zeros(GIB))),
        "a size that lies": (words, zlib.compress(b"blob 5\0wordswords")),
        "a size that is too large": (words, zlib.compress(b"blob 500\0words")),
        "a size beyond all measure": (words, zlib.compress(b"blob %d\0words" % 10**30)),
        "a size with a sign": (words, zlib.compress(b"blob -5\0words")),
        "a size with a zero": (words, zlib.compress(b"blob 05\0words")),
        "no kind": (object_id("bulb", b"words"), zlib.compress(b"bulb 5\0words")),
        "no header": (words, zlib.compress(b"words")),
        "a header for ever": (words, zlib.compress(b"blob " + b"1" * 100_000)),
        "much for nothing": (words, padded(b"blob 5\0words", 8 * MIB)),
        "other content": (words, zlib.compress(b"blob 5\0wordy")),
        "cut off": (words, zlib.compress(b"blob 5\0words")[:-5]),
        "nothing": (words, b""),
        "garbage": (words, b"garbage"),
        "a large folder": (
            object_id("tree", b"x" * (LARGEST_FOLDER + 1)),
            _loose("tree", LARGEST_FOLDER + 1),
        ),
        "a large commit": (
            object_id("commit", b"x" * (LARGEST_COMMIT + 1)),
            _loose("commit", LARGEST_COMMIT + 1),
        ),
        "a large file": (
            zeros_id(LARGEST_BLOB + MIB),
            _behind(b"blob %d\0" % (LARGEST_BLOB + MIB), zeros(LARGEST_BLOB + MIB)),
        ),
    }


def _behind(header: bytes, compressed: bytes) -> bytes:
    """One compressed stream of a header and of what `compressed` holds (its checksum is wrong)."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"\x78\x9c" + squeezer.compress(header) + squeezer.flush(zlib.Z_FULL_FLUSH) + compressed[2:]


def _loose(kind: str, size: int) -> bytes:
    return zlib.compress(b"%s %d\0" % (kind.encode(), size) + b"x" * size)


def planted_packs() -> dict[str, list[tuple[Part, Oid]]]:
    """By name, the entries of packs, each with the hash that the index gives it."""
    a, b = Oid("aa" * 20), Oid("bb" * 20)
    base = blob(SOURCE), blob_id(SOURCE)

    def from_source(*steps: bytes, size: int) -> Part:
        return named(blob_id(SOURCE), difference(len(SOURCE), size, *steps))

    versions = [SOURCE + b"%06d" % number for number in range(100_000)]
    chain = [Back(difference(1030, 1030, copy(0, 1024), insert(v[-6:]))) for v in versions[1:]]
    large_steps = [copy(start, 65536) for start in range(0, 3 * MIB, 65536)]
    large = difference(3 * MIB, 3 * MIB, *large_steps)
    return {
        "an honest bomb": [(Raw(entry_head(3, GIB) + zeros(GIB)), a)],
        "a lying bomb": [(Raw(entry_head(3, 10) + zeros(GIB)), a)],
        "much for nothing": [(Raw(entry_head(3, 5) + padded(b"words", 8 * MIB)), blob_id(b"words"))],
        "a delta bomb": [base, (from_source(copy(0, 1024) * (3 * MIB), size=3 * GIB), a)],
        "a lying delta bomb": [base, (from_source(copy(0, 1024) * (3 * MIB), size=10), a)],
        "a slow difference": [base, (from_source(copy(0, 1) * (16 * MIB - 10), size=16 * MIB - 10), a)],
        "a claim beyond all measure": [base, (from_source(copy(0, 1024), size=2**60), a)],
        "a large difference": [base, (Raw(entry_head(7, GIB, name=bytes.fromhex(base[1])) + zeros(GIB)), a)],
        "a long chain": [
            (blob(versions[0]), blob_id(versions[0])),
            *[(p, blob_id(v)) for p, v in zip(chain, versions[1:], strict=True)],
        ],
        "a dear chain": [
            (blob(bytes(3 * MIB)), zeros_id(3 * MIB)),
            *[(Back(large), Oid(f"{n:040x}")) for n in range(4000)],
        ],
        "a circle": [
            (named(b, difference(50, 50, copy(0, 50))), a),
            (named(a, difference(50, 50, copy(0, 50))), b),
        ],
        "itself": [(named(a, difference(50, 50, copy(0, 50))), a)],
        "nothing below": [(named(b, difference(50, 50, copy(0, 50))), a)],
        "before the pack": [(Back(edit(FIRST, b"x"), distance=10_000), a)],
        "in the head of the pack": [(Back(edit(FIRST, b"x"), distance=8), a)],
        "no distance": [(Back(edit(FIRST, b"x"), distance=0), a)],
        "in the middle of another": [
            (blob(FIRST * 10), blob_id(FIRST * 10)),
            (Back(edit(FIRST, b"x"), distance=20), a),
        ],
        "no kind": [(Raw(b"\x05" + zlib.compress(b"words")), a), (Raw(b"\x55" + zlib.compress(b"words")), b)],
        "an impossible size": [(Raw(b"\xbf" + b"\xff" * 12 + b"\x01" + zlib.compress(b"")), a)],
        "garbage": [(Raw(b"\x35garbage"), a)],
        "another object": [(blob(b"other words"), a)],
        "a large folder": [
            (whole("tree", b"x" * (LARGEST_FOLDER + 1)), object_id("tree", b"x" * (LARGEST_FOLDER + 1)))
        ],
    }


READABLE = {
    "a long chain": {blob_id(SOURCE + b"%06d" % number) for number in range(LONGEST_CHAIN + 1)},
    "in the middle of another": {blob_id(FIRST * 10)},
    "a dear chain": {zeros_id(3 * MIB)},
}
