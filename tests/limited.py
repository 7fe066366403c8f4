"""Running code that must stay within bounds in a process that cannot leave them.

The memory that is set free with a limit above what is in use, and a limit of processor time, are the
system's: what exceeds them fails, whatever the code believes.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ALLOWED_BYTES = 256 * 1024**2
ROOT = Path(__file__).resolve().parents[1]


def run_limited(function: str, *arguments: str, cpu_seconds: int) -> Any:
    """What `module:function` returns as JSON, run in a child with its memory and time limited."""
    command = [sys.executable, "-m", "tests.limited", str(cpu_seconds), function, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=unwatched(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"it ended with {done.returncode}:\n{done.stderr[-4000:]}"
    sys.stderr.write(done.stderr)
    return json.loads(done.stdout)


def unwatched(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without what makes a child measure its coverage, which costs time and memory."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_PROCESS")}


def main() -> None:
    seconds, function, *arguments = sys.argv[1:]
    module, _, name = function.partition(":")
    work = getattr(importlib.import_module(module), name)
    limit_from_here(int(seconds))
    sys.stdout.write(json.dumps(work(*arguments)))


def limit_from_here(cpu_seconds: int) -> None:
    import resource  # not on every system

    resource.setrlimit(resource.RLIMIT_DATA, (used_bytes() + ALLOWED_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))


def used_bytes() -> int:
    """What RLIMIT_DATA counts (Linux)."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))


if __name__ == "__main__":
    main()
