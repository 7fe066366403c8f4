"""Many agents on one vault, beside as many that do the same with git and one lock on one clone."""

from __future__ import annotations

import fcntl
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.crew import Report, run_crew
from tests.desk import ROOT
from tests.servers import git, make_bare, require
from vaultkit import KeyPlace, Vault, init_vault


@dataclass(frozen=True, slots=True)
class Figures:
    """What a crew came to: tasks a second, a claim's latency in ms (waiting its turn included), retries."""

    throughput: float
    median_ms: float
    p95_ms: float
    lost: int
    busy: int


def measure_crew(size: int, share: int) -> tuple[Figures, Figures]:
    """vaultkit's, and git's; each crew does `size` times `share` tasks over a bare repository on a path."""
    with tempfile.TemporaryDirectory(prefix="vaultkit-crew-") as folder:
        return _of_vaultkit(Path(folder), size, share), _of_git(Path(folder), size, share)


def _of_vaultkit(folder: Path, size: int, share: int) -> Figures:
    root, remote = folder / "vault", str(folder / "r.git")
    init_vault(root, "local_agent", human=True, remote=remote, keys=KeyPlace(folder / "keys")).close()
    with Vault.open(root) as vault, vault.edit("tasks") as edit:
        for n in range(size * share):
            edit.create(f"Needs_Action/{n:04}.md", f"Task {n}\n")
    began = time.monotonic()
    return _figures(run_crew(root, size, share), size * share, time.monotonic() - began)


def _of_git(folder: Path, size: int, share: int) -> Figures:
    clone = folder / "clone"
    make_bare(folder / "g.git")
    git("clone", "-q", str(folder / "g.git"), str(clone))
    for name, value in (("user.name", "Git"), ("user.email", "git@example.org"), ("gc.auto", "0")):
        git("config", name, value, cwd=clone)
    for place in ("Needs_Action", "In_Progress", "Done"):
        (clone / place).mkdir()
        (clone / place / ".keep").touch()
    for n in range(size * share):
        (clone / f"Needs_Action/{n:04}.md").write_text(f"Task {n}\n", "utf-8")
    for words in (("add", "-A"), ("commit", "-qm", "tasks"), ("push", "-q", "-u", "origin", "HEAD")):
        git(*words, cwd=clone)
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.bench.crew", str(clone), str(folder / "lock"), str(share)]
    crew = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(size)]
    told = [worker.communicate()[0] for worker in crew]
    reports = [Report(**json.loads(line)) for line in told]
    return _figures(reports, size * share, time.monotonic() - began)


def _figures(reports: list[Report], tasks: int, seconds: float) -> Figures:
    done = [name for report in reports for name in report.done]
    assert len(done) == len(set(done)) == tasks
    claims = sorted(1000 * claim for report in reports for claim in report.claims)
    lost, busy = (sum(getattr(report, name) for report in reports) for name in ("lost", "busy"))
    p95 = claims[int(len(claims) * 0.95)]
    return Figures(tasks / seconds, statistics.median(claims), p95, lost, busy)


def print_crew(size: int, share: int) -> None:
    mine, peer = measure_crew(size, share)
    print(f"\n{size} agents on one vault, {size * share} tasks, each claimed, written to and filed:\n")
    print("| | vaultkit | git, one lock | ratio |\n|---|---|---|---|")
    rows = (("tasks a second", "throughput"), ("claim, median ms", "median_ms"), ("claim, 95 % ms", "p95_ms"))
    for title, name in rows:
        a, b = getattr(mine, name), getattr(peer, name)
        print(f"| {title} | {a:.1f} | {b:.1f} | {a / b:.2f}x |")
    print(f"| somebody else was first | {mine.lost} | {peer.lost} | |")
    print(f"| gave up waiting for its turn | {mine.busy} | {peer.busy} | |", flush=True)


# A worker of the git crew, in a process of its own


def work(clone: Path, lock: Path, share: int) -> Report:
    report = Report("git")
    while len(report.done) < share and (name := take(clone, lock, report)):
        with locked(lock):
            with open(clone / "In_Progress" / name, "a", encoding="utf-8") as file:
                file.write("git\n")
            publish(clone)
        with locked(lock):
            git("mv", f"In_Progress/{name}", f"Done/{name}", cwd=clone)
            publish(clone)
        report.done.append(name)
    return report


def take(clone: Path, lock: Path, report: Report) -> str:
    while tasks := [path.name for path in (clone / "Needs_Action").glob("*.md")]:
        name, began = random.choice(tasks), time.monotonic()
        with locked(lock):
            if (clone / "Needs_Action" / name).exists():
                git("mv", f"Needs_Action/{name}", f"In_Progress/{name}", cwd=clone)
                publish(clone)
                report.claims.append(time.monotonic() - began)
                return name
        report.lost += 1
    return ""


def publish(clone: Path) -> None:
    script = "git add -A && git commit -qm change && git pull -q --rebase && git push -q"
    subprocess.run(["sh", "-c", script], cwd=clone, check=True, capture_output=True)


class locked:  # noqa: N801 - reads as a verb
    """One worker at a time."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "w")  # noqa: SIM115

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


if __name__ == "__main__":
    require("git")
    print(json.dumps(asdict(work(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))))
