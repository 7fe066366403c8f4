"""Leases: how long a claim holds while its holder publishes nothing, and who may say that it is over.

The two sides measure by their own clocks and never compare times. The holder counts from before it began
to publish something (`Renewal`), an observer from when it saw that (`Watch`); so by the observer's clock
the lease is over later than by the holder's, and nobody acts on a claim that somebody else has taken over.

An observer has to have watched for itself: its looks at the remote must have succeeded all the time, with
no long gap between them. Whatever the holder publishes begins the lease anew. A monotonic clock says
nothing about another run of the system, so what is kept names the run (`boot`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Watch:
    """What this machine saw of the others: `looked` at the remote last, without a break `since`.

    Seconds of the monotonic clock. `heard`: when something by an agent was seen last, or a task was handed
    to it.
    """

    boot: str
    since: float | None = None
    looked: float = 0.0
    heard: Mapping[str, float] = field(default_factory=dict)

    def after_look(self, now: float, longest_gap: float) -> Watch:
        """The remote answered."""
        goes_on = self.since is not None and now - self.looked <= longest_gap
        return replace(self, since=self.since if goes_on else now, looked=now)

    def after_failure(self) -> Watch:
        """The remote did not answer: the watching is to begin anew."""
        return replace(self, since=None)

    def after_hearing(self, agents: Iterable[str], now: float) -> Watch:
        return replace(self, heard={**self.heard, **dict.fromkeys(sorted(agents), now)})

    def silence(self, agent: str) -> float:
        """For how many seconds `agent` was watched and published nothing."""
        if self.since is None:
            return 0.0
        return max(0.0, self.looked - max(self.since, self.heard.get(agent, self.since)))


def read_watch(text: str | None, boot: str) -> Watch:
    """What was kept of this run of the system; nothing if there is nothing, or it is of an earlier run."""
    data = json.loads(text) if text else {}
    return Watch(**data) if data.get("boot") == boot else Watch(boot)


def write_watch(watch: Watch) -> str:
    return json.dumps({name: getattr(watch, name) for name in Watch.__slots__})


@dataclass(frozen=True, slots=True)
class Renewal:
    """A moment of the holder's own clocks: `uptime` in seconds of this run, `time` in UTC seconds."""

    boot: str
    uptime: float
    time: int

    def seconds_until(self, now: Renewal) -> float:
        """How long ago it was `now`, at least: the longer of what two clocks say, for one may have stood."""
        if self.boot != now.boot:
            return float("inf")
        return max(now.uptime - self.uptime, float(now.time - self.time))


def read_renewal(text: str | None) -> Renewal | None:
    return Renewal(**json.loads(text)) if text else None


def write_renewal(moment: Renewal) -> str:
    return json.dumps({name: getattr(moment, name) for name in Renewal.__slots__})
