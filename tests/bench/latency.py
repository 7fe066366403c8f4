"""How long a save on A takes to be visible on B, through two real processes, and what `watch` weighs."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.cycles import LOOP
from tests.bench.vaults import Bench

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 120.0


def measure_latency(bench: Bench, samples: int) -> tuple[float, float, float]:
    """Medians in ms, vaultkit's and the git loop's, at the same polling; and the peak RSS of `watch`, MB."""
    watches = [start_watch(vault) for vault in (bench.a, bench.b)]
    try:
        wait_until_synced(bench.a, bench.b)
        mine = sample(bench, bench.a, bench.b, samples)
        rss = max(peak_rss_mb(watch.pid) for watch in watches)
    finally:
        end(watches)
    script = f"while true; do {LOOP}; sleep {POLL_SECONDS}; done"
    loops = [subprocess.Popen(["sh", "-c", script], cwd=c, **QUIET) for c in (bench.git_a, bench.git_b)]
    try:
        wait_until_synced(bench.git_a, bench.git_b)
        peer = sample(bench, bench.git_a, bench.git_b, samples)
    finally:
        end(loops)
    return mine, peer, rss


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}


def start_watch(vault: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "vaultkit", "-C", str(vault), "watch", "--poll", str(POLL_SECONDS)]
    return subprocess.Popen(command, **QUIET)  # type: ignore[call-overload, no-any-return]


def wait_until_synced(a: Path, b: Path) -> None:
    """Until a first save has come through."""
    save(a, b, "Notes/warm.md", "warm\n")


def sample(bench: Bench, a: Path, b: Path, samples: int) -> float:
    chance = random.Random(5)
    found = []
    for n in range(samples):
        time.sleep(chance.uniform(0, 2 * POLL_SECONDS))  # a random moment between two polls
        found.append(save(a, b, bench.note(104_729 * (n + 1)), f"sample {n} {time.time()}\n"))
    return statistics.median(found) * 1000


def save(a: Path, b: Path, path: str, line: str) -> float:
    """Write on A, wait for B; seconds."""
    began = time.monotonic()
    with open(a / path, "a", encoding="utf-8") as file:
        file.write(line)
    while line not in _text(b / path):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{path} did not arrive in {PATIENCE_SECONDS} s")
        time.sleep(0.005)
    return time.monotonic() - began


def peak_rss_mb(pid: int) -> float:
    """The most memory a process ever held (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)


def _text(note: Path) -> str:
    """What a note says; nothing while it is just being replaced."""
    try:
        return note.read_text("utf-8")
    except FileNotFoundError:
        return ""
