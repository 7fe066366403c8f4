"""One agent's machine in the simulated world: its ports in memory, the real driver, and its faults."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, cast

from vaultkit.core.git.tree import Oid, find_file, walk
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.hook_check import collect_hooks
from vaultkit.core.hooks.hook_marks import after_move
from vaultkit.core.hooks.occasions import HookMove
from vaultkit.core.rules.identity import Identity
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.driver import Driver
from vaultkit.hook_loader import load_hooks
from vaultkit.jobs import run_jobs
from vaultkit.memory.clock import FakeClock
from vaultkit.memory.disk import MemoryDisk
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.lock import MemoryLock
from vaultkit.memory.objects import MemoryObjects
from vaultkit.memory.remote import MemoryRemote, MemoryTransport
from vaultkit.memory.state import MemoryState
from vaultkit.memory.watcher import MemoryWatcher
from vaultkit.ports import Hint
from vaultkit.report import SyncReport
from vaultkit.resting import Resting, ends
from vaultkit.testing.gate import DISK, OBJECTS, STATE, Gate
from vaultkit.testing.network import Line, Weather

STOCK = ("claim", "approve", "reject", "complete")
DISK_ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)


class Killed(BaseException):
    """A kill -9, or a power cut: what was under way just ends."""


class Machine:
    """A vault on one machine. A cycle runs step by step; `trouble` may raise at any port's call.

    `carried_out` are the approvals that an after-hook acted on, each as often as it did. With `quiet`
    (seconds), decisions rest for so long, as those that `watch` sees do.
    """

    def __init__(
        self, agent: str, seed: int, remote: MemoryRemote, weather: Weather, quiet: float = 0
    ) -> None:
        self.agent, self._quiet = agent, quiet
        self.clock = FakeClock(seed=seed)
        self.disk = MemoryDisk(now=lambda: self.clock.time)
        self.objects, self.state = MemoryObjects(), MemoryState()
        self.line = Line(MemoryTransport(remote, self.objects), weather)
        self.trouble: Callable[[str], None] = lambda _: None
        self.watcher = MemoryWatcher()
        self.watcher.start()
        self.must_look_everywhere = True
        self._looks_at: frozenset[str] | None = None
        self._cycle: Iterator[object] | None = None
        self.last: SyncReport | None = None
        self.trusted: Oid | None = None
        self.carried_out: list[HookMove] = []
        self._in_commits: set[Oid] = set()
        self._looked_through = 0
        self.desk = self._boot()

    def _boot(self) -> Desk:
        def passing(name: str) -> None:
            self.trouble(name)

        disk, objects, state = (
            cast("Any", Gate(port, gated, passing))
            for port, gated in ((self.disk, DISK), (self.objects, OBJECTS), (self.state, STATE))
        )
        identity = Identity(self.agent, MemoryKeys(self.agent))
        clock = cast("Any", Gate(self.clock, frozenset({"sleep"}), passing))
        desk = Desk(identity, objects, disk, state, clock, self.line, hooks=self._hooks())
        desk.trusted = self.trusted
        self._driver = Driver(desk)
        self._resting = Resting()
        return desk

    def _hooks(self) -> list[Hook]:
        @after_move("Pending_Approval/**", "Approved/**")
        def act(move: HookMove) -> None:
            self.carried_out.append(move)

        return [*load_hooks(STOCK, Path("/nonexistent")), *collect_hooks({"act": act}, "simulated")]

    def begin(self, policy: Policy, trusted: Oid | None = None) -> Oid:
        """Found the vault, or join the one that `trusted` founded."""
        report = self._driver.run_cycle(founding=policy, trusted=trusted)
        assert report.head  # noqa: S101 - nothing goes wrong before the world begins to turn
        self.trusted = self.desk.trusted = trusted or report.head
        return self.trusted

    # A cycle, step by step

    @property
    def is_busy(self) -> bool:
        return self._cycle is not None

    def whole_cycle(self) -> None:
        """Look at everything, and do what is to be done."""
        self.start(None)
        while self.is_busy:
            self.step()

    def start(self, look_at: frozenset[str] | None, *, deletions_allowed: bool = False) -> None:
        """Begin a cycle, as `watch` does after a hint or by the clock; its first one looks everywhere."""
        self.clock.sleep(1)
        rested = self._resting.rested(self.clock.monotonic(), self._quiet)
        if look_at is not None:
            look_at |= ends(rested)
        self._looks_at = None if self.must_look_everywhere else look_at
        self._cycle = self._driver.steps(
            self._looks_at, deletions_allowed=deletions_allowed, rested=rested if self._quiet else None
        )

    def cycle_at_once(self, look_at: frozenset[str], message: str) -> SyncReport:
        """A whole cycle that somebody on this machine asks for, while no other one is under way."""
        return self._driver.run_cycle(look_at, message=message)

    def step(self) -> str:
        """Go on with the cycle under way as far as the next action; what that will be."""
        if self._cycle is None:
            return "nothing"
        try:
            action = next(self._cycle, None)
            if action is None:
                return self._end()
        except OSError as error:
            self._cycle, self.last = None, None
            self.watcher.tell(*(Hint(path) for path in sorted(self._looks_at or ())))
            self.must_look_everywhere = self._looks_at is None
            return f"fails: {error.strerror}"
        return type(action).__name__

    def _end(self) -> str:
        """The cycle is over; what became due by it is carried out."""
        self._cycle, self.last = None, self._driver.report
        self.must_look_everywhere = self.must_look_everywhere and self._looks_at is not None
        self._resting.update(self.last.resting, self._looks_at, self.clock.monotonic())
        run_jobs(self.desk, MemoryLock(), None)
        return f"ends: {self.last.ending}"

    def kill(self, power_cut: Random | None = None) -> None:
        """End the process here and now; the next cycle is a new process's first."""
        self._cycle, self.must_look_everywhere = None, True
        if power_cut:
            self.disk.power_cut(power_cut)
        self.desk = self._boot()

    # What it holds

    @property
    def tree(self) -> Oid | None:
        return self.desk.head_tree()

    def notes(self) -> dict[str, bytes]:
        """Every note on the disk."""
        return {path: file.data for path, file in self.disk.files.items() if file.data is not None}

    def synced(self) -> dict[str, Oid]:
        """What should be on the disk: the notes of its newest commit."""
        return {path: entry.oid for path, entry in walk(self.objects, self.tree)}

    def has_committed(self, content: Oid) -> bool:
        """Is that the content of a note in some commit that is stored here?"""
        new = list(islice(self.objects.stored.items(), self._looked_through, None))
        self._looked_through += len(new)
        for oid in (oid for oid, (kind, _) in new if kind == "commit"):
            self._in_commits |= {entry.oid for _, entry in walk(self.objects, self.objects.commit(oid).tree)}
        return content in self._in_commits

    def had(self, path: str) -> bool:
        """Is a note at `path` in the newest commit? Another one put there at once would pass for an edit."""
        return find_file(self.objects, self.tree, path) is not None

    def holds(self, path: str) -> bool:
        """Does the disk have at `path` what the newest commit has?"""
        oid, file = find_file(self.objects, self.tree, path), self.disk.files.get(path)
        return bool(oid and file and file.data == self.objects.blob(oid))
