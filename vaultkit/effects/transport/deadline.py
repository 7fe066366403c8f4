"""An end to everything: work that must be over in time, or is given up.

A timeout on each read does not bound a server that sends a byte a minute. So the work runs in a
thread of its own, and when time is up nobody waits for it any more; what it still does is nothing
that shows (objects nobody names).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vaultkit.errors import RemoteUnreachable

T = TypeVar("T")
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Limit:
    """How long work at `address` may take, in seconds, what ends it early, and how it is cut off."""

    seconds: float
    interrupted: threading.Event
    address: str
    cut: Callable[[], None]

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; RemoteUnreachable if it took too long or was interrupted."""
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(work())
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, daemon=True, name="vaultkit-remote")
        thread.start()
        self._wait(thread)
        if errors:
            raise errors[0]
        return results[0]

    def _wait(self, thread: threading.Thread) -> None:
        end = time.monotonic() + self.seconds
        while thread.is_alive():
            thread.join(min(LOOK_SECONDS, max(0.0, end - time.monotonic())))
            if thread.is_alive() and (self.interrupted.is_set() or time.monotonic() >= end):
                self.cut()
                hint = "Check the network; your work is safe here and goes out later."
                raise RemoteUnreachable(f"{self.address} gave no answer within {self.seconds:g} s", hint=hint)
