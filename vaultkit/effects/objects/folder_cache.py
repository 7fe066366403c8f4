"""Folders read recently. Their names are what takes memory, so it is entries that are counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

from vaultkit.core.tree import Entry, Folder, Oid


class FolderCache:
    """The folders used last, together about `most` entries; the newest one stays, however large."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries = 0
        self._folders: OrderedDict[Oid, Folder] = OrderedDict()

    def get(self, oid: Oid) -> Folder | None:
        folder = self._folders.get(oid)
        if folder is not None:
            with suppress(KeyError):  # work that was given up may still be using the cache beside us
                self._folders.move_to_end(oid)
        return folder

    def put(self, oid: Oid, folder: Mapping[str, Entry]) -> Folder:
        """Remember a folder; what comes back cannot be changed."""
        if oid in self._folders:
            return self._folders[oid]
        self._folders[oid] = fixed = MappingProxyType(folder)
        self._entries += len(fixed)
        while self._entries > self._most and len(self._folders) > 1:
            _, dropped = self._folders.popitem(last=False)
            self._entries -= len(dropped)
        return fixed
