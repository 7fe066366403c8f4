"""One soak: begin, edit and kill, let it settle, look at what came of it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tests.desk import Desk, run
from tests.kills.demands import are_equal, are_in_step, ask_git, notes, repositories
from tests.servers import make_bare
from tests.soak.canaries import Canaries
from tests.soak.demands import LOCKS, all_demands, one_place
from tests.soak.edits import Editor
from tests.soak.hands import CLOUD, LOCAL, Hands
from tests.soak.kills import Kills
from tests.soak.ledger import Ledger
from tests.soak.memory import MOST_GROWTH, Memory, clock_from_now
from tests.soak.notes import write_notes

EDITS_PER_SECOND = 4.0
CANARIES_EVERY_SECONDS = 10.0
LONG_SECONDS = 900
PATIENCE_SECONDS = 120.0
"""How long nothing at all may change before it is clear that nothing will. An idle watcher looks every 30."""


class Plan(NamedTuple):
    seconds: float
    notes: int
    kill_every: float
    seed: int
    strict: bool
    """Does a note that stands twice count as broken? As the README says, that may happen still."""


class Soak:
    """Use in a `with` block: it ends the server and the watchers."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self._plan = folder, plan
        folder.mkdir(parents=True, exist_ok=True)
        make_bare(folder / "r.git")
        with open(folder / "server.log", "ab") as log:
            command = [sys.executable, "-m", "tests.servers", str(folder)]
            self._server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        chance = random.Random(plan.seed)
        write_notes(folder / "Local", plan.notes, chance)
        assert self._server.stdout
        self._desk = Desk(folder, f"{self._server.stdout.readline().strip()}r.git")
        self._prepare(random.Random(chance.random()), random.Random(chance.random()))

    def _prepare(self, chance: random.Random, chance_of_kills: random.Random) -> None:
        self._clock = clock = clock_from_now()
        self._chance, self._ledger = chance, Ledger()
        self._twice: list[str] = []
        vaults = {LOCAL: self._desk.local, CLOUD: self._desk.cloud}
        self._canaries = Canaries(vaults, self._ledger, clock)
        self._hands = Hands(vaults, self._ledger, chance, clock, self.folder / "edits.log")
        self._editor = Editor(self._hands, self._plan.notes)
        self._kills = Kills(self._desk, chance_of_kills, self._plan.kill_every, clock)
        self._memory = Memory(self._desk, self.folder / "rss.csv", clock)

    def __enter__(self) -> Soak:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for vault in self._desk.watchers():
            self._desk.kill(vault)
        self._server.terminate()
        self._server.wait(10)

    def run(self) -> list[str]:
        """What is broken in the end."""
        for _ in range(self._plan.notes // 20):
            self._editor.create(LOCAL)
        self._desk.watch()
        self._work()
        self._settle()
        broken = [*self._end_watchers(), *all_demands(self._desk, self._ledger), *self._memory_grew()]
        self._twice = list(one_place(self._desk.local))
        return [*broken, *(self._twice if self._plan.strict else ())]

    def _work(self) -> None:
        end, next_edit, next_canary = self._clock() + self._plan.seconds, 0.0, 0.0
        while (now := self._clock()) < end:
            if now >= next_edit:
                self._editor.edit()
                next_edit = now + self._chance.expovariate(EDITS_PER_SECOND)
            if self._kills.tick() or now >= next_canary:
                self._canaries.send()
                next_canary = now + CANARIES_EVERY_SECONDS
            self._canaries.look()
            self._memory.tick()
            time.sleep(0.02)

    # The end

    def _settle(self) -> None:
        """Both watch and nobody edits; wait as long as anything still changes."""
        self._kills.end()
        self._canaries.send()
        seen, since = "", self._clock()
        while not (self._canaries.all_landed() and self._is_settled()):
            now = self._signs_of_life()
            if now != seen:
                seen, since = now, self._clock()
            assert self._clock() - since < PATIENCE_SECONDS, "it does not settle, and nothing changes"
            self._memory.tick()
            time.sleep(0.5)

    def _is_settled(self) -> bool:
        """The same commit and notes everywhere, and no hook is still to be called, which may write more.

        Locks that a kill left are cleared away after a minute.
        """
        locks = [
            lock for vault in self._vaults() for pattern in LOCKS for lock in (vault / ".git").rglob(pattern)
        ]
        is_equal = not locks and are_in_step(self.folder) and are_equal(self.folder)
        return is_equal and not any(self._calls_wait(vault) for vault in self._vaults())

    def _calls_wait(self, vault: Path) -> bool:
        return json.loads(run(vault, "hooks", "waiting", "--json").stdout) != []

    def _signs_of_life(self) -> str:
        logs = [(self.folder / f"{vault.name}.log").stat().st_size for vault in self._vaults()]
        heads = [(repository / "refs/heads/main").read_text() for repository in repositories(self.folder)]
        return f"{logs}{heads}"

    def _vaults(self) -> tuple[Path, Path]:
        return self._desk.local, self._desk.cloud

    def _end_watchers(self) -> Iterator[str]:
        for vault in self._vaults():
            if code := self._desk.stop(vault):
                yield f"{vault.name}: watch ended with {code}"

    def _memory_grew(self) -> Iterator[str]:
        """Only a long soak can tell."""
        for vault in self._vaults():
            growth = self._memory.growth(vault.name)
            if self._plan.seconds >= LONG_SECONDS and growth and growth > MOST_GROWTH:
                yield f"{vault.name}: RSS grew to {growth:.2f}x"

    def report(self) -> Iterator[str]:
        """What was done, in numbers."""
        done, vaults = self._editor.done, self._vaults()
        yield f"{done.total()} edits, {self._hands.missed} came too late: {dict(done.most_common())}"
        demanded = sum(1 for _ in self._ledger.demanded())
        yield f"{len(self._ledger.words)} words saved, {demanded} of them demanded; {self._kills.count} kills"
        yield self._canaries.report()
        yield from (self._memory.report(vault.name) for vault in vaults)
        commits = ask_git(self._desk.remote, "rev-list", "--count", "main").strip()
        conflicts = [path for path in notes(self._desk.local) if path.startswith("Conflicts/")]
        yield from (f"stands twice: {told}" for told in self._twice)
        yield f"{commits} commits, {len(conflicts)} conflict copies open, {self._clock():.0f} s"
