"""Hints that a test gives."""

from __future__ import annotations

from vaultkit.ports import Hint


class MemoryWatcher:
    """The Watcher port in memory, for one thread: whatever is to be a hint is told to it by `tell`.

    Nothing happens while one waits, so a `wait` for what is not there yet ends at once.
    """

    def __init__(self) -> None:
        self._hints: dict[Hint, None] = {}
        self._watches = self._woken = False

    def tell(self, *hints: Hint) -> None:
        """Something may have changed; nobody hears of it while nobody watches."""
        if self._watches:
            self._hints |= dict.fromkeys(hints)

    def start(self) -> None:
        self._watches = True

    def drain(self) -> list[Hint]:
        hints = list(self._hints)
        self._hints, self._woken = {}, False
        return hints

    def wait(self, seconds: float) -> bool:
        return bool(self._hints) or self._woken

    def wake(self) -> None:
        self._woken = True

    def alive(self) -> bool:
        return self._watches

    def stop(self) -> None:
        self._watches = False
