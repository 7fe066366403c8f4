"""What waits for a person: conflicts, and deletions of many notes."""

from __future__ import annotations

from vaultkit.api.session import Session
from vaultkit.conflicts import OpenConflict, open_conflicts
from vaultkit.deletions import Answer, Deletions, answer_deletions, waiting_deletions
from vaultkit.report import SyncReport
from vaultkit.resolve import Keep, Resolve, Resolved


class Deciding(Session):
    """What only a person can settle."""

    def conflicts(self) -> list[OpenConflict]:
        """The words that could not be merged, oldest first, each with the note they belong to and why."""
        return open_conflicts(self._desk)

    def resolve(self, note: str, keep: Keep) -> Resolved:
        """Settle a conflict in one commit: the chosen words stand in the note, and the copy is gone.

        `note` is its path or file name, or the copy's. Keep `mine` or `theirs` (what this machine's agent
        or the other one wrote), `both` (the copy becomes a note of its own), or `done`: the note as it
        was edited by hand. What is not kept stays in history.
        """
        with self._locked("resolve"):
            return Resolve(self._desk, self._cycle_as_written).resolve(note, keep)

    def deletions(self) -> Deletions:
        """Deletions of many notes at once that wait for an answer."""
        return waiting_deletions(self._desk)

    def resolve_deletions(self, answer: Answer) -> SyncReport:
        """`allow` the deletions that wait, or `restore` the notes, here and for everybody.

        VaultError if none waits; RefusedByPolicy if this agent may not restore what others removed.
        """
        with self._locked("resolve"):
            return answer_deletions(self._desk, self._driver, answer)
