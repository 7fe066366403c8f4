"""What a cycle did, for the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vaultkit.core.cycle.protocol import Ending
from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.core.merging.merge_terms import Conflict, Overruled
from vaultkit.errors import RemoteError
from vaultkit.ports import Held


@dataclass(slots=True)
class SyncReport:
    """The outcome of one cycle.

    `ending` is explained at `vaultkit.core.cycle.protocol.Finish`; `error` is set if the remote failed.
    `commits`: local commits made · `written`: notes changed on this disk · `pushes`: pushes sent ·
    `held`: local changes that may not leave and that somebody should look at ·
    `withdrawn`: notes that stay here from now on (`zone: local`) and were shared before ·
    `violations`, `conflicts`: new ones · `problems`: hooks that could not do their part ·
    `look_again`: notes that were just being saved · `key`: the nonce of this cycle's own commit ·
    `policy_changed`: another policy arrived, so what was held may go now · `resting`: decisions that are
    too fresh to be committed · `renewed`: what this cycle made is published, so the leases of this agent's
    claims began anew · `heard`: the other agents of whom something arrived · `overruled`: moves that
    were undone, because others were first.
    """

    ending: Ending = "in step"
    error: RemoteError | None = None
    detail: str = ""
    head: Oid | None = None
    commits: int = 0
    pushes: int = 0
    written: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    look_again: set[str] = field(default_factory=set)
    key: str = ""
    policy_changed: bool = False
    resting: set[Move] = field(default_factory=set)
    renewed: bool = False
    heard: set[str] = field(default_factory=set)
    overruled: list[Overruled] = field(default_factory=list)

    def after(self, before: SyncReport) -> SyncReport:
        """This cycle's report with what the one just before it did."""
        self.commits += before.commits
        self.pushes += before.pushes
        self.written = [*before.written, *self.written]
        self.withdrawn = [*before.withdrawn, *self.withdrawn]
        self.violations = [*before.violations, *self.violations]
        self.conflicts = [*before.conflicts, *self.conflicts]
        self.overruled = [*before.overruled, *self.overruled]
        self.problems = [*before.problems, *self.problems]
        self.policy_changed |= before.policy_changed
        self.renewed |= before.renewed
        self.heard |= before.heard
        return self

    @property
    def in_step(self) -> bool:
        """Do this machine and the remote hold the same?"""
        return self.ending == "in step"


def words_of(one: Overruled) -> str:
    """Why a move was undone, for whoever made it."""
    return f"{one.path} did not go to {one.wanted}: {one.by} was first, and it is {one.stands} now"


Cycle = Callable[[frozenset[str], str], SyncReport]
"""Runs one cycle that looks at these paths, and calls the commit it makes so ("": by what it did)."""
