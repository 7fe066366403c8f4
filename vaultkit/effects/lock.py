"""The vault's lock: one process at a time. The system frees it when its holder dies, however it dies."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from vaultkit.errors import VaultBusy


class VaultLock:
    """The Lock port over a lock file. Threads of one process wait for each other too."""

    def __init__(self, path: str) -> None:
        self._file = FileLock(path, thread_local=False)  # whichever thread lets go of it
        self._threads = threading.Lock()
        self._holder = Path(f"{path}.holder")

    def acquire(self, seconds: float) -> None:
        if not self._threads.acquire(timeout=max(seconds, 0.001)):
            raise self._busy()
        try:
            self._file.acquire(timeout=seconds, poll_interval=0.02)
        except BaseException as error:
            self._threads.release()
            if isinstance(error, Timeout):
                raise self._busy() from error
            raise
        self._holder.write_text(str(os.getpid()), "ascii")

    def release(self) -> None:
        self._file.release()
        self._threads.release()

    def _busy(self) -> VaultBusy:
        try:
            holder = f" (process {int(self._holder.read_text('ascii'))})"
        except (OSError, ValueError):
            holder = ""
        hint = "Wait until it is done, or stop it."
        return VaultBusy(f"another vaultkit process is at work in this vault{holder}", hint=hint)
