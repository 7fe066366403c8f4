"""Everything that can be read below one `objects` folder: loose, packed, and borrowed from others.

An object is hashed when it is read, so what is found under its name is it. Where one copy is
damaged or beyond bounds, the next place is tried; what is nowhere counts as missing.
"""

from __future__ import annotations

import os
import re
import threading

from dulwich.object_store import DiskObjectStore

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.left_out import LeftOutNames
from vaultkit.effects.objects.lenders import lenders
from vaultkit.effects.objects.loose import LooseObjects
from vaultkit.effects.objects.packed import PackedObjects
from vaultkit.ports import Weight

_OID = re.compile(r"[0-9a-f]{40}")


class StoredObjects:
    """The objects in the folder of `store`. Reading raises KeyError for what is not there."""

    def __init__(self, store: DiskObjectStore, *, borrows: bool = True) -> None:
        self._store = store
        self._borrowed: list[StoredObjects] | None = None if borrows else []
        self._lock = threading.Lock()
        self.access = store.shared_perm
        self.pack_folder = os.fspath(store.pack_dir)
        self.loose = LooseObjects(os.fspath(store.path), self.access)
        self.packed = PackedObjects(store)
        self.left_out = LeftOutNames(os.fspath(store.path))

    def raw(self, oid: Oid) -> tuple[str, bytes]:
        """The kind and the content."""
        found = self._find(oid)
        if found is None:
            raise KeyError(oid)
        return found

    def weigh(self, oid: Oid) -> Weight:
        """The kind and the size, by the first bytes; also of what is too large to read."""
        found = self._weigh(oid)
        if found is None:
            raise KeyError(oid)
        return found

    def kind(self, oid: Oid) -> str:
        """The kind of an object that is not too large."""
        kind, size = self.weigh(oid)
        if size > LARGEST.get(kind, 0):
            raise KeyError(oid)
        return kind

    def contains(self, oid: Oid) -> bool:
        """Is it there, and if it is loose, whole?"""
        if not _OID.fullmatch(oid):
            return False
        found = self.loose.read(oid) is not None or self.packed.contains(oid)
        return found or any(store.contains(oid) for store in self._lenders())

    def _find(self, oid: Oid) -> tuple[str, bytes] | None:
        if not _OID.fullmatch(oid):
            return None
        found = self.loose.read(oid) or self.packed.read(oid)
        return found or next((it for store in self._lenders() if (it := store._find(oid))), None)

    def _weigh(self, oid: Oid) -> Weight | None:
        if not _OID.fullmatch(oid):
            return None
        found = self.loose.weigh(oid) or self.packed.weigh(oid)
        return found or next((it for store in self._lenders() if (it := store._weigh(oid))), None)

    def _lenders(self) -> list[StoredObjects]:
        with self._lock:
            if self._borrowed is None:
                stores = [DiskObjectStore(folder) for folder in lenders(os.fspath(self._store.path))]
                self._store._alternates = [*stores]  # so that dulwich closes them with the store
                self._borrowed = [StoredObjects(store, borrows=False) for store in stores]
            return self._borrowed
