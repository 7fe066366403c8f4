"""The lease of this agent's claims, as its own machine measures it, and the silence of others.

All that an agent holds is its own for one lease after it last published anything. Its own clocks say how
much of that is left, the cautious way: never more than is true.
"""

from __future__ import annotations

from math import inf
from typing import NoReturn

from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.leases import read_renewal, read_watch
from vaultkit.desk import Desk
from vaultkit.driver import Driver, moment
from vaultkit.errors import Unconfirmed
from vaultkit.report import SyncReport

TRIES_TO_RENEW = 3
LOOK_SECONDS = 5.0
NOWHERE: frozenset[str] = frozenset()


class Lease:
    """The lease at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, driver: Driver) -> None:
        self._desk = desk
        self._driver = driver

    def renew(self) -> None:
        """Begin the leases of all claims anew, by publishing something. Raises Unconfirmed."""
        if self._desk.remote is None:
            return
        report = SyncReport()
        for _ in range(TRIES_TO_RENEW):  # what was not published yet goes first
            report = self._driver.run_cycle(NOWHERE, renewing=True)
            if report.renewed:
                return
            if not report.in_step:
                break
        refuse_unconfirmed("", report)

    def seconds_left(self) -> float:
        """For how long what this agent holds is surely its own, by its own clocks; may be negative."""
        last = read_renewal(self._desk.state.get("renewed"))
        if self._desk.remote is None:
            return inf
        return self.length() - last.seconds_until(moment(self._desk)) if last else -inf

    def silence(self, agent: str) -> float:
        """For how many seconds `agent` was watched from here and published nothing."""
        return read_watch(self._desk.state.get("watch"), self._desk.clock.boot()).silence(agent)

    def length(self) -> float:
        """In seconds."""
        return policy_at(self._desk.objects, self._desk.head_tree()).workflow.lease

    def pause(self, looks: int) -> float:
        """Seconds between looks at the remote while a claim matters: so many in a lease at least."""
        policy = policy_at(self._desk.objects, self._desk.head_tree())
        return min(LOOK_SECONDS, policy.sync.interval, policy.workflow.lease / looks)

    def look(self) -> SyncReport:
        """Ask the remote what is new."""
        return self._driver.run_cycle(NOWHERE)


def refuse_unconfirmed(note: str, report: SyncReport) -> NoReturn:
    """Raise Unconfirmed, with why the remote did not confirm the claim of `note` ("": any claim)."""
    why = report.error or report.detail or report.ending
    raise Unconfirmed(
        f"{note}: the claim is not confirmed: {why}" if note else f"no claim is confirmed: {why}",
        hint="Start nothing with an effect; run `vaultkit sync`, then claim again.",
        note=note,
    )
