"""The way to the remote, on which messages are lost, doubled, late and out of order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from vaultkit.core.git.tree import Oid
from vaultkit.errors import RemoteUnreachable
from vaultkit.memory.remote import MemoryTransport
from vaultkit.ports import Outcome, Pushed

DEAD = "the line went dead"


@dataclass
class Weather:
    """How often something goes wrong on the way (0 to 1), and what is still under way."""

    chance: Random
    badness: float = 0.0
    late: list[Callable[[], object]] = field(default_factory=list)

    def strikes(self) -> bool:
        return self.chance.random() < self.badness

    def deliver_one(self) -> None:
        """One of the late messages arrives, not always the oldest."""
        if self.late:
            self.late.pop(self.chance.randrange(len(self.late)))()


class Line:
    """The Transport port over a transport in memory, in this weather; `up` False is a pulled plug."""

    def __init__(self, remote: MemoryTransport, weather: Weather) -> None:
        self._remote = remote
        self._weather = weather
        self.up = True

    def look(self) -> Oid | None:
        self._check()
        return self._remote.look()

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        self._check()
        self._remote.fetch(head, known)
        self._check()

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        self._check()
        if not self._weather.strikes():
            return self._remote.push(expected, new)
        return self._weather.chance.choice((self._unheard, self._not_done, self._twice, self._late))(
            expected, new
        )

    def interrupt(self) -> None:
        """Memory answers at once; there is nothing to wait for."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _check(self) -> None:
        if not self.up or self._weather.strikes():
            raise RemoteUnreachable(DEAD, hint="Try again.")

    def _unheard(self, expected: Oid | None, new: Oid) -> Pushed:
        """Done, and the answer never comes."""
        self._remote.push(expected, new)
        raise RemoteUnreachable(DEAD, hint="Try again.")

    def _not_done(self, expected: Oid | None, new: Oid) -> Pushed:
        """The server says yes and does nothing."""
        return Pushed(Outcome.ACCEPTED)

    def _twice(self, expected: Oid | None, new: Oid) -> Pushed:
        """The message arrives twice; the answer is to the second."""
        self._remote.push(expected, new)
        return self._remote.push(expected, new)

    def _late(self, expected: Oid | None, new: Oid) -> Pushed:
        """Given up here, it arrives at some later time."""
        self._weather.late.append(lambda: self._remote.push(expected, new))
        raise RemoteUnreachable(DEAD, hint="Try again.")
