"""`python -m tests.bench`: what a cycle costs, beside the same work done by a git command-line loop.

Everything is measured in one run on one machine, vaultkit and git in turns. Figures are medians;
what to believe is the ratios. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench.crew import print_crew
from tests.bench.cycles import CycleCosts, measure_cycles
from tests.bench.latency import measure_latency
from tests.bench.vaults import Bench
from tests.bench.verification import measure_verification
from tests.servers import git

GOAL_RSS_MB = 100


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="1000,10000,100000", help="numbers of notes, comma-separated")
    options.add_argument("--repeats", type=int, default=15, help="cycles per figure")
    options.add_argument("--samples", type=int, default=12, help="saves per latency figure")
    options.add_argument("--crew", type=int, default=20, help="agents on one vault, each with as many tasks")
    given = options.parse_args()
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {git('--version').strip()}", flush=True
    )
    rows = []
    for size in map(int, given.sizes.split(",")):
        with (
            tempfile.TemporaryDirectory(prefix="vaultkit-bench-") as folder,
            Bench(Path(folder), size) as bench,
        ):
            print(
                f"\n{size} notes: init {bench.init_seconds:.1f} s, join {bench.join_seconds:.1f} s",
                flush=True,
            )
            costs = measure_cycles(bench, given.repeats)
            costs.verification = measure_verification(bench, given.repeats)
            latency = measure_latency(bench, given.samples)
            rows.append((size, costs, latency))
            print_size(size, costs, latency)
    print_goals(rows)
    print_crew(given.crew, given.crew)


def print_size(size: int, costs: CycleCosts, latency: tuple[float, float, float]) -> None:
    mine, peer, rss = latency
    print("\n| at", size, "notes | vaultkit CPU ms | wall ms | git loop CPU ms | wall ms | CPU ratio |")
    print("|---|---|---|---|---|---|")
    for name, (a, b) in costs.rows().items():
        print(f"| {name} | {a.cpu:.1f} | {a.wall:.1f} | {b.cpu:.1f} | {b.wall:.1f} | {a.cpu / b.cpu:.2f} |")
    a, b = costs.verification
    figures = f"{a.cpu:.2f} | {a.wall:.2f} | {b.cpu:.2f} | {b.wall:.2f} | {a.cpu / b.cpu:.2f}"
    print(f"| judge one incoming commit (peer: `git verify-commit`) | {figures} |")
    print(f"| save on A to visible on B | | {mine:.0f} | | {peer:.0f} | {mine / peer:.2f} (wall) |")
    print(f"| peak RSS | vaultkit watch {rss:.0f} MB | | git {costs.git_rss_mb:.0f} MB | | |", flush=True)


def print_goals(rows: list[tuple[int, CycleCosts, tuple[float, float, float]]]) -> None:
    """The goals, and whether this run reached them."""
    costs = {size: cost for size, cost, _ in rows}
    first, last = min(costs), max(costs)
    print("\n| goal | measured | reached |\n|---|---|---|")
    for name in ("no change", "one note"):
        ratio = costs[last].rows()[name][0].cpu / costs[first].rows()[name][0].cpu
        goal(f"CPU of a cycle, {name}: {last} within 1.3x of {first} notes", f"{ratio:.2f}x", ratio <= 1.3)
    ratio = costs[last].verification[0].cpu / costs[first].verification[0].cpu
    goal(f"judging one incoming commit: {last} within 1.3x of {first} notes", f"{ratio:.2f}x", ratio <= 1.3)
    for size, most in ((10_000, 1.0), (100_000, 1 / 3)):
        if size in costs:
            mine, peer = costs[size].rows()["one note"]
            ratio = mine.cpu / peer.cpu
            goal(
                f"one-note cycle at {size}: at most {most:.2f}x the git loop's CPU",
                f"{ratio:.2f}x",
                ratio <= most,
            )
    for size, _, (mine_ms, peer_ms, rss) in rows:
        ratio = mine_ms / peer_ms
        goal(f"save to visible at {size}: at most half the git loop's", f"{ratio:.2f}x", ratio <= 0.5)
        if size == last:
            goal(f"RSS of watch at {size}: under {GOAL_RSS_MB} MB", f"{rss:.0f} MB", rss < GOAL_RSS_MB)


def goal(what: str, measured: str, reached: bool) -> None:
    print(f"| {what} | {measured} | {'yes' if reached else 'NO'} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
