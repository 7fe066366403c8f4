"""A fetched pack on its way in: read through, looked into, and only then stored.

So nothing is stored of a pack that is damaged, or that lacks what its own commits need. What is left
out on purpose (see `pack_resolve`) is not there afterwards either: the store gets the other objects.
"""

from __future__ import annotations

from collections.abc import Callable

from vaultkit.core.git.bounds import DECODE_WORK, LOOKUP_WORK, work_to_take
from vaultkit.core.git.budget import Budget
from vaultkit.core.git.git_format import decode_commit, decode_folder
from vaultkit.core.git.pack_format import KINDS
from vaultkit.core.git.tree import Commit, Folder, Oid
from vaultkit.effects.objects.pack_bytes import PackBytes, Seekable
from vaultkit.effects.objects.pack_keep import keep_pack
from vaultkit.effects.objects.pack_resolve import PackContents
from vaultkit.effects.objects.pack_scan import Scan, check_whole, pack_size, scan_pack
from vaultkit.effects.objects.stored import StoredObjects


class ReceivedPack:
    """The Arrival port over the pack in `file`, for the store whose objects are `stored`."""

    def __init__(
        self, file: Seekable, stored: StoredObjects, most_objects: int, check: Callable[[], None]
    ) -> None:
        size = pack_size(file)
        data = PackBytes(file)
        count = check_whole(data, size, most_objects) if size else 0
        budget = Budget(work_to_take(size, count), check)
        self._looking = Budget(work_to_take(size, count), check)
        self._stored = stored
        self._scan = scan_pack(data, size, count, budget) if size else Scan(data)
        self._contents = PackContents(self._scan, stored.raw, budget)
        self._contents.resolve()
        self.large = stored.left_out.names() | self._scan.large
        self.unnamed = self._contents.unnamed

    def commit(self, oid: Oid) -> Commit:
        try:
            return decode_commit(self._read(oid, "commit"))
        except ValueError as error:
            raise KeyError(oid) from error

    def folder(self, oid: Oid) -> Folder:
        try:
            content = self._read(oid, "tree")
            self._looking.spend(DECODE_WORK * len(content))
            return decode_folder(content)
        except ValueError as error:
            raise KeyError(oid) from error

    def kind(self, oid: Oid) -> str:
        entry = self._scan.entries.find(oid)
        self._looking.spend(LOOKUP_WORK if entry is None else LOOKUP_WORK // 4)
        return self._stored.kind(oid) if entry is None else KINDS[self._scan.entries.kinds[entry]]

    def keep(self) -> None:
        self._stored.left_out.add(self._scan.large)
        keep_pack(self._scan, self._contents, self._stored)

    def _read(self, oid: Oid, wanted: str) -> bytes:
        entry = self._scan.entries.find(oid)
        kind, content = self._stored.raw(oid) if entry is None else self._look(entry, wanted)
        if kind != wanted:
            raise KeyError(oid)
        return content

    def _look(self, entry: int, wanted: str) -> tuple[str, bytes]:
        """Commits are read whatever it costs, for nothing can be taken in without them."""
        if wanted != "commit":
            self._looking.spend(self._scan.entries.work[entry])
        return self._contents.known(entry)
