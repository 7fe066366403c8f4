"""An end to everything: work that must be over in time, or is given up.

A timeout on each read does not bound a server that sends a byte a minute, and nothing bounds a
network disk that hangs. So the work runs in a thread of its own, and when time is up nobody waits for
it any more. What it still does is nothing that shows (objects nobody names), and where it looks by
with `check` now and then it ends by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
    cut: Callable[[], None] = lambda: None
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; RemoteUnreachable if it took too long or was interrupted.

        After an interrupt it is not even begun: quick work would be over before anybody looks.
        """
        if self.interrupted.is_set():
            raise self._given_up()
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

    def check(self) -> None:
        """For the work itself: raise if nobody waits for it any more."""
        if self._over.is_set():
            raise self._given_up()

    def _wait(self, thread: threading.Thread) -> None:
        end = time.monotonic() + self.seconds
        while thread.is_alive():
            thread.join(min(LOOK_SECONDS, max(0.0, end - time.monotonic())))
            if thread.is_alive() and (self.interrupted.is_set() or time.monotonic() >= end):
                self._over.set()
                self.cut()
                raise self._given_up()

    def _given_up(self) -> RemoteUnreachable:
        if self.interrupted.is_set():
            return RemoteUnreachable(f"{self.address} is not waited for any more", hint="Try again.")
        hint = "Check the network; your work is safe here and goes out later."
        return RemoteUnreachable(f"{self.address} gave no answer within {self.seconds:g} s", hint=hint)
