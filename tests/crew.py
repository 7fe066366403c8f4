"""A crew: many agents on one vault, each in a process of its own, until every task is done.

A worker claims a task that is free, writes into it, and files it. It prints one line of JSON: what it did,
how long each claim took, and how often somebody else was first or at work.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.desk import ROOT, environment
from tests.limited import unwatched
from vaultkit import Task, Vault, VaultBusy, VaultError

PATIENCE_SECONDS = 3600.0
TURN_SECONDS = 300.0


@dataclass
class Report:
    """What one worker did. `claims`: seconds each took, waiting for the others included."""

    name: str
    done: list[str] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    lost: int = 0
    busy: int = 0


def work(root: str, name: str, share: int) -> Report:
    """Work on `share` tasks, or until none is left."""
    report = Report(name)
    with Vault.open(root, actor=name) as vault:
        vault.lock_seconds = TURN_SECONDS
        while len(report.done) < share and (task := take(vault, report)):
            at = task.path.rpartition("/")[2]
            with vault.edit(f"work on {at}") as edit:
                edit[f"In_Progress/{vault.agent}/{at}"].body += f"{name}\n"
            vault.complete(f"In_Progress/{vault.agent}/{at}")
            report.done.append(at)
    return report


def take(vault: Vault, report: Report) -> Task | None:
    """Claim any free task; None if there is none."""
    while tasks := list(vault.tasks("needs_action")):
        task, began = random.choice(tasks), time.monotonic()
        try:
            vault.claim(task.path)
        except VaultBusy:
            report.busy += 1
        except VaultError:
            if task.path in {task.path for task in vault.tasks("needs_action")}:
                raise
            report.lost += 1  # somebody claimed it meanwhile, and has perhaps filed it
        else:
            report.claims.append(time.monotonic() - began)
            return task
    return None


def run_crew(root: Path, size: int, share: int) -> list[Report]:
    """`size` workers at once, each with its share; their reports."""
    command = [sys.executable, "-m", "tests.crew", str(root)]
    crew = [
        subprocess.Popen(
            [*command, f"worker {n}", str(share)],
            cwd=ROOT,
            env=unwatched(environment()),
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(size)
    ]
    told = [worker.communicate(timeout=PATIENCE_SECONDS)[0] for worker in crew]
    assert [worker.returncode for worker in crew] == [0] * size
    return [Report(**json.loads(line)) for line in told]


if __name__ == "__main__":
    print(json.dumps(asdict(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))))  # noqa: T201
