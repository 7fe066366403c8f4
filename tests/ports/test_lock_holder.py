"""A lock that cannot say who holds it is a lock all the same."""

from __future__ import annotations

from pathlib import Path

from vaultkit.effects.lock import VaultLock


def test_it_is_not_lost_for_ever_where_its_holder_cannot_be_written(tmp_path: Path) -> None:
    """A full disk, say; here a folder is in the way."""
    (tmp_path / "lock.holder").mkdir()
    lock = VaultLock(str(tmp_path / "lock"))
    for _ in range(2):
        lock.acquire(0)
        lock.release()
