"""Objects read recently, which a cycle asks for again and again; how much they may weigh is bounded.

Several threads may read at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from vaultkit.core.git.tree import Oid

T = TypeVar("T")


class Recent(Generic[T]):
    """The values used last, together of about the weight `most`; the newest one stays, however heavy."""

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._values: OrderedDict[Oid, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, oid: Oid) -> T | None:
        with self._lock:
            value = self._values.get(oid)
            if value is not None:
                self._values.move_to_end(oid)
            return value

    def put(self, oid: Oid, value: T) -> T:
        """Remember a value; what comes back is the one that is kept."""
        with self._lock:
            if oid in self._values:
                return self._values[oid]
            self._values[oid] = value
            self._weight += self._weigh(value)
            while self._weight > self._most and len(self._values) > 1:
                _, dropped = self._values.popitem(last=False)
                self._weight -= self._weigh(dropped)
            return value
