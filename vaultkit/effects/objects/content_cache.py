"""Contents read recently, so that a chain of differences is not walked anew for each of its versions.

Each is counted with `OVERHEAD`, what Python needs beside it: a million tiny ones would not be small.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
OVERHEAD = 256


class ContentCache(Generic[Key]):
    """The contents used last, each with its kind, together about `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._kept: OrderedDict[Key, tuple[str, bytes]] = OrderedDict()

    def get(self, key: Key) -> tuple[str, bytes] | None:
        found = self._kept.get(key)
        if found is not None:
            with suppress(KeyError):  # work that was given up may still be using the cache beside us
                self._kept.move_to_end(key)
        return found

    def put(self, key: Key, kind: str, content: bytes) -> None:
        """Remember a content. The newest one stays, however large."""
        if key in self._kept:
            return
        self._kept[key] = kind, content
        self._bytes += len(content) + OVERHEAD
        self._shrink(self._most, 1)

    def make_room(self, size: int) -> None:
        """Forget so much that what is kept and `size` bytes more are not too much together."""
        self._shrink(self._most - size, 0)

    def _shrink(self, most: int, fewest: int) -> None:
        while self._bytes > most and len(self._kept) > fewest:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= len(dropped) + OVERHEAD
