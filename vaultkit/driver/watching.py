"""How long others have been silent, and how long we have: leases, by this machine's own clocks."""

from __future__ import annotations

from collections.abc import Set

from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.leases import Renewal, Watch, read_watch, write_watch
from vaultkit.core.rules.workflow import DEFAULT_LEASE_SECONDS
from vaultkit.desk import Desk
from vaultkit.errors import PolicyError

LONGEST_GAP = 0.5
"""Between two looks at the remote, in leases: who looks away for longer has not watched."""


def moment(desk: Desk) -> Renewal:
    """Now, by the clocks that a holder of claims goes by."""
    return Renewal(desk.clock.boot(), desk.clock.uptime(), desk.clock.now())


def hear(desk: Desk, heard: Set[str], given: Set[str]) -> None:
    """Remember of whom something arrived (`heard`), and to whom tasks were handed (`given`).

    Kept before what was heard is taken in, or after a kill nobody would hear it again.
    """
    watch = _watch(desk).after_hearing(heard | given, desk.clock.monotonic())
    times = {f"heard:{agent}": str(desk.clock.now()) for agent in heard}
    desk.state.put(watch=write_watch(watch), **times)


def watch_after_look(desk: Desk) -> str:
    """What to keep once the remote has answered: the watching of others goes on."""
    return write_watch(_watch(desk).after_look(desk.clock.monotonic(), _lease(desk) * LONGEST_GAP))


def watch_after_failure(desk: Desk) -> str:
    """What to keep once it has not: the watching has to begin anew."""
    return write_watch(_watch(desk).after_failure())


def owes_sign_of_life(desk: Desk) -> bool:
    """Has this agent published nothing for as long as it promised to be silent at most?"""
    agent = policy_at(desk.objects, desk.head_tree()).agents.get(desk.identity.agent)
    heard = desk.state.get(f"heard:{desk.identity.agent}") or desk.state.get("began")
    if agent is None or agent.sign_of_life is None or heard is None:
        return False
    return desk.clock.now() - int(heard) >= agent.sign_of_life


def _watch(desk: Desk) -> Watch:
    return read_watch(desk.state.get("watch"), desk.clock.boot())


def _lease(desk: Desk) -> float:
    """The length of a lease in seconds, by the policy in force; the default one while there is none."""
    try:
        return policy_at(desk.objects, desk.head_tree()).workflow.lease
    except PolicyError:
        return DEFAULT_LEASE_SECONDS
