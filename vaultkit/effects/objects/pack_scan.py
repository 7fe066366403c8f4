"""The first reading of a fetched pack: is it a pack at all, and what is in it?

The hash at its end and the number at its beginning are checked first, so what follows is at least
what somebody meant to send. Then every entry is inflated once, a piece at a time and thrown away,
because only so one learns where the next one begins. Whole objects get their hashes on the way.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.budget import Budget, OverBudget
from vaultkit.core.git.git_format import object_hash
from vaultkit.core.git.inflate import STEP
from vaultkit.core.git.pack_format import HASH_BYTES, KINDS, PACK_HEAD, oid_of, read_pack_head
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.pack_bytes import Entry, PackBytes, Seekable
from vaultkit.effects.objects.pack_entries import NONE, PackEntries
from vaultkit.errors import Incomplete


@dataclass(slots=True)
class Scan:
    """A pack that was read through once. `count` entries of it were reached; the last one ends at `end`.

    `waiting` holds, for a hash, the first of the differences from that object. `large` are the objects
    too large to keep, and `oversized` their entries.
    """

    data: PackBytes
    entries: PackEntries = field(default_factory=PackEntries)
    waiting: dict[bytes, int] = field(default_factory=dict)
    large: set[Oid] = field(default_factory=set)
    oversized: list[int] = field(default_factory=list)
    count: int = 0
    end: int = PACK_HEAD.size


def pack_size(file: Seekable) -> int:
    """The number of bytes in the file."""
    return file.seek(0, os.SEEK_END)


def check_whole(data: PackBytes, size: int, most_objects: int) -> int:
    """How many objects are in the pack of `size` bytes; Incomplete if it is damaged or holds too many."""
    try:
        count = read_pack_head(data.read(0, PACK_HEAD.size), size)
    except ValueError as error:
        raise _damaged(error) from error
    if count > most_objects:
        hint = "Ask whoever runs the remote; a vault this large cannot be fetched at once."
        raise Incomplete(f"the remote sent more than {most_objects} objects at once", hint=hint)
    if data.digest(size - HASH_BYTES) != data.read(size - HASH_BYTES, HASH_BYTES):
        raise _damaged("its checksum is wrong")
    return count


def scan_pack(data: PackBytes, size: int, count: int, budget: Budget) -> Scan:
    """Read all entries; Incomplete if they are no `count` entries. An exhausted budget ends it early."""
    scan = Scan(data)
    try:
        for _ in range(count):
            scan.end = _scan_entry(scan, budget)
            scan.count += 1
        if scan.end != size - HASH_BYTES:
            raise ValueError("something follows its last object")
    except ValueError as error:
        raise _damaged(error) from error
    except OverBudget:
        pass
    return scan


def _scan_entry(scan: Scan, budget: Budget) -> int:
    entry = scan.data.entry(scan.end)
    number = scan.entries.add(entry.at)
    if entry.head.number in KINDS:
        return _scan_whole(scan, number, entry, budget)
    base = scan.entries.starting_at(entry.at - entry.head.distance) if entry.head.distance else NONE
    if entry.head.name:
        scan.entries.queue_behind(number, scan.waiting.get(entry.head.name, NONE))
        scan.waiting[entry.head.name] = number
    elif base not in (NONE, number):
        scan.entries.put_below(number, base)
    return _pass_over(scan.data, entry, budget, None)


def _scan_whole(scan: Scan, number: int, entry: Entry, budget: Budget) -> int:
    kind = KINDS[entry.head.number]
    digest = object_hash(kind, entry.head.size)
    end = _pass_over(scan.data, entry, budget, digest)
    if entry.head.size <= LARGEST[kind]:
        scan.entries.know(number, entry.head.number, digest.digest())
        scan.entries.work[number] = entry.head.size
    else:
        scan.large.add(oid_of(digest.digest()))
        scan.oversized.append(number)
    return end


def _pass_over(data: PackBytes, entry: Entry, budget: Budget, digest: hashlib._Hash | None) -> int:
    """Inflate an entry and forget it, but for its hash; where it ends."""
    stream, left = data.inflation(entry), entry.head.size
    while left:
        piece = stream.take(min(left, STEP))
        budget.spend(len(piece))
        left -= len(piece)
        if digest:
            digest.update(piece)
    return entry.at + entry.head.length + stream.end()


def _damaged(why: object) -> Incomplete:
    return Incomplete(f"the remote sent a damaged pack: {why}", hint="Try again.")
