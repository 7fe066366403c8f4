"""Canaries: notes that only have to arrive. One that does not shows that the sync is wedged."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.soak import saving
from tests.soak.ledger import Flight, Ledger

FOLDER = "Updates/canaries"
PATIENCE_SECONDS = 300.0
"""Longer than any restart on a busy machine takes, shorter than the look at everything that mends a miss."""


@dataclass(slots=True)
class Canary:
    side: str
    path: str
    out: float


class Canaries:
    """Those under way, and how long the others took."""

    def __init__(self, vaults: dict[str, Path], ledger: Ledger, clock: Callable[[], float]) -> None:
        self._vaults, self._ledger, self._clock = vaults, ledger, clock
        self._flying: list[Canary] = []
        self._last = 0
        self.seconds: list[float] = []

    def send(self, *sides: str) -> None:
        """From each of these sides (or from both) to the other one."""
        for side in sides or tuple(self._vaults):
            self._last += 1
            canary = Canary(side, f"{FOLDER}/{side} {self._last}.md", self._clock())
            saving.create(self._vaults[side] / canary.path, f"canary {self._last}\n".encode())
            self._flying.append(canary)

    def look(self) -> None:
        """See which have arrived; the sender takes such a one away. Fails for one that is lost."""
        for canary in [canary for canary in self._flying if self._is_there(canary)]:
            self._flying.remove(canary)
            flight = Flight(canary.side, canary.out, self._clock())
            self._ledger.flights.append(flight)
            self.seconds.append(flight.arrived - flight.out)
            saving.delete(self._vaults[canary.side] / canary.path)
        late = [canary for canary in self._flying if self._clock() - canary.out > PATIENCE_SECONDS]
        assert not late, f"wedged: {late[0].path} of {late[0].out:.1f} s has not arrived"

    def all_landed(self) -> bool:
        self.look()
        return not self._flying

    def report(self) -> str:
        median = statistics.median(self.seconds or [0.0])
        most = max(self.seconds, default=0.0)
        return f"{len(self.seconds)} canaries arrived, median {median:.1f} s, max {most:.1f} s"

    def _is_there(self, canary: Canary) -> bool:
        other = next(vault for side, vault in self._vaults.items() if side != canary.side)
        return (other / canary.path).exists()
