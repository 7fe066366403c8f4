"""The objects in a repository's packs, read within bounds.

dulwich's index says where an object is; the rest is done here, because dulwich would inflate
whatever is there and follow a difference wherever it leads. An object stored as a difference is
read in two steps. Going down its chain only heads are read: a chain that is too long, that leaves
the pack or that goes round in a circle is found out for the price of some heads. Then the contents
are built upwards, each step bounded and paid for out of one allowance of work.

The pack is opened for each object (a few microseconds), so nothing has to be closed, no file
descriptors pile up, and a pack that git replaced meanwhile is simply not there any more.
Several threads may read at once; they take turns.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from typing import NamedTuple

from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID
from dulwich.pack import FilePackIndex, Pack, PackFileDisappeared

from vaultkit.core.git.bounds import LARGEST, LONGEST_CHAIN, MIB, work_to_read
from vaultkit.core.git.budget import Budget, OverBudget
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.pack_format import KINDS, PACK_HEAD
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.content_cache import ContentCache
from vaultkit.effects.objects.pack_bytes import Entry, PackBytes
from vaultkit.effects.objects.regular_file import open_regular
from vaultkit.ports import Weight

CACHED_BYTES = 16 * MIB
LARGEST_CACHED = CACHED_BYTES // 4
_NONSENSE = (
    ArithmeticError,
    AssertionError,
    LookupError,
    OSError,
    PackFileDisappeared,
    TypeError,
    ValueError,
    struct.error,
)
"""What dulwich raises over an index that is damaged, made up, or gone."""

Found = tuple[str, bytes]
"""Kind and content."""


class Place(NamedTuple):
    """Where an object is."""

    pack: Pack
    path: str
    offset: int


class PackedObjects:
    """The objects in the packs of `store`."""

    def __init__(self, store: DiskObjectStore) -> None:
        self._store = store
        self._packs: list[Pack] = []
        self._cache: ContentCache[tuple[str, int]] = ContentCache(CACHED_BYTES)
        self._lock = threading.RLock()

    def contains(self, oid: Oid) -> bool:
        with self._lock:
            return next(self._places(oid), None) is not None

    def read(self, oid: Oid) -> Found | None:
        """Kind and content; None if it is in no pack, or damaged or beyond bounds wherever it is."""
        with self._lock:
            return self._find(oid)

    def _find(self, oid: Oid) -> Found | None:
        for place in self._places(oid):
            file = open_regular(place.path, follow=True)
            if file is None:
                continue
            with file:
                found = self._read(PackBytes(file), place)
            if found and object_id(*found) == oid:
                return found
        return None

    def weigh(self, oid: Oid) -> Weight | None:
        """Kind and size by the heads of its chain; the content is not read."""
        with self._lock:
            return self._find_weight(oid)

    def _find_weight(self, oid: Oid) -> Weight | None:
        for place in self._places(oid):
            file = open_regular(place.path, follow=True)
            if file is None:
                continue
            with file:
                found = self._weigh(PackBytes(file), place)
            if found:
                return found
        return None

    def _places(self, oid: Oid) -> Iterator[Place]:
        """Where the object is; only if it is nowhere, other programs' new packs are looked for."""
        name = ObjectID(oid.encode("ascii"))
        places = [place for pack in self._packs if (place := _place(pack, name))]
        if not places:
            self._packs = self._store.packs
            places = [place for pack in self._packs if (place := _place(pack, name))]
        return iter(places)

    def _read(self, data: PackBytes, place: Place) -> Found | None:
        try:
            chain, found = self._chain(data, place)
            weight = _weight(data, chain, found)
            if weight.size > LARGEST[weight.kind]:
                return None
            return self._build(data, place.path, chain, found, Budget(work_to_read(*weight)))
        except (ValueError, OverBudget):
            return None

    def _chain(self, data: PackBytes, place: Place) -> tuple[list[Entry], Found | None]:
        """The entries from the object down to one that is whole, or whose base is known already."""
        chain: list[Entry] = []
        at = place.offset
        while (found := self._cache.get((place.path, at))) is None:
            entry = data.entry(at)
            chain.append(entry)
            if entry.head.number in KINDS:
                break
            if len(chain) > LONGEST_CHAIN:
                raise ValueError("a chain of differences is too long")
            at = _base_of(place.pack, entry)
        return chain, found

    def _build(
        self, data: PackBytes, path: str, chain: list[Entry], found: Found | None, budget: Budget
    ) -> Found:
        """What the chain stands for; the contents on the way up are remembered, if they are not large."""
        is_chain = found is not None or len(chain) > 1
        while chain:
            entry = chain.pop()
            self._cache.make_room(entry.head.size + (len(found[1]) if found else 0))
            if found is None:
                found = data.content(entry, budget)
            else:
                found = found[0], data.applied(entry, *found, budget)
            if is_chain and len(found[1]) <= LARGEST_CACHED:
                self._cache.put((path, entry.at), *found)
        if found is None:
            raise ValueError("a chain of nothing")
        return found

    def _weigh(self, data: PackBytes, place: Place) -> Weight | None:
        try:
            return _weight(data, *self._chain(data, place))
        except ValueError:
            return None


def _weight(data: PackBytes, chain: list[Entry], found: Found | None) -> Weight:
    """Kind and size of what a chain builds, as its heads tell."""
    kind = found[0] if found else KINDS[chain[-1].head.number]
    return Weight(kind, data.result_size(chain[0]) if chain else len(found[1]) if found else 0)


def _place(pack: Pack, name: ObjectID) -> Place | None:
    """Where `name` is in `pack`, None if it is not in it."""
    try:
        index = pack.index
        if isinstance(index, FilePackIndex):
            return Place(pack, os.path.splitext(index.path)[0] + ".pack", index.object_offset(name))
    except _NONSENSE:
        pass
    return None


def _base_of(pack: Pack, entry: Entry) -> int:
    """Where the base of a difference begins."""
    if entry.head.name:
        place = _place(pack, ObjectID(entry.head.name))
        if place is None:
            raise ValueError("the base of a difference is not in its pack")
        return place.offset
    if not PACK_HEAD.size <= entry.at - entry.head.distance < entry.at:
        raise ValueError("a difference leads out of its pack")
    return entry.at - entry.head.distance
