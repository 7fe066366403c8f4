"""The bytes of one pack, read at places, and the contents of its entries, never larger than allowed.

`PackBytes` knows nothing of hashes or of an index: it reads the head of the entry at an offset, and
inflates or applies what the head announces. Nobody is believed: the size is known, and found small
enough, before anything is inflated, and then exactly that many bytes have to come out.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from vaultkit.core.git.bounds import LARGEST, LARGEST_DELTA
from vaultkit.core.git.budget import Budget
from vaultkit.core.git.delta import LONGEST_SIZE, TooLarge, apply_delta, delta_sizes
from vaultkit.core.git.inflate import PIECE, STEP, Inflation
from vaultkit.core.git.pack_format import KINDS, Head, read_head

FIRST = 4096
"""So much is read at once; it mostly is the whole entry."""


class Seekable(Protocol):
    """A file that can be read anywhere."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def read(self, size: int, /) -> bytes | None: ...


class Entry:
    """An entry at an offset: its head, and the compressed data that was read together with it."""

    __slots__ = ("at", "head", "start")

    def __init__(self, at: int, head: Head, start: bytes) -> None:
        self.at = at
        self.head = head
        self.start = start


class PackBytes:
    """A pack in `file`. What is malformed is a ValueError, what is too large to build the leaf TooLarge."""

    def __init__(self, file: Seekable) -> None:
        self._file = file

    def read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size) or b""

    def digest(self, size: int) -> bytes:
        """The hash of the first `size` bytes."""
        digest = hashlib.sha1(usedforsecurity=False)
        for at in range(0, size, STEP):
            digest.update(self.read(at, min(STEP, size - at)))
        return digest.digest()

    def entry(self, at: int) -> Entry:
        start = self.read(at, FIRST)
        head = read_head(start)
        return Entry(at, head, start[head.length :])

    def inflation(self, entry: Entry) -> Inflation:
        """The entry's content as a stream, nothing of it inflated yet."""
        at = entry.at + entry.head.length + len(entry.start)

        def read_on() -> bytes:
            nonlocal at
            piece = self.read(at, PIECE)
            at += len(piece)
            return piece

        return Inflation(read_on, entry.start, entry.head.size)

    def content(self, entry: Entry, budget: Budget) -> tuple[str, bytes]:
        """Kind and content of an entry that is no difference."""
        kind = KINDS[entry.head.number]
        return kind, self._whole(entry, LARGEST[kind], budget)

    def applied(self, entry: Entry, kind: str, base: bytes, budget: Budget) -> bytes:
        """What the difference in `entry` makes of `base`."""
        return apply_delta(base, self._whole(entry, LARGEST_DELTA, budget), LARGEST[kind], budget)

    def result_size(self, entry: Entry) -> int:
        """The size of what an entry stands for, by its first bytes."""
        if entry.head.number in KINDS:
            return entry.head.size
        return delta_sizes(self.inflation(entry).take(min(LONGEST_SIZE, entry.head.size)))[1]

    def _whole(self, entry: Entry, most: int, budget: Budget) -> bytes:
        size = entry.head.size
        if size > most:
            raise TooLarge("an object is larger than what is kept")
        budget.spend(size)
        stream = self.inflation(entry)
        content = stream.take(size)
        stream.end()
        return content
