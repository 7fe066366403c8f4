"""`kill -9` of one of the watchers now and then, and the restart a moment later."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.desk import Desk, text

LONGEST_DOWN_SECONDS = 3.0
EARLY = 0.15
"""How often the next kill comes while the restarted watcher still looks at everything."""


class Kills:
    """Kills and restarts, by chance, about every so many seconds."""

    def __init__(self, desk: Desk, chance: random.Random, every: float, clock: Callable[[], float]) -> None:
        self._desk, self._chance, self._every, self._clock = desk, chance, every, clock
        self._down: Path | None = None
        self._next = self._in_a_while()
        self.count = 0

    def tick(self) -> bool:
        """Kill or restart if it is time; True after a restart."""
        self._demand_alive()
        if self._clock() < self._next:
            return False
        return self._restart() if self._down else self._kill()

    def end(self) -> None:
        """Both watch again."""
        if self._down:
            self._restart()

    def _kill(self) -> bool:
        self._down = self._chance.choice([self._desk.local, self._desk.cloud])
        self._desk.kill(self._down)
        self.count += 1
        self._next = self._clock() + self._chance.uniform(0, LONGEST_DOWN_SECONDS)
        return False

    def _restart(self) -> bool:
        assert self._down
        self._desk.launch(self._down)
        self._down, self._next = None, self._in_a_while()
        return True

    def _in_a_while(self) -> float:
        if self._chance.random() < EARLY:
            return self._clock() + self._chance.uniform(0.3, 3)
        return self._clock() + self._every * self._chance.uniform(0.5, 1.5)

    def _demand_alive(self) -> None:
        """No watcher ends by itself."""
        for vault, process in self._desk.watchers().items():
            said = text(self._desk.folder / f"{vault.name}.log")[-2000:]
            assert process.poll() is None, f"{vault.name} ended with {process.returncode}:\n{said}"
