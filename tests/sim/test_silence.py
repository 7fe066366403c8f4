"""Signs of life: an agent that promised them gives them, and whoever hears none for too long is told."""

from __future__ import annotations

import pytest

from tests.sim.world import Replica, World
from tests.trees import POLICY_TEXT
from vaultkit.core.history.fold import policy_at
from vaultkit.errors import RemoteFrozen
from vaultkit.ports import Outcome, Pushed
from vaultkit.status import silent_agents

DAY = 24 * 3600.0


def silent(replica: Replica) -> dict[str, int]:
    return silent_agents(replica.desk, policy_at(replica.desk.objects, replica.desk.head_tree()))


@pytest.fixture
def world() -> World:
    assert "sign_of_life: 24h" in POLICY_TEXT
    return World(1)


def alive(replica: Replica) -> object:
    return replica.driver.run_cycle(frozenset(), alive=True)


def test_an_idle_agent_gives_a_sign_of_life_when_it_is_due(world: World) -> None:
    """After a day without anything to publish, Cloud publishes an empty signed commit, once."""
    local, cloud = world.replicas
    head = world.remote.head
    alive(cloud)
    assert world.remote.head == head, "not due yet"
    cloud.clock.sleep(DAY)
    alive(cloud)
    sign = world.remote.head
    assert sign != head
    alive(cloud)
    assert world.remote.head == sign
    commit = world.remote.objects.commit(sign)  # type: ignore[arg-type]
    assert commit.tree == world.remote.objects.commit(head).tree  # type: ignore[arg-type]
    local.clock.sleep(1.4 * DAY)
    local.sync()
    local.clock.sleep(DAY)
    assert silent(local) == {}


def test_an_agent_that_promised_nothing_gives_no_sign(world: World) -> None:
    """Local may be off as long as it likes: it publishes nothing by itself, and nobody misses it."""
    local, cloud = world.replicas
    head = world.remote.head
    local.clock.sleep(30 * DAY)
    alive(local)
    assert world.remote.head == head
    cloud.clock.sleep(30 * DAY)
    assert silent(cloud) == {}


def test_a_frozen_remote_is_noticed(world: World) -> None:
    """The remote goes on showing an old state; after Cloud's promise and a half, Local says who is silent."""
    local, cloud = world.replicas
    assert local.desk.remote is not None
    shown = world.remote.head
    local.desk.remote.look = lambda: shown  # type: ignore[method-assign]
    for _ in range(3):
        cloud.clock.sleep(DAY)
        alive(cloud)
    assert world.remote.head != shown
    local.clock.sleep(1.4 * DAY)
    assert local.sync().in_step
    assert silent(local) == {}
    local.clock.sleep(0.2 * DAY)
    local.sync()
    assert silent(local).keys() == {"cloud_agent"}
    del local.desk.remote.look  # type: ignore[attr-defined]
    local.sync()
    assert silent(local) == {}


def test_a_remote_that_says_yes_and_shows_its_old_state_is_named(world: World) -> None:
    """A push that is accepted and never seen ends as a frozen remote, not as a lost race."""
    local = world.replicas[0]
    local.disk.put("Notes/a.md", b"words\n")
    remote = local.desk.remote
    assert remote is not None
    remote.push = lambda expected, new: Pushed(Outcome.ACCEPTED)  # type: ignore[method-assign]
    report = local.sync()
    assert isinstance(report.error, RemoteFrozen)
    assert "old state" in report.error.message
    del remote.push  # type: ignore[attr-defined]
    assert local.sync().in_step


def test_an_agent_nobody_trusts_gives_no_sign(world: World) -> None:
    """Without a trusted key there is nothing to sign with; the cycle goes on all the same."""
    cloud = world.replicas[1]
    from vaultkit.core.rules.identity import Identity
    from vaultkit.memory.keys import MemoryKeys

    cloud.desk.identity = Identity("cloud_agent", MemoryKeys("lost"))
    cloud.clock.sleep(3 * DAY)
    head = world.remote.head
    assert cloud.driver.run_cycle(frozenset(), alive=True).in_step
    assert world.remote.head == head
