"""A door that is shut only once everybody is out: closing a vault waits for what is at work in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from vaultkit.errors import VaultError


class Closed(VaultError):
    """The vault was closed; open it again."""

    def __init__(self) -> None:
        super().__init__("this vault is closed", hint="Open it again with `Vault.open`.")


class Door:
    """Threads go in and out until it is shut. Whoever waits inside is woken by the events it `calls`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False
        self._calls = WeakSet[threading.Event]()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be inside; Closed if it is shut."""
        with self._changed:
            if self._is_shut:
                raise Closed
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def calls(self, event: threading.Event | None = None) -> threading.Event:
        """`event`, or a new one, which is set when the door is shut."""
        with self._changed:
            event = event or threading.Event()
            self._calls.add(event)
            if self._is_shut:
                event.set()
            return event

    def shut(self) -> None:
        """Let nobody in any more, and wait until everybody is out."""
        with self._changed:
            self._is_shut = True
            for event in self._calls:
                event.set()
            self._changed.wait_for(lambda: not self._inside)
