"""Storing what a fetched pack brought.

Few objects are stored as loose files, for a pack with every fetch would pile up. Many are stored as
one pack: the received one without what was left out, and with the bases that a thin pack takes for
granted. Its entries are copied as they are, compressed; only the way to their base is written anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from vaultkit.core.git.inflate import STEP
from vaultkit.core.git.pack_format import KINDS, NUMBERS, OFS_DELTA, REF_DELTA, entry_head, oid_of
from vaultkit.effects.objects.pack_bytes import Entry
from vaultkit.effects.objects.pack_resolve import PackContents
from vaultkit.effects.objects.pack_scan import Scan
from vaultkit.effects.objects.pack_writer import PackWriter, write_pack
from vaultkit.effects.objects.stored import StoredObjects

FEW = 200


def keep_pack(scan: Scan, contents: PackContents, stored: StoredObjects) -> None:
    """Store all that is known of the pack, durably."""
    kept = scan.entries.sort()
    if len(kept) > FEW:
        return write_pack(stored.pack_folder, _Copy(scan, contents, kept).into, stored.access)
    return _keep_loose(scan, contents, stored, kept)


def _keep_loose(scan: Scan, contents: PackContents, stored: StoredObjects, kept: array[int]) -> None:
    """Commits last, and those the pack has first, which are the newest, at the very end."""
    commit = NUMBERS["commit"]
    for entry in sorted(kept, key=lambda one: (scan.entries.kinds[one] == commit, -one)):
        oid = oid_of(scan.entries.name(entry))
        if not stored.contains(oid):
            stored.loose.write(oid, *contents.known(entry))
    stored.loose.sync()


class _Copy:
    """The entries `kept` of a scanned pack, on their way into another one."""

    def __init__(self, scan: Scan, contents: PackContents, kept: array[int]) -> None:
        self._scan = scan
        self._entries = scan.entries
        self._contents = contents
        self._kept = bytearray(len(scan.entries))
        self._places = array("Q", bytes(8 * len(scan.entries)))
        for entry in kept:
            self._kept[entry] = 1

    def into(self, writer: PackWriter) -> None:
        """Add them all, in the order they have; whole objects of our own at the end."""
        for entry in range(len(self._entries)):
            if self._kept[entry]:
                self._places[entry] = writer.at
                self._add(writer, entry)

    def _add(self, writer: PackWriter, entry: int) -> None:
        name = self._entries.name(entry)
        if entry >= self._scan.count:
            return writer.add_whole(name, *self._contents.known(entry))
        original = self._scan.data.entry(self._entries.starts[entry])
        return writer.add(name, self._head(entry, original, writer.at), self._compressed(entry, original))

    def _head(self, entry: int, original: Entry, at: int) -> bytes:
        """The way to the base is shortest as a distance; where the base comes later, it is its hash."""
        if original.head.number in KINDS:
            return entry_head(original.head.number, original.head.size)
        name = self._entries.name(self._entries.bases[entry])
        base = self._entries.find(oid_of(name))
        place = self._places[base] if base is not None else 0
        if place:
            return entry_head(OFS_DELTA, original.head.size, at - place)
        return entry_head(REF_DELTA, original.head.size, name=name)

    def _compressed(self, entry: int, original: Entry) -> Iterator[bytes]:
        at = original.at + original.head.length
        end = self._entries.starts[entry + 1] if entry + 1 < self._scan.count else self._scan.end
        while at < end:
            piece = self._scan.data.read(at, min(STEP, end - at))
            yield piece
            at += len(piece)
