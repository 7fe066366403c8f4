"""One branch of one remote repository."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from vaultkit.core.git.tree import Oid


class Outcome(Enum):
    """What a push came to. Even `ACCEPTED` is only what the server said: look again to be sure."""

    ACCEPTED = "accepted"
    LOST = "lost"
    REJECTED = "rejected"


class Pushed(NamedTuple):
    outcome: Outcome
    reason: str = ""


class Transport(Protocol):
    """One branch (`main`) of one remote repository, and the way its objects come and go.

    Every call ends within its deadline, and raises AuthenticationFailed, RemoteNotFound,
    RemoteUnreachable or RejectedByRemote, never anything else.
    """

    def look(self) -> Oid | None:
        """The remote's head now; None while the branch does not exist."""

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        """Bring in `head` and everything it needs, given that all below `known` is here already.

        Afterwards the object store holds them all, or RemoteUnreachable is raised and the store has
        gained nothing visible. A ref whose objects are missing is a reason to try again.
        """

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        """Move the remote's head from `expected` to `new`, sending the objects it lacks.

        Compare-and-swap: if the remote's head is not `expected`, nothing changes there and the
        outcome is LOST. Never forced. A lost connection raises RemoteUnreachable, and then nobody
        knows: look again.
        """

    def interrupt(self) -> None:
        """End the call under way, and every later one, with RemoteUnreachable; from any thread."""

    def close(self) -> None: ...
