"""Tasks: taking them, keeping them, giving them back, finishing them."""

from __future__ import annotations

from vaultkit.api.session import Session
from vaultkit.claims import Claim
from vaultkit.worklist import WorkItem, read_worklist


class Claiming(Session):
    """What an agent does with tasks."""

    def claim(self, note: str) -> Claim:
        """Claim a task; returns once the remote has confirmed it. What can be done with it: `vaultkit.Claim`.

        Claiming again what one holds renews it. Raises AlreadyClaimed (by whom: an agent, or another of this
        one's programs that gave `open` its name), NotClaimable if it was filed (where), Unconfirmed if the
        remote cannot be asked, RefusedByPolicy; VaultError if there is no such task.
        """
        return self._claims.claim(note)

    def take_over(self, note: str, *, wait: bool = False) -> Claim:
        """Claim a task whose agent this machine watched being silent for a whole lease; `wait` for that.

        It is `vaultkit watch`, or waiting here, that watches. Raises StillHeld (by whom, and for how many
        seconds at least), else as `claim`; RefusedByPolicy where the zone gives no right to `take`.
        """
        return self._claims.take_over(note, wait=wait)

    def release(self, note: str | Claim) -> str:
        """Give a task in progress back to `Needs_Action/`; returns its new path.

        A claim is checked first: ClaimLost, and nothing is changed, if it is over; ClaimLost too where others
        moved the task meanwhile.
        """
        return self._claims.release(note)

    def complete(self, note: str | Claim) -> list[str]:
        """Move a task or draft to `Done/`, and with a draft the task and plan it names. Returns the paths.

        What is in `Done/` already stays as it is. A claim is checked first: ClaimLost, and nothing is
        changed, if it is over; Unconfirmed if the remote never confirmed it and cannot be asked. Where others
        moved the note meanwhile, the move is undone: ClaimLost for a task that was this agent's, else
        Overtaken; both say who was first and where the note is.
        """
        return self._claims.complete(note)

    def worklist(self, *, mine: bool = False) -> list[WorkItem]:
        """All that is not done, stage by stage, with who has it and for how long; `mine`: this agent's."""
        found = read_worklist(self._desk, self._holding, self.policy)
        return [item for item in found if not mine or item.holder == self.agent]
