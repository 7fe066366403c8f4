"""Time and chance, from the system."""

from __future__ import annotations

import random
import secrets
import time


class SystemClock:
    """The Clock port."""

    def now(self) -> int:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def nonce(self) -> str:
        return secrets.token_hex(16)

    def jitter(self) -> float:
        return random.random()  # noqa: S311 - only spreads retries
