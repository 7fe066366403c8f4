"""Eight agents who want the same task: real processes, each with a vault of its own, at one remote.

`python -m tests.racers VAULT` is one of them: each line it reads names a task, which it claims at once (or
tells it to open its vault anew); it answers with a line of JSON. `Racers` starts them and gives the sign.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from tests.desk import environment, put
from tests.limited import unwatched
from vaultkit import AlreadyClaimed, KeyPlace, Vault, VaultError, init_vault, join_vault
from vaultkit.opening import read_machine_file, write_machine_file

RACERS = ("local_agent", "cloud_agent", *(f"agent{n}" for n in range(3, 9)))
ONLY_TWO = 'path: "Needs_Action/**",        write: [cloud_agent, local_agent]'
OPEN_AGAIN = "open again"
EVERYBODY = 'path: "Needs_Action/**",        write: ["*"]'


@dataclass(frozen=True, slots=True)
class Run:
    """How one claim of one racer went: who has the task as far as it was told, after how many seconds.

    `pushes`: how often it tried to publish. `error`: what else it was told.
    """

    agent: str
    won: bool
    holder: str
    seconds: float
    pushes: int
    error: str = ""


class Racers:
    """A process for each of the `vaults`. Use in a `with` block."""

    def __init__(self, vaults: Mapping[str, Path], **extra: str) -> None:
        self.vaults = vaults
        self._processes = [_start(vault, extra) for vault in vaults.values()]

    def __enter__(self) -> Racers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            _, said = process.communicate(timeout=120)
            assert kind or process.returncode == 0, said

    def race(self, tasks: list[str], url: str) -> Race:
        """All race for one task after the other, the remote being at `url`."""
        for vault in self.vaults.values():
            write_machine_file(vault, replace(read_machine_file(vault), remote=url))
        assert self._ask(OPEN_AGAIN) == [{"in_step": True}] * len(RACERS)
        return Race(tasks, [[Run(**answer) for answer in self._ask(task)] for task in tasks])

    def _ask(self, line: str) -> list[dict[str, Any]]:
        """Say something to all at once, and wait until each has answered."""
        for process in self._processes:
            assert process.stdin
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        return [_hear(process) for process in self._processes]


@dataclass(frozen=True, slots=True)
class Race:
    """What came of a race: for each task, how it went for each racer."""

    tasks: list[str]
    runs: list[list[Run]]

    def figures(self) -> str:
        """Who won how often, how long the claims took that won, and how many publications came too late."""
        winners = [run for runs in self.runs for run in runs if run.won]
        times = sorted(run.seconds for run in winners)
        late = sum(run.pushes for runs in self.runs for run in runs) - len(winners)
        wins = ", ".join(f"{agent} {n}" for agent, n in sorted(Counter(run.agent for run in winners).items()))
        middle, most = (median(times), times[-1]) if times else (0.0, 0.0)
        return (
            f"{len(self.runs)} rounds of {len(RACERS)} processes; won: {wins}; a claim that won took "
            f"{middle:.2f} s (median), {most:.2f} s (max); {late} publications came too late"
        )


def make_vaults(folder: Path, remote: Path, tasks: Iterable[str]) -> dict[str, Path]:
    """A vault for each racer at one remote, which holds the tasks; everybody may take any."""
    vaults, keys = {agent: folder / agent for agent in RACERS}, KeyPlace(folder / "home")
    first, *others = vaults.items()
    with init_vault(first[1], first[0], human=True, remote=str(remote), keys=keys) as local:
        for agent, path in others:
            with join_vault(str(remote), path, agent, keys=keys) as vault:
                local.trust(vault.pairing_line())
        policy = first[1] / "vaultkit.yaml"
        text = policy.read_text("utf-8")
        assert ONLY_TWO in text
        policy.write_text(text.replace(ONLY_TWO, EVERYBODY), "utf-8")
        for task in tasks:
            put(first[1] / f"Needs_Action/{task}", f"Do {task}.\n")
        assert local.sync().in_step
    return vaults


def _start(vault: Path, extra: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.racers", str(vault)]
    pipe, env = subprocess.PIPE, unwatched(environment(**extra))
    return subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def _hear(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return json.loads(line)  # type: ignore[no-any-return]


def main() -> None:
    """One racer."""
    vault = None
    for line in map(str.strip, sys.stdin):
        if line == OPEN_AGAIN:
            vault = Vault.open(sys.argv[1])
            _answer({"in_step": vault.sync().in_step})
        elif vault:
            _answer(asdict(_claim(vault, line)))


def _answer(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def _claim(vault: Vault, task: str) -> Run:
    holder, error, began = "", "", time.monotonic()
    try:
        vault.claim(task)
        holder = vault.agent
    except AlreadyClaimed as lost:
        holder = lost.by
    except VaultError as other:
        error = f"{type(other).__name__}: {other}"
    seconds, pushes = time.monotonic() - began, vault._driver.report.pushes
    return Run(vault.agent, holder == vault.agent, holder, seconds, pushes, error)


if __name__ == "__main__":
    main()
