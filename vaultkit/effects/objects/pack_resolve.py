"""The second reading of a fetched pack: what its differences stand for.

Starting from each whole object, the differences from it are built, and those from them, depth
first. Some contents are remembered; one that was forgotten is built again from what is below it,
which the budget pays for like everything else. So memory is bounded by the largest contents, and
time by the budget, whatever shape somebody gives the pack.

A difference is left out where its base is missing, too large or left out itself, where it makes no
sense or something too large, or where reading it later would take more than one object may cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vaultkit.core.git.bounds import LONGEST_CHAIN, LOOKUP_WORK, MIB, work_to_read
from vaultkit.core.git.budget import Budget, OverBudget
from vaultkit.core.git.delta import TooLarge
from vaultkit.core.git.git_format import object_hash
from vaultkit.core.git.pack_format import NUMBERS, oid_of
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.content_cache import ContentCache
from vaultkit.effects.objects.pack_entries import NONE
from vaultkit.effects.objects.pack_scan import Scan

CACHED_BYTES = 32 * MIB

Raw = Callable[[Oid], tuple[str, bytes]]
"""An object that is stored already: kind and content; KeyError if there is none."""


class PackContents:
    """The contents of a scanned pack's entries, and which of them there are."""

    def __init__(self, scan: Scan, raw: Raw, budget: Budget) -> None:
        self._check = budget.check
        self._scan = scan
        self._entries = scan.entries
        self._raw = raw
        self._budget = budget
        self._cache: ContentCache[int] = ContentCache(CACHED_BYTES)
        self.unnamed = 0

    def resolve(self) -> None:
        """Make known all that can be known."""
        try:
            for entry in self._roots():
                self._grow(entry)
            for name in list(self._scan.waiting):
                self._grow_from_store(name)
        except OverBudget:
            pass
        self._count_unnamed()

    def known(self, entry: int) -> tuple[str, bytes]:
        """Kind and content of a known entry, once more for what it cost to make it known."""
        return self._content(entry, Budget(self._entries.work[entry] + LOOKUP_WORK, self._check))

    def _content(self, entry: int, budget: Budget) -> tuple[str, bytes]:
        chain = []
        while (found := self._cache.get(entry)) is None and self._entries.bases[entry] != NONE:
            chain.append(entry)
            entry = self._entries.bases[entry]
        if found is None:
            found = self._whole(entry, budget)
            self._cache.put(entry, *found)
        for above in reversed(chain):
            found = found[0], self._applied(above, *found, budget)
        return found

    def _whole(self, entry: int, budget: Budget) -> tuple[str, bytes]:
        if entry >= self._scan.count:
            kind, content = self._raw(oid_of(self._entries.name(entry)))
            budget.spend(LOOKUP_WORK + len(content))
            return kind, content
        found = self._scan.data.entry(self._entries.starts[entry])
        self._cache.make_room(found.head.size)
        return self._scan.data.content(found, budget)

    def _roots(self) -> Iterator[int]:
        """The whole objects, commits first and files last: without its commits a pack is worth nothing."""
        entries, count = self._entries, len(self._entries.order)
        for kind in ("commit", "tag", "tree", "blob"):
            for position in range(count):
                if entries.kinds[entries.order[position]] == NUMBERS[kind]:
                    yield entries.order[position]

    def _grow_from_store(self, name: bytes) -> None:
        """Differences from an object that is not in the pack, but here already."""
        if name not in self._scan.waiting:
            return
        self._budget.spend(LOOKUP_WORK)
        try:
            kind, content = self._raw(oid_of(name))
        except KeyError:
            return
        entry = self._entries.add(0)
        self._entries.know(entry, NUMBERS[kind], name)
        self._entries.work[entry] = len(content)
        self._cache.put(entry, kind, content)
        self._grow(entry)

    def _grow(self, root: int) -> None:
        """Make known what is built on the known entry `root`."""
        growing = self._above(root)
        while growing:
            entry = growing.pop()
            try:
                self._build(entry)
            except TooLarge:
                if self._entries.kinds[self._entries.bases[entry]] == NUMBERS["blob"]:
                    self._scan.oversized.append(entry)
            except (ValueError, KeyError):
                continue  # nothing that is built on it can be known either
            else:
                growing += self._above(entry)

    def _above(self, base: int) -> list[int]:
        """The differences from an entry, also those that name it by its hash."""
        for entry in list(self._entries.listed(self._scan.waiting.pop(self._entries.name(base), NONE))):
            self._entries.put_below(entry, base)
        return list(self._entries.children(base))

    def _build(self, entry: int) -> None:
        entries, base = self._entries, self._entries.bases[entry]
        kind, below = self._content(base, self._budget)
        before = self._budget.left
        content = self._applied(entry, kind, below, self._budget)
        work = entries.work[base] + before - self._budget.left
        if entries.depths[base] == LONGEST_CHAIN or work > work_to_read(kind, len(content)):
            raise ValueError("reading it would take too long")
        digest = object_hash(kind, len(content))
        digest.update(content)
        entries.work[entry], entries.depths[entry] = work, entries.depths[base] + 1
        entries.know(entry, NUMBERS[kind], digest.digest())

    def _applied(self, entry: int, kind: str, base: bytes, budget: Budget) -> bytes:
        data = self._scan.data
        difference = data.entry(self._entries.starts[entry])
        self._cache.make_room(len(base) + difference.head.size)
        content = data.applied(difference, kind, base, budget)
        self._cache.put(entry, kind, content)
        return content

    def _count_unnamed(self) -> None:
        """How many files cannot be named because they, or what they are built on, are too large."""
        growing: list[int] = []
        for oid in self._scan.large:
            growing += self._entries.listed(self._scan.waiting.get(bytes.fromhex(oid), NONE))
        for entry in self._scan.oversized:
            growing += self._entries.children(entry)
            self.unnamed += self._entries.bases[entry] != NONE
        while growing:
            entry = growing.pop()
            self.unnamed += 1
            growing += self._entries.children(entry)
