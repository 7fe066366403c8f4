"""The vault's lock: one process at a time. The system frees it when its holder dies, however it dies.

Nobody shall wait for ever because others come back quickly: whoever has just let go gives way while somebody
waits, and who has waited long asks more often than who has just come.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from vaultkit.errors import VaultBusy

PAUSES = ((4.0, 0.004), (1.0, 0.01), (0.0, 0.02))
"""Seconds waited so far, and seconds until the next try."""

GIVE_WAY_SECONDS = 0.03
RECENTLY_SECONDS = 0.1


class VaultLock:
    """The Lock port over a lock file. Threads of one process wait for each other too."""

    def __init__(self, path: str) -> None:
        self._file = FileLock(path, thread_local=False)  # whichever thread lets go of it
        self._threads = threading.Lock()
        self._holder = Path(f"{path}.holder")
        self._waiting = Path(f"{path}.waiting")
        self._waiters: set[int] = set()
        self._released = -RECENTLY_SECONDS

    def acquire(self, seconds: float) -> None:
        if seconds > 0:
            self._give_way()
        self._waiters.add(threading.get_ident())
        try:
            if not self._threads.acquire(timeout=max(seconds, 0.001)):
                raise self._busy()
        finally:
            self._waiters.discard(threading.get_ident())
        try:
            self._wait_for_file(seconds)
        except BaseException:
            self._threads.release()
            raise
        self._holder.write_text(str(os.getpid()), "ascii")

    def release(self) -> None:
        self._file.release()
        self._released = time.monotonic()
        self._threads.release()

    def _wait_for_file(self, seconds: float) -> None:
        began = time.monotonic()
        while True:
            try:
                self._file.acquire(timeout=0)
                return
            except Timeout as error:
                waited = time.monotonic() - began
                if waited >= seconds:
                    raise self._busy() from error
            self._waiting.touch()
            time.sleep(next(pause for least, pause in PAUSES if waited >= least))

    def _give_way(self) -> None:
        """Whoever had it just now lets those who wait try first."""
        if time.monotonic() - self._released < RECENTLY_SECONDS and (self._waiters or self._is_waited_for()):
            time.sleep(GIVE_WAY_SECONDS)

    def _is_waited_for(self) -> bool:
        """Did another process try just now? A mark, and not a lock: it means nothing once it is old."""
        try:
            return abs(time.time() - self._waiting.stat().st_mtime) < RECENTLY_SECONDS
        except OSError:
            return False

    def _busy(self) -> VaultBusy:
        try:
            holder = f" (process {int(self._holder.read_text('ascii'))})"
        except (OSError, ValueError):
            holder = ""
        hint = "Wait until it is done, or stop it."
        return VaultBusy(f"another vaultkit process is at work in this vault{holder}", hint=hint)
