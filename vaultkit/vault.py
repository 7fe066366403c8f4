"""The public API: one class, one vault, one agent.

What an agent's program does every day stands here; the rest is in the parts below `vaultkit.api`.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from vaultkit.agents import AgentInfo
from vaultkit.api.claiming import Claiming
from vaultkit.api.deciding import Deciding
from vaultkit.api.founding import Founding
from vaultkit.api.hooking import Hooking
from vaultkit.api.informing import Informing
from vaultkit.api.past import Past
from vaultkit.api.submitting import Submitting
from vaultkit.api.trusting import Trusting
from vaultkit.api.waiting import Waiting
from vaultkit.api.writing import Writing
from vaultkit.claims import Claim
from vaultkit.conflicts import OpenConflict
from vaultkit.core.git.changes import Move
from vaultkit.core.text.note import Note
from vaultkit.dashboard import Refreshed
from vaultkit.deletions import Deletions
from vaultkit.log import LogEntry
from vaultkit.past import AuditReport
from vaultkit.report import SyncReport
from vaultkit.resolve import Resolved
from vaultkit.restore import Restored
from vaultkit.undo import Undone
from vaultkit.worklist import WorkItem

__all__ = [
    "AgentInfo",
    "AuditReport",
    "Claim",
    "Deletions",
    "LogEntry",
    "OpenConflict",
    "Refreshed",
    "Resolved",
    "Restored",
    "Undone",
    "Vault",
    "WorkItem",
]


class Vault(Founding, Trusting, Claiming, Past, Deciding, Hooking, Waiting, Writing, Submitting, Informing):
    """A vault on this machine, as its agent sees it. Close it, or use it in a `with` block.

    One can be used by several threads at once, and one folder by several processes; they take turns, and a
    call waits for its turn `lock_seconds` (30), then raises VaultBusy. Beside what stands here it has the
    parts of `vaultkit.api`: who is trusted, the past, what waits for a decision, upkeep.
    """

    # Sync

    def sync(
        self,
        paths: Iterable[str] | None = None,
        *,
        deletions_allowed: bool = False,
        offline: bool = False,
        alive: bool = False,
        rested: Set[Move] | None = None,
    ) -> SyncReport:
        """One cycle: send what changed here, take in what changed elsewhere.

        `paths` limits where to look for local changes; None looks everywhere. With `alive`, a sign of
        life is published where the policy wants one and it is due. With `rested`, decisions that are
        not among these are left alone and told (`SyncReport.resting`). A remote that fails is in the
        report, not raised. Raises VaultBusy if another process holds the vault too long.
        """
        look_at = None if paths is None else frozenset(paths)
        with self._locked("sync"):
            return self._driver.run_cycle(
                look_at, deletions_allowed=deletions_allowed, offline=offline, alive=alive, rested=rested
            )

    # Decisions

    def approve(self, note: str) -> str:
        """Approve a draft, as dragging it to `Approved/` does. Returns its new path.

        VaultError, which says where it is, if it does not wait for a decision; Overtaken if others moved it
        first.
        """
        with self._locked("approve"):
            return self._moves.approve(note)

    def reject(self, note: str, reason: str = "") -> str:
        """Reject a draft; `reason` is written into it. Returns its new path. Raises as `approve` does."""
        with self._locked("reject"):
            return self._moves.reject(note, reason)

    def companions(self, note: Note) -> list[str]:
        """The task and the plan that a draft's frontmatter names and that are not done yet: their paths.

        A name that could mean several notes means none.
        """
        return self._moves.companions(note)
