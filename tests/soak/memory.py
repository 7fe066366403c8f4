"""How much memory the watchers hold, over time (Linux)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.desk import Desk

EVERY_SECONDS = 2.0
GROWN_UP_SECONDS = 20.0
MOST_GROWTH = 1.3


class Sample(NamedTuple):
    """At `at` seconds, the watcher of a side, up for `up` seconds, held so much."""

    at: float
    side: str
    pid: int
    up: float
    kib: int


class Memory:
    """Samples, also kept in a file line by line."""

    def __init__(self, desk: Desk, file: Path, clock: Callable[[], float]) -> None:
        self._desk, self._file, self._clock = desk, file, clock
        self._next = 0.0
        self._born: dict[int, float] = {}
        self.samples: list[Sample] = []
        file.write_text(f"{','.join(Sample._fields)}\n", "utf-8")

    def tick(self) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY_SECONDS
        for vault, process in self._desk.watchers().items():
            up = now - self._born.setdefault(process.pid, now)
            self._add(Sample(round(now, 1), vault.name, process.pid, round(up, 1), rss_kib(process.pid)))

    def _add(self, sample: Sample) -> None:
        self.samples.append(sample)
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(f"{','.join(map(str, sample))}\n")

    def growth(self, side: str) -> float | None:
        """The last quarter's median over the second quarter's, of processes that are grown up."""
        found = [sample for sample in self.samples if sample.side == side and sample.up > GROWN_UP_SECONDS]
        end = max((sample.at for sample in found), default=0.0)
        early = [sample.kib for sample in found if end / 4 <= sample.at < end / 2]
        late = [sample.kib for sample in found if sample.at >= end * 3 / 4]
        return statistics.median(late) / statistics.median(early) if early and late else None

    def report(self, side: str) -> str:
        mine = [sample.kib / 1024 for sample in self.samples if sample.side == side] or [0.0]
        growth = self.growth(side)
        told = f", last quarter {growth:.2f}x the second" if growth else ""
        return f"RSS of {side}: median {statistics.median(mine):.0f} MB, max {max(mine):.0f} MB{told}"


def rss_kib(pid: int) -> int:
    """0 for a process that has just begun or ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def clock_from_now() -> Callable[[], float]:
    """Seconds since this was called."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
