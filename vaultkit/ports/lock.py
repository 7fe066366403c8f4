"""Who may work in the vault now."""

from __future__ import annotations

from typing import Protocol


class Lock(Protocol):
    def acquire(self, seconds: float) -> None:
        """Take the vault's lock; VaultBusy if another process holds it longer than that."""

    def release(self) -> None: ...
