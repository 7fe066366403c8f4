"""No two agents ever hold one task at once: small worlds by chance, looked at after each step.

An agent counts as holding a task while its own `check` would let it act without asking anybody. Machines stop
for longer than a lease, lose the remote, are killed before or after a push, and meet between look and push.
`VAULTKIT_SEEDS` says how many worlds there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from tests.sim.test_claims import AGENTS, LEASE, TASK, TEXT, Unplugged, holding, place
from tests.sim.world import Replica, World
from tests.trees import with_mail_agent
from vaultkit.core.cycle.protocol import Push, RemoteFailed
from vaultkit.errors import ClaimLost, RemoteUnreachable, VaultError
from vaultkit.holding import Held

SEEDS = max(12, int(os.environ.get("VAULTKIT_SEEDS", "220")) // 6)
STEPS = 60


class Killed(BaseException):
    """The process ends here."""


class Race:
    """Two agents and a task; `held` is what each believes to have claimed. Who sleeps does nothing."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.world = World(seed, AGENTS, with_mail_agent().encode())
        self.world.replicas[0].disk.put(TASK, TEXT)
        self.world.settle()
        self.agents = self.world.replicas[1:]
        self.held: dict[str, Held] = {}
        self.sleeper: Replica | None = None
        self._meeting = False
        for replica in self.agents:
            replica.driver._perform[Push] = self._pushing(replica, replica.driver._perform[Push])

    def run(self) -> None:
        for _ in range(STEPS):
            if self.chance.random() < 0.2:
                self.sleeper = self.chance.choice((None, *self.agents))
            self._act(self.chance.choice([one for one in self.agents if one is not self.sleeper]))
            self._pass_time()
            holders = [replica.agent for replica in self.agents if self.holds(replica)]
            assert len(holders) <= 1, holders

    def holds(self, replica: Replica) -> bool:
        """Would `check` let it act, without asking?"""
        held = self.held.get(replica.agent)
        if held is None or holding(replica).lease.seconds_left() <= 0:
            return False
        try:
            holding(replica).verify(held)
        except ClaimLost:
            return False
        return True

    # What happens

    def _act(self, replica: Replica) -> None:
        acts: list[Callable[[Replica], object]] = [
            self._claim,
            self._take_over,
            self._take_over,
            self._check,
            self._write,
            self._look,
            self._release,
        ]
        remote = replica.desk.remote
        if self.chance.random() < 0.1:
            replica.desk.remote = Unplugged()  # type: ignore[assignment]
        try:
            self.chance.choice(acts)(replica)
        except (VaultError, Killed):
            pass
        finally:
            replica.desk.remote = remote

    def _pass_time(self) -> None:
        """For everybody alike; who is awake looks at the remote, as `watch` does."""
        seconds = self.chance.choice((1, 60, LEASE * 0.2, LEASE * 0.3, LEASE * 0.4))
        for replica in self.world.replicas:
            replica.clock.sleep(seconds)
        for replica in self.agents:
            if replica is not self.sleeper and self.chance.random() < 0.9:
                with suppress(Killed):
                    replica.driver.run_cycle(frozenset())

    def _claim(self, replica: Replica) -> None:
        self._gain(replica, holding(replica).claim(TASK))

    def _take_over(self, replica: Replica) -> None:
        self._gain(replica, holding(replica).take_over("t.md"))

    def _gain(self, replica: Replica, held: Held) -> None:
        self.held[replica.agent] = held

    def _check(self, replica: Replica) -> None:
        if replica.agent in self.held:
            self.held[replica.agent] = holding(replica).check(self.held[replica.agent])

    def _look(self, replica: Replica) -> None:
        replica.driver.run_cycle()

    def _write(self, replica: Replica) -> None:
        """Into the task, if it is on this disk; a sign of life like any other."""
        path = place(replica.agent)
        if data := replica.notes().get(path):
            replica.disk.put(path, data + self.world.line(replica))
            replica.driver.run_cycle(frozenset([path]))

    def _release(self, replica: Replica) -> None:
        if self.chance.random() < 0.3:
            holding(replica).release("t.md")

    def _pushing(self, replica: Replica, push: Callable[..., object]) -> Callable[..., object]:
        def late(action: Push) -> object:
            what = self.chance.random()
            if what < 0.05:
                raise Killed
            if what < 0.3 and not self._meeting:
                self._meet(replica)
            answer = push(action)
            if 0.9 < what < 0.95:
                raise Killed
            return RemoteFailed(RemoteUnreachable("no answer"), True) if what > 0.95 else answer

        return late

    def _meet(self, replica: Replica) -> None:
        """The other one does something in between."""
        self._meeting = True
        self._act(next(other for other in self.agents if other is not replica))
        self._meeting = False


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_two_agents_hold_a_task_at_once(seed: int) -> None:
    """At no moment of the world do two of them act on the task without asking."""
    Race(seed).run()


def test_the_task_is_taken_over_in_these_worlds() -> None:
    """Else they would prove nothing."""
    taken = 0
    for seed in range(16):
        race = Race(seed)
        race.run()
        at, objects = race.world.remote.head, race.world.remote.objects
        while at:
            commit = objects.commit(at)
            taken += commit.message.startswith("take over")
            at = commit.parents[0] if commit.parents else None
    assert taken >= 8
