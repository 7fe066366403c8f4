"""What is known of the entries of a fetched pack, some sixty bytes each however large they are.

Entries are numbered in the order they come. Objects of our own that differences are based on (a
"thin" pack leaves them out) follow with higher numbers. An entry is *known* once its hash is: then
it has a kind and its content can be built. What never becomes known is left out.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from vaultkit.core.git.pack_format import HASH_BYTES
from vaultkit.core.git.tree import Oid

NONE = -1


class PackEntries:
    """The entries, as columns. `order` lists the known ones in the order they became known."""

    def __init__(self) -> None:
        self.starts = array("Q")
        self.kinds = bytearray()
        self.names = bytearray()
        self.bases = array("i")
        self.work = array("Q")
        self.depths = array("H")
        self.order = array("I")
        self._first_child = array("i")
        self._next_sibling = array("i")
        self._sorted: array[int] | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def add(self, start: int) -> int:
        """A new entry, of which only its place is known; its number."""
        self.starts.append(start)
        self.kinds.append(0)
        self.names += bytes(HASH_BYTES)
        self.bases.append(NONE)
        self.work.append(0)
        self.depths.append(0)
        self._first_child.append(NONE)
        self._next_sibling.append(NONE)
        return len(self.starts) - 1

    def know(self, entry: int, kind: int, name: bytes) -> None:
        """Now the entry's kind and hash are known."""
        self.kinds[entry] = kind
        self.names[entry * HASH_BYTES : (entry + 1) * HASH_BYTES] = name
        self.order.append(entry)

    def name(self, entry: int) -> bytes:
        return bytes(self.names[entry * HASH_BYTES : (entry + 1) * HASH_BYTES])

    def starting_at(self, offset: int) -> int:
        """The entry that begins exactly there, or NONE."""
        entry = bisect_left(self.starts, offset)
        return entry if entry < len(self.starts) and self.starts[entry] == offset else NONE

    def put_below(self, entry: int, base: int) -> None:
        """The difference `entry` is one from `base`."""
        self.bases[entry] = base
        self._next_sibling[entry] = self._first_child[base]
        self._first_child[base] = entry

    def queue_behind(self, entry: int, first: int) -> None:
        """Put `entry` in front of a list that so far begins with `first`."""
        self._next_sibling[entry] = first

    def listed(self, entry: int) -> Iterator[int]:
        """The entry, and those queued behind it."""
        while entry != NONE:
            following = self._next_sibling[entry]
            yield entry
            entry = following

    def children(self, entry: int) -> Iterator[int]:
        """The differences from this entry."""
        return self.listed(self._first_child[entry])

    def find(self, oid: Oid) -> int | None:
        """The known entry of that hash: of several the one that became known first."""
        known, name = self.sort(), bytes.fromhex(oid)
        at = bisect_left(known, name, key=self.name)
        return known[at] if at < len(known) and self.name(known[at]) == name else None

    def sort(self) -> array[int]:
        """The known entries by their hashes, each hash once; final when all is known that ever will be.

        The first to become known stands for its hash. A base is known before the differences from
        it, so among those chosen no two can be based on each other, whatever duplicates there are.
        """
        if self._sorted is None:
            self._sorted, last = array("I"), b""
            for entry in sorted(self.order, key=self.name):
                name = self.name(entry)
                if name != last:
                    self._sorted.append(entry)
                    last = name
        return self._sorted
