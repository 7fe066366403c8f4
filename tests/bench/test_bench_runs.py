"""The benchmark itself works; what it measures is never asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.limited import unwatched
from tests.servers import require


@pytest.mark.bench
def test_the_benchmark_prints_its_tables() -> None:
    """A small run measures everything the full one does and prints the goals."""
    require("git")
    command = [sys.executable, "-m", "tests.bench", "--sizes", "100,200", "--repeats", "2", "--samples", "2"]
    command += ["--crew", "2"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env=unwatched(), capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = (
        "no change",
        "one note",
        "judge one incoming commit",
        "save on A to visible on B",
        "peak RSS",
        "tasks a second",
    )
    for words in (*rows, "| goal |"):
        assert words in done.stdout
