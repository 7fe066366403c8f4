"""Notes moved to the very places that other notes leave, by two at once: each is where it should be, once.

A chain (`b` goes to `c`, then `a` to `b`) is an edit at `b`, seen path by path. `VAULTKIT_SEEDS` says how
many chains are tried.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from tests.sim.world import Replica, World
from vaultkit.testing.people import note_id

SEEDS = int(os.environ.get("VAULTKIT_SEEDS", "160"))
PLACES = [f"Needs_Action/{name}.md" for name in "abcdef"] + [f"Updates/{name}.md" for name in "abc"]
NOTES = 4


class Hands:
    """What two people do to a few notes; `typed` are the lines they wrote."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.world = World(seed % 50 + 1)
        self.typed: list[bytes] = []
        for number, path in enumerate(self.chance.sample(PLACES, NOTES)):
            self.world.replicas[0].disk.put(path, f"---\nid: {number}\n---\nwords of {number}\n".encode())
        self.world.settle()

    def work(self) -> None:
        """Some gestures at one of the two, who then is in step, or offline, or not looked at yet."""
        replica = self.chance.choice(self.world.replicas)
        for _ in range(self.chance.randint(1, 3) if self._here(replica) else 0):
            if self.chance.random() < 0.7:
                self._move_in_a_chain(replica)
            else:
                self._type(replica)
        then = self.chance.random()
        if then < 0.8:
            replica.driver.run_cycle(offline=then > 0.6)

    def _move_in_a_chain(self, replica: Replica) -> None:
        here = self._here(replica)
        first = self.chance.choice(here)
        free = self.chance.choice([path for path in PLACES if path not in here])
        replica.disk.move(first, free)
        rest = [path for path in here if path != first]
        if rest and self.chance.random() < 0.8:
            second = self.chance.choice(rest)
            replica.disk.move(second, first)
            if self.chance.random() < 0.3:
                replica.disk.move(free, second)  # the two have changed places

    def _type(self, replica: Replica) -> None:
        path, line = self.chance.choice(self._here(replica)), f"typed {len(self.typed)}\n".encode()
        replica.disk.put(path, replica.notes()[path] + line)
        self.typed.append(line)

    def _here(self, replica: Replica) -> list[str]:
        return [path for path in PLACES if path in replica.notes()]


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(SEEDS))
def test_chains_of_moves_by_two_lose_nothing_and_double_nothing(seed: int) -> None:
    """Four notes are four notes in the end, the same ones at both, with all that was typed."""
    hands = Hands(seed)
    for _ in range(hands.chance.randint(1, 5)):
        hands.work()
    hands.world.settle()
    one, other = (replica.notes() for replica in hands.world.replicas)
    assert one == other
    found = Counter(note_id(data) for path, data in one.items() if not path.startswith("Conflicts/"))
    assert {name: found[name] for name in found if name} == {f"id: {n}".encode(): 1 for n in range(NOTES)}
    assert all(line in b"".join(one.values()) for line in hands.typed)
