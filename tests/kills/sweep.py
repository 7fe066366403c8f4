"""Going through the kill points of a story."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.kills import demands
from tests.kills.demands import VAULTS, Known
from tests.kills.machine import KILLED, Done, Machine
from tests.kills.stories import Story
from tests.kills.trace import Call, kill_points

MOST_ROUNDS = 3
BUSY = 11


@dataclass
class Count:
    """What a sweep did. `missed`: the process ended before it came to the call it was to be killed at."""

    points: int = 0
    killed: int = 0
    killed_again: int = 0
    missed: int = 0
    recovered: int = 0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words = f"{self.points} kill points, {self.killed} killed, {self.killed_again} killed again"
        words += f", {self.missed} missed, {self.recovered} recovered, {len(self.failures)} failures"
        return "\n    ".join([words, *self.failures])


class Sweep:
    """One story, to be killed again and again. `folder` is its own."""

    def __init__(self, story: Story, folder: Path, machine: Machine) -> None:
        self.story, self._machine = story, machine
        self.at, self._start, self._kept = folder / "at", folder / "start", folder / "kept"
        self.at.mkdir()
        story.build(self.at)
        _copy(self.at, self._start)
        self._known = Known().with_saved(demands.contents(self.at), {})
        _, self.calls = machine.traced(self._words())
        points = kill_points(self.calls, f"{self.at}/")
        left_out = story.leaves_out
        self.points = [point for point in points if not (left_out and left_out in point.words)]
        self._learn_reference()

    def _words(self) -> list[str]:
        return self.story.words(self.at)

    def _restart_words(self) -> list[str]:
        return self._words() if self.story.repeats else ["-C", str(self.at / self.story.dies), "sync"]

    def _learn_reference(self) -> None:
        """What an untouched run leads to is what a killed one has to lead to."""
        self._known.learn(demands.contents(self.at))
        self.story.between(self.at)
        self._sync_all()
        self._known.learn(demands.contents(self.at))
        self._names = demands.unique_names(self.at)
        self._status = {vault: self._ask_status(vault) for vault in self._vaults()}
        self._copies = len(demands.copies(self.at / self.story.dies))

    def _vaults(self) -> list[str]:
        return [vault for vault in VAULTS if (self.at / vault / ".vaultkit/agent.yaml").exists()]

    # Killing

    def kill_once(self, points: list[Call]) -> Count:
        """Kill at each of these points."""
        self._count = Count(len(self.points))
        for point in points:
            self._kill_at(point)
        return self._count

    def kill_twice(self, times: int, chance: random.Random) -> Count:
        """Kill at points taken by chance, and again in the restart."""
        self._count = Count(len(self.points))
        for _ in range(times):
            self._kill_twice_at(chance.choice(self.points), chance)
        return self._count

    def _kill_at(self, point: Call) -> None:
        """Kill there, start again, and demand all."""
        _copy(self._start, self.at)
        done, calls = self._machine.killed(self._words(), point, self.calls)
        self._note(done)
        self._recover(f"killed at {_last(calls)}")

    def _kill_twice_at(self, point: Call, chance: random.Random) -> None:
        """Kill there, kill again somewhere in the restart, start again, and demand all."""
        _copy(self._start, self.at)
        done, calls = self._machine.killed(self._words(), point, self.calls)
        self._note(done)
        _copy(self.at, self._kept)
        _, again = self._machine.traced(self._restart_words())
        _copy(self._kept, self.at)
        where = f"killed at {_last(calls)}"
        second = kill_points(again, f"{self.at}/")
        if second:
            done, calls = self._machine.killed(self._restart_words(), chance.choice(second), again)
            where += f", then at {_last(calls)}"
            self._count.killed_again += done.code == KILLED
        self._recover(where)

    def _note(self, done: Done) -> None:
        self._count.killed += done.code == KILLED
        self._count.missed += done.code != KILLED

    def _recover(self, where: str) -> None:
        try:
            self._demand_all()
            self._count.recovered += 1
        except AssertionError as error:
            self._count.failures.append(f"{self.story.name}: {where}: {error}")

    # Demanding

    def _demand_all(self) -> None:
        known = self._known
        demands.demand_whole(self.at, known)
        before = demands.contents(self.at)
        self.story.between(self.at)
        now = known.with_saved(demands.contents(self.at), before)
        self._restart()
        self._sync_all()
        demands.demand_whole(self.at, now)
        demands.demand_nothing_lost(self.at, now)
        demands.demand_one_place(self.at, self._names)
        demands.demand_sound_history(self.at)
        assert demands.are_equal(self.at), f"not equal after {MOST_ROUNDS} rounds: {self._difference()}"
        assert len(demands.copies(self.at / self.story.dies)) <= self._copies, "a needless conflict copy"
        for vault in self._vaults():
            found = self._ask_status(vault)
            wrong = {key: found[key] for key in found if found[key] != self._status[vault][key]}
            assert not wrong, f"the status of {vault} tells {wrong}"

    def _restart(self) -> None:
        """A lock that dulwich took in a repository that is adopted is known to be stale by its age only."""
        done = self._machine.run(self._restart_words())
        if done.code == BUSY and self.story.adopts:
            for lock in (self.at / self.story.dies / ".git").rglob("*.lock"):
                os.utime(lock, (time.time() - 61,) * 2)
            done = self._machine.run(self._restart_words())
        self._must(done, "the restart")

    def _sync_all(self) -> None:
        """Sync until all is equal, first the vault that nobody killed; at most so many times each."""
        order = sorted(self._vaults(), key=lambda vault: vault == self.story.dies)
        for vault in order * MOST_ROUNDS:
            self._must(self._machine.run(["-C", str(self.at / vault), "sync"]), f"a sync of {vault}")
            if demands.are_equal(self.at) and demands.are_in_step(self.at):
                return

    def _ask_status(self, vault: str) -> dict:
        done = self._machine.run(["-C", str(self.at / vault), "status", "--json"])
        self._must(done, f"the status of {vault}")
        return demands.summary(done.said, stages=not self.story.by_command)

    @staticmethod
    def _must(done: Done, what: str) -> None:
        assert done.code in (0, 3), f"{what} ended with {done.code}: {done.said}"
        assert "Traceback" not in done.said, done.said

    def _difference(self) -> list[str]:
        one, other = (demands.notes(self.at / vault) for vault in VAULTS)
        return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def _last(calls: list[Call]) -> str:
    """The call at which strace killed, as a person can find it."""
    last = calls[-1]
    return f"{last.name} #{last.number} of thread {last.thread} ({last.words[:300]})"


def _copy(src: Path, dst: Path) -> None:
    if dst.exists():
        shutil.rmtree(dst)
    subprocess.run(["cp", "-a", str(src), str(dst)], check=True)
