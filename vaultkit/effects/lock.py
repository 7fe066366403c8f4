"""The vault's lock: one process at a time. The system frees it when its holder dies, however it dies.

Who waits stands in line for a second lock: its holder is next, and asks for the first one often. The others
ask for the second one now and then, which costs nothing, for it is held as long as somebody is at work. So
whoever comes back at once cannot overtake, and many who wait do not keep the machine busy. Should the one
that is next be asleep (a stopped process), the others ask for the first lock, too, after a while.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from vaultkit.errors import VaultBusy

NEXT_PAUSE = 0.004
PAUSES = ((3.0, 0.015), (0.0, 0.03))
"""Seconds waited so far, and seconds until the next try: who has waited long asks more often."""

ASLEEP_SECONDS = 1.0
GIVE_WAY_SECONDS = 0.001


class VaultLock:
    """The Lock port over a lock file. Threads of one process wait for each other too."""

    def __init__(self, path: str) -> None:
        self._file = FileLock(path, thread_local=False)  # whichever thread lets go of it
        self._next = FileLock(f"{path}.next", thread_local=False)
        self._threads = threading.Lock()
        self._waiters: set[int] = set()
        self._holder = Path(f"{path}.holder")

    def acquire(self, seconds: float) -> None:
        if self._waiters:
            time.sleep(GIVE_WAY_SECONDS)  # or this thread might take it again before another one wakes up
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
        with suppress(OSError):  # it only says whom to blame; a full disk must not keep the lock taken
            self._holder.write_text(str(os.getpid()), "ascii")

    def release(self) -> None:
        self._file.release()
        self._threads.release()

    def _wait_for_file(self, seconds: float) -> None:
        began, is_next = time.monotonic(), False
        try:
            while True:
                waited = time.monotonic() - began
                is_next = is_next or (seconds > 0 and _takes(self._next))
                if (is_next or seconds <= 0 or waited >= ASLEEP_SECONDS) and _takes(self._file):
                    return
                if waited >= seconds:
                    raise self._busy()
                pause = next(pause for least, pause in PAUSES if waited >= least)
                time.sleep(min(NEXT_PAUSE if is_next else pause, seconds))
        finally:
            if is_next:
                self._next.release()

    def _busy(self) -> VaultBusy:
        try:
            holder = f" (process {int(self._holder.read_text('ascii'))})"
        except (OSError, ValueError):
            holder = ""
        hint = "Wait until it is done, or stop it."
        return VaultBusy(f"another vaultkit process is at work in this vault{holder}", hint=hint)


def _takes(file: FileLock) -> bool:
    try:
        file.acquire(timeout=0)
    except Timeout:
        return False
    return True
