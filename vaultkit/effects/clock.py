"""Time and chance, from the system."""

from __future__ import annotations

import random
import secrets
import time
from functools import cache

BOOT_ID = "/proc/sys/kernel/random/boot_id"


class SystemClock:
    """The Clock port."""

    def now(self) -> int:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()

    def uptime(self) -> float:
        """Linux has a clock that counts a machine's sleep."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if clock is None else time.clock_gettime(clock)

    def boot(self) -> str:
        return _boot()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def nonce(self) -> str:
        return secrets.token_hex(16)

    def jitter(self) -> float:
        return random.random()  # noqa: S311 - only spreads retries


@cache
def _boot() -> str:
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return f"process {secrets.token_hex(8)}"
