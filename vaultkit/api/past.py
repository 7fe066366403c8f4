"""What happened: history, what was refused, and bringing earlier things back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vaultkit.api.reading import Reading
from vaultkit.core.history.fold import Violation
from vaultkit.log import Log, LogEntry
from vaultkit.past import AuditReport, audit_vault, content_then
from vaultkit.restore import Restore, Restored
from vaultkit.status import silent_agents
from vaultkit.undo import Undo, Undone


class Past(Reading):
    """A vault's past, and taking it back."""

    def violations(self, *, unseen: bool = False) -> list[Violation]:
        """What others tried and had no right to; `unseen`: since the last `acknowledge`."""
        return self._desk.state.violations(unseen=unseen)

    def silent(self) -> dict[str, int]:
        """The agents that promised a sign of life and gave none, and for how many seconds."""
        return silent_agents(self._desk, self.policy)

    def acknowledge(self) -> None:
        """A person has seen the violations that are recorded."""
        self._desk.state.acknowledge()

    def audit(self) -> AuditReport:
        """Judge the whole published history anew; costs its length. VaultError if there is none."""
        with self._locked("audit"):
            return audit_vault(self._desk)

    def history(self, note: str | None = None) -> Iterator[LogEntry]:
        """What counted, commit by commit, newest first, judged as it is asked for.

        Of `note` alone (a path or file name, also of a note that is gone) followed through its renames.
        """
        return Log(self._desk).history(note)

    def content(self, note: str, at: str | None = None) -> bytes:
        """A note's bytes, as they are or were `at` a time (ISO), an age ago (`2h`), or in a commit.

        `note` is a path or file name. A commit is a hash, or 7 digits of it or more. What was refused can
        be read by its commit too; it is not in the vault. Without a zone a time is local. VaultError if
        there was no such note.
        """
        if at is None:
            is_path = self._desk.disk.item(note) is not None
            return self.read(note if is_path else Log(self._desk).name_of(note)).data
        return content_then(self._desk, note, at, datetime.astimezone)

    def undo(self) -> Undone:
        """Take back the last operation of this machine as a new commit; undoing that does it again.

        All of it or nothing: VaultError, with the reason, if others worked on since or what was approved
        has been carried out; RefusedByPolicy if this agent may not.
        """
        with self._without_jobs(), self._locked("undo"):
            return Undo(self._desk, self._cycle_as_written).undo()

    def restore(self, note: str, *, at: str | None = None) -> Restored:
        """Make a note hold again what it held `at` a time, age or commit (see `content`), as a new change.

        A note that was deleted comes back, without `at` as it was last. A change that is held is taken back,
        without `at` only; `Restored.dropped` names the object that still has its words. What is typed
        meanwhile is never overwritten.
        """
        with self._locked("restore"):
            return Restore(self._desk, self._cycle_as_written).restore(note, at, datetime.astimezone)
