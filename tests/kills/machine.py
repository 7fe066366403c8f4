"""Running commands in processes of their own, and killing them at a chosen call."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pytest

from tests.desk import ROOT
from tests.kills.trace import TRACED, Call, read_calls
from tests.limited import unwatched
from tests.servers import require

KILLED = -9


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    said: str


def require_tracing() -> None:
    """Skip where no process may be traced; that fails in CI."""
    done = subprocess.run([require("strace"), "true"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    reason = f"strace may not trace here: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Machine:
    """Runs commands. Use in a `with` block. `folder` is for what the runs write beside the vaults."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._said, self._log = folder / "said", folder / "strace"
        env = {**unwatched(), "PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(ROOT)}
        env |= {"VAULTKIT_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        env.pop("COVERAGE_PROCESS_START", None)
        command = [sys.executable, "-m", "tests.kills.warm"]
        pipe = subprocess.PIPE
        self._warm = subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._warm.communicate(timeout=60)

    def run(self, words: Iterable[str]) -> Done:
        """Run a command to its end."""
        self._start(words, held=False)
        return self._end()

    def traced(self, words: Iterable[str]) -> tuple[Done, list[Call]]:
        """Run a command to its end, with all its calls."""
        pid = self._start(words, held=True)
        return self._under_strace(pid, [])

    def killed(self, words: Iterable[str], point: Call, calls: list[Call]) -> tuple[Done, list[Call]]:
        """Kill a command as it enters `point`, which is one of its `calls`."""
        others = [c.number for c in calls if c.name == point.name and c.thread != point.thread]
        head_start = max(others, default=0) + 20 if others else 0
        pid = self._start(words, held=True, point=point, head_start=head_start)
        number = head_start + point.number
        return self._under_strace(pid, ["-e", f"inject={point.name}:signal=SIGKILL:when={number}"])

    def _start(
        self, words: Iterable[str], *, held: bool, point: Call | None = None, head_start: int = 0
    ) -> int:
        job = {"words": list(words), "held": held, "output": str(self._said), "head_start": head_start}
        job |= {"thread": point.thread if point else 0, "call": point.name if point else ""}
        self._tell(json.dumps(job))
        return int(self._hear())

    def _under_strace(self, pid: int, more: list[str]) -> tuple[Done, list[Call]]:
        command = [require("strace"), "-f", "-y", "-s", "0", "-e", "signal=none", "-e", f"trace={TRACED}"]
        command += [*more, "-o", str(self._log), "-p", str(pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr
        ready, _, _ = select.select([tracer.stderr], [], [], 30)
        said = tracer.stderr.readline() if ready else "strace says nothing"
        self._tell("go")
        done = self._end()
        tracer.wait(30)
        tracer.stderr.close()
        if "attached" not in said:
            raise PermissionError(said.strip())
        with open(self._log, encoding="utf-8", errors="surrogateescape") as log:
            return done, read_calls(line.rstrip("\n") for line in log)

    def _end(self) -> Done:
        code = int(self._hear())
        return Done(code, self._said.read_text("utf-8", "replace"))

    def _tell(self, line: str) -> None:
        assert self._warm.stdin
        print(line, file=self._warm.stdin, flush=True)

    def _hear(self) -> str:
        assert self._warm.stdout
        return self._warm.stdout.readline()
