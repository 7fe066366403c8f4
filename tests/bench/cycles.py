"""What one cycle costs in processor and wall time, in a warm vault that is told where to look."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.vaults import Bench
from vaultkit import Vault

LOOP = "git add -A && (git commit -qm change || true) && git pull -q --rebase && git push -q"


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians, in milliseconds."""

    cpu: float
    wall: float


@dataclass(slots=True)
class CycleCosts:
    """The cost of each kind of cycle, vaultkit's and the git loop's."""

    mine: dict[str, Cost] = field(default_factory=dict)
    peer: dict[str, Cost] = field(default_factory=dict)
    git_rss_mb: float = 0.0
    verification: tuple[Cost, Cost] = (Cost(0, 0), Cost(0, 0))

    def rows(self) -> dict[str, tuple[Cost, Cost]]:
        return {name: (self.mine[name], self.peer[name]) for name in self.mine}


def measure_cycles(bench: Bench, repeats: int) -> CycleCosts:
    """In turns: one cycle of vaultkit, one round of the git loop."""
    costs = CycleCosts()
    with Vault.open(bench.a) as vault:
        vault.sync()
        for name, edits in (("no change", False), ("one note", True)):
            mine, peer = [], []
            for n in range(repeats):
                path = bench.note(7919 * (n + 1))
                if edits:
                    append(bench.a / path, n)
                    append(bench.git_a / path, n)
                paths = frozenset([path] if edits else [])
                mine.append(timed(lambda paths=paths: vault.sync(paths), own_cpu))  # type: ignore[misc]
                peer.append(timed(lambda: run_loop(bench.git_a), children_cpu))
            costs.mine[name], costs.peer[name] = median(mine), median(peer)
    costs.git_rss_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return costs


def append(path: Path, number: int) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"changed {number} at {time.time()}\n")


def run_loop(clone: Path) -> None:
    subprocess.run(["sh", "-c", LOOP], cwd=clone, check=True, capture_output=True)


def own_cpu() -> float:
    return time.process_time()


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object], cpu: Callable[[], float]) -> Cost:
    before, began = cpu(), time.monotonic()
    work()
    return Cost((cpu() - before) * 1000, (time.monotonic() - began) * 1000)


def median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(c.cpu for c in costs), statistics.median(c.wall for c in costs))
