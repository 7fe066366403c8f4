"""One cycle's talk with the remote: questions and answers, a failure being an answer too."""

from __future__ import annotations

from collections.abc import Callable

from vaultkit.core.cycle.protocol import (
    Event,
    Fetch,
    Fetched,
    Looked,
    Push,
    PushEnded,
    RemoteFailed,
    Wait,
)
from vaultkit.core.git.tree import Oid
from vaultkit.desk import Desk
from vaultkit.errors import RejectedByRemote, RemoteError
from vaultkit.ports import Clock, Outcome, Transport
from vaultkit.report import SyncReport

BACK_OFF_SECONDS = 0.05
LONGEST_BACK_OFF_SECONDS = 5.0


class Talk:
    """Asks the remote, or leaves it alone (`offline`). `has_looked`: it said where its head is."""

    def __init__(self, desk: Desk, report: SyncReport, *, offline: bool) -> None:
        self._desk = desk
        self._report = report
        self._remote = None if offline else desk.remote
        self.has_looked = False

    @property
    def is_possible(self) -> bool:
        """Is there a remote that may be asked?"""
        return self._remote is not None

    def look(self) -> Event:
        """Where is the remote's head?"""
        if self._remote is None:
            return RemoteFailed(RemoteError("the remote was not asked"))

        def look(remote: Transport) -> Event:
            looked = Looked(self._track(remote.look()))
            self.has_looked = True
            return looked

        return self._ask(look)

    def fetch(self, action: Fetch) -> Event:
        """Get what is at the remote and not here."""

        def fetch(remote: Transport) -> Event:
            remote.fetch(action.head, action.known)
            self._track(action.head)
            return Fetched()

        return self._ask(fetch)

    def push(self, action: Push) -> Event:
        """Send what is here and not there."""

        def push(remote: Transport) -> Event:
            self._report.pushes += 1
            pushed = remote.push(action.expected, action.new)
            rejected = pushed.outcome is Outcome.REJECTED
            return PushEnded(
                pushed.outcome is Outcome.LOST, (pushed.reason or "no reason given") if rejected else ""
            )

        return self._ask(push, during_push=True)

    def _track(self, head: Oid | None) -> Oid | None:
        objects = self._desk.objects
        if head and objects.tracking() != head and objects.contains(head):
            objects.set_tracking(head)
        return head

    def _ask(self, question: Callable[[Transport], Event], *, during_push: bool = False) -> Event:
        if self._remote is None:
            return RemoteFailed(RemoteError("there is no remote"))
        try:
            return question(self._remote)
        except RejectedByRemote as error:
            return PushEnded(rejected=error.message)
        except RemoteError as error:
            return RemoteFailed(error, during_push)


def back_off(clock: Clock, action: Wait) -> None:
    """Wait for longer each time, and never for as long as others who wait too."""
    longest = min(LONGEST_BACK_OFF_SECONDS, BACK_OFF_SECONDS * 2**action.tries)
    clock.sleep(longest * (0.5 + clock.jitter() / 2))
