"""How much of what others may have written is read at all, so that reading is bounded in time and memory.

Whoever runs the git host, or holds another agent's key, may put anything there: a kilobyte that
inflates to gigabytes, a difference that copies its base a million times, a folder that names itself.
An object beyond its limit counts as missing, exactly as a damaged one does: nobody can read it, and
whatever names it is refused by name. The limits are far above what notes ever need.

Work is counted in bytes that are inflated or built; one instruction of a difference counts as
`STEP_WORK`, for it takes as long as copying hundreds of bytes. So an allowance of work is one of
time, whatever somebody invents to spend it.
"""

from __future__ import annotations

KIB, MIB, GIB = 1024, 1024**2, 1024**3

LARGEST_BLOB = 100 * MIB
"""The largest file; `max_file` in a policy may be as much."""

LARGEST_FOLDER = 4 * MIB
"""The largest single folder: some 80,000 notes directly in it. In memory it takes ten times as much."""

LARGEST_COMMIT = 32 * MIB
"""The largest commit that is read at all: what cannot be read, nothing can be built on either."""

LARGEST_SIGNED_COMMIT = MIB
"""A larger one counts as nobody's: only its tree and parents are read."""

LARGEST_TAG = MIB

LARGEST = {"blob": LARGEST_BLOB, "tree": LARGEST_FOLDER, "commit": LARGEST_COMMIT, "tag": LARGEST_TAG}
"""The most bytes of content, by kind of object."""

LARGEST_DELTA = 32 * MIB
"""The most instructions of one difference, inflated.

Together with a largest base and a largest result that is what reading one object may hold in memory.
git writes no difference longer than half of its result, and one of a note is a few hundred bytes.
"""

LONGEST_CHAIN = 4095
"""The most differences on top of each other; git itself can write no longer chain, and by default 50."""

MOST_PACK_BYTES = GIB
"""The most bytes one fetch may bring."""

MOST_PACK_OBJECTS = 5_000_000
"""The most objects one fetch may bring: a hundred times a large vault, at some 200 bytes of memory each."""

MOST_TALK_BYTES = 16 * MIB
"""The most a server may say beside the pack: its branches, its progress, its answer to a push."""

STEP_WORK = 128
LOOKUP_WORK = 16 * KIB
"""What it costs to find an object in the store."""

DECODE_WORK = 16
"""What it costs to take a folder apart, for each of its bytes."""

_SLACK = {"blob": 512 * MIB, "tree": 64 * MIB, "commit": 8 * MIB, "tag": 8 * MIB}


def work_to_read(kind: str, size: int) -> int:
    """What reading one object of `size` bytes may cost.

    By default git puts fifty versions on top of each other. Where every line of a large note changes
    each time, each of them is tens of thousands of instructions.
    """
    return _SLACK[kind] + 64 * size


def work_to_take(pack_bytes: int, objects: int) -> int:
    """What reading a fetched pack may cost.

    Honest packs can be far smaller than what they stand for: a thousand versions of one long note
    are a thousand small differences, each building the whole note. Hence an amount per object,
    beside one per byte (text inflates about fourfold, large folders with their differences more)
    and one for a small pack with a large file in it. The same again may be spent on looking whether
    everything has arrived.
    """
    return 4 * GIB + 64 * pack_bytes + 64 * KIB * objects
