"""A lock that processes in one simulated machine share."""

from __future__ import annotations

from vaultkit.errors import VaultBusy


class MemoryLock:
    """The Lock port in memory, for one thread: `holders` is what all takers of the same lock share.

    Nobody lets go while another one waits, for there is no other thread; so waiting is given up at once.
    """

    def __init__(self, holders: list[MemoryLock] | None = None) -> None:
        self._holders = [] if holders is None else holders

    def acquire(self, seconds: float) -> None:
        if self._holders:
            hint = "Wait until it is done, or stop it."
            raise VaultBusy("another vaultkit process is at work in this vault (a simulated one)", hint=hint)
        self._holders.append(self)

    def release(self) -> None:
        self._holders.remove(self)

    def rival(self) -> MemoryLock:
        """The same lock, as another process sees it."""
        return MemoryLock(self._holders)

    def die(self) -> None:
        """The holder was killed; the system frees what it held."""
        self._holders.clear()
