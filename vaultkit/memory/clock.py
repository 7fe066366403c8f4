"""Time and chance that a test decides."""

from __future__ import annotations

import random


class FakeClock:
    """The Clock port: time passes only by sleeping, chance comes from a seed."""

    def __init__(self, start: int = 1_700_000_000, seed: int = 0) -> None:
        self.time = float(start)
        self.ticks = 0.0
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def now(self) -> int:
        return int(self.time)

    def monotonic(self) -> float:
        return self.ticks

    def uptime(self) -> float:
        return self.ticks

    def boot(self) -> str:
        return "the only run there is"

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.ticks += seconds

    def nonce(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def jitter(self) -> float:
        return self._random.random()
