"""How long a head is waited for that names what nobody delivers.

It is remembered in a small file beside the objects, for a `vaultkit sync` now and then is a process
of its own each time, and would otherwise never get further than its first try.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress

from vaultkit.core.git.tree import Oid

TRIES = 3
NAME = "vaultkit-incomplete"
_LINE = re.compile(r"([0-9a-f]{40}) (\d{1,9}) (\d{1,12})\n")
_LINE_BYTES = 100


class Patience:
    """How often and since when (UTC seconds) the last head that was incomplete was found so."""

    def __init__(self, seconds: float, folder: str, now: Callable[[], float] = time.time) -> None:
        self._seconds = seconds
        self._path = os.path.join(folder, "info", NAME)
        self._now = now

    def is_over(self, head: Oid) -> bool:
        """Was `head` incomplete in three tries before this one, the first of them long enough ago?"""
        tries, since = self._remembered(head)
        now = int(self._now())
        since = min(since, now)
        self._remember(head, tries + 1, since)
        return tries >= TRIES and now - since >= self._seconds

    def _remembered(self, head: Oid) -> tuple[int, int]:
        """How many tries there were, and when the first one was."""
        line = None
        with suppress(OSError, UnicodeDecodeError), open(self._path, encoding="ascii") as file:
            line = _LINE.fullmatch(file.read(_LINE_BYTES))
        if line is None or line[1] != head:
            return 0, int(self._now())
        return int(line[2]), int(line[3])

    def _remember(self, head: Oid, tries: int, since: int) -> None:
        with suppress(OSError):
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(self._path, "w", encoding="ascii") as file:
                file.write(f"{head} {tries} {since}\n")
