"""A small world in memory: a remote, some replicas with the real engine and driver, and seeded chance."""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path

from tests.trees import POLICY_TEXT, identity
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.config import read_policy
from vaultkit.desk import Desk
from vaultkit.driver import Driver
from vaultkit.hook_loader import load_hooks
from vaultkit.memory.clock import FakeClock
from vaultkit.memory.disk import MemoryDisk
from vaultkit.memory.objects import MemoryObjects
from vaultkit.memory.remote import MemoryRemote, MemoryTransport
from vaultkit.memory.state import MemoryState
from vaultkit.report import SyncReport

POLICY = POLICY_TEXT.encode()
HOOKS = load_hooks(("claim", "approve", "reject", "complete"), Path("/nonexistent"))


class Replica:
    """One agent's machine."""

    def __init__(self, world: World, agent: str, seed: int, policy: bytes = POLICY) -> None:
        self.agent = agent
        self._policy = policy
        self.disk = MemoryDisk()
        self.clock = FakeClock(seed=seed)
        objects = MemoryObjects()
        remote = MemoryTransport(world.remote, objects)
        state = MemoryState()
        self.desk = Desk(identity(agent), objects, self.disk, state, self.clock, remote, hooks=HOOKS)
        self.driver = Driver(self.desk)

    def sync(self) -> SyncReport:
        self.clock.sleep(1)
        return self.driver.run_cycle()

    def begin(self, *, trusted: Oid | None = None) -> None:
        """Found the vault, or join the one that `trusted` founded."""
        self.desk.trusted = trusted
        report = self.driver.run_cycle(founding=read_policy(self._policy), trusted=trusted)
        assert report.in_step, report
        self.desk.trusted = trusted or report.head

    def notes(self) -> dict[str, bytes]:
        """Every note on the disk that syncs."""
        return {path: file.data for path, file in self.disk.files.items() if file.data is not None}


class World:
    """Replicas around one remote; every line anybody writes is unique, so that losing one shows."""

    def __init__(
        self,
        seed: int,
        agents: tuple[str, ...] = ("local_agent", "cloud_agent"),
        policy: bytes = POLICY,
    ) -> None:
        self.random = random.Random(seed)
        self.remote = MemoryRemote()
        self.replicas = [Replica(self, agent, seed * 10 + n, policy) for n, agent in enumerate(agents)]
        self.lines = count()
        self.written: list[bytes] = []
        self.replicas[0].disk.put("vaultkit.yaml", policy)
        self.replicas[0].begin()
        for replica in self.replicas[1:]:
            replica.begin(trusted=self.replicas[0].desk.trusted)
        self.settle()

    def line(self, replica: Replica) -> bytes:
        """A line nobody wrote before."""
        words = f"line {next(self.lines)} by {replica.agent}\n".encode()
        self.written.append(words)
        return words

    def settle(self) -> None:
        """Let everybody sync until nothing is left to do."""
        for _ in range(3):
            for replica in self.replicas:
                report = replica.sync()
                assert report.in_step, (replica.agent, report)

    def everything_ever_kept(self) -> bytes:
        """All contents in any replica's disk or any object store (history)."""
        kept = [b"".join(replica.notes().values()) for replica in self.replicas]
        stores = [replica.desk.objects for replica in self.replicas]
        kept += [data for store in stores for data in store.stored.values()]  # type: ignore[attr-defined]
        return b"".join(kept)
