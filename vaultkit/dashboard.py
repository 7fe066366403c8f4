"""Keeping the Dashboard: its regions say what is, and each signal is taken up once and filed away.

One agent keeps it (`core.telling.board.dashboard_writer`). The page and the signals change together, as one
rewrite that a kill undoes whole (`rewrite`) and as one commit, so a signal is either in both
or in none. What is written over must be what the newest commit has: whoever types in the page is
never overwritten, it is tried again later.

A commit of this kind says so in a trailer. It is nobody's work: `undo` passes over it, and it is no
sign of life on the page itself, which would have to be written again for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Change, Changes, Oid, find_file
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.commit_marks import UPKEEP
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.board import DASHBOARD, SIGNALS, board_lines, dashboard_writer, signal_lines
from vaultkit.core.text.regions import Page, find_region, own_lines, with_regions
from vaultkit.core.text.showing import show_count
from vaultkit.desk import Desk
from vaultkit.errors import VaultError
from vaultkit.facts import failing_hooks, read_facts
from vaultkit.page import Memory, read_dashboard, recall, remember
from vaultkit.report import Cycle, SyncReport
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden
from vaultkit.updates import Filing, filings

QUIET_SECONDS = 3
LOOK_ANYWAY_SECONDS = 600

Outcome = Literal["current", "written", "not ours", "not there", "busy"]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of it. `filed`: signals that were taken up, oldest first, where they are now.

    `not ours`: another agent keeps the Dashboard · `not there`: no vault must have one · `busy`: somebody
    is typing in it. `refused`: signals that the policy does not let this agent file away. `sync`: the cycle
    that published the page; it may have taken in what others did.
    """

    outcome: Outcome
    filed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sync: SyncReport | None = None


class Dashboard:
    """The page at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle
        self._seen: object = None

    def refresh(self, *, only_quiet: bool = False) -> Refreshed:
        """Bring the page up to date, if this machine keeps it. `only_quiet`: not while somebody types.

        Raises BrokenRegions for marks that do not fit together, RefusedByPolicy for what may not leave.
        """
        desk = self._desk
        policy = policy_at(desk.objects, desk.head_tree())
        if desk.identity.acts_as(policy) != (dashboard_writer(policy) or ""):
            return Refreshed("not ours")
        if (state := self._state_of_things()) == self._seen:
            return Refreshed("current")
        oid = find_file(desk.objects, desk.head_tree(), DASHBOARD)
        if oid is None:
            return Refreshed("not there")
        if only_quiet and self._is_being_typed():
            return Refreshed("busy")
        refreshed = self._write(policy, oid)
        self._seen = state if refreshed.outcome == "current" else None
        return refreshed

    def _state_of_things(self) -> object:
        """As long as this is the same, so is the page; looked at anew now and then, for notes expire."""
        state = self._desk.state
        coarse = self._desk.clock.now() // LOOK_ANYWAY_SECONDS
        recorded = (
            state.held(),
            state.get("unmoved"),
            state.violations(unseen=True),
            failing_hooks(self._desk),
        )
        return state.get("head"), state.get("base"), recorded, coarse

    def _is_being_typed(self) -> bool:
        item = self._desk.disk.item(DASHBOARD)
        if item is None:
            return True
        age = self._desk.clock.now() - item.stamp.mtime_ns // 1_000_000_000
        return -QUIET_SECONDS < age < QUIET_SECONDS

    def _write(self, policy: Policy, oid: Oid) -> Refreshed:
        desk = self._desk
        page = read_dashboard(desk.objects.blob(oid))
        memory = recall(desk, policy)
        news, refused = filings(desk, policy) if find_region(page, SIGNALS) else ([], [])
        contents = self._contents(policy, page, memory, news)
        new = desk.objects.put_blob(with_regions(page, contents, memory.lines))
        # Remembered before it is written: after a kill it must not pass for typing.
        memory.expect(line for lines in contents.values() for line in lines)
        remember(desk, memory)
        if new == oid and not news:
            return Refreshed("current", refused=refused)
        edits = {DASHBOARD: Change(oid, new)} | _moves(news)
        refuse_forbidden(desk, edits)
        if not self._rewrite(edits):
            return Refreshed("busy", refused=refused)
        report = self._cycle(frozenset(edits), _message(news))
        return Refreshed("written", [one.signal.path for one in news], refused, report)

    def _contents(
        self, policy: Policy, page: Page, memory: Memory, news: list[Filing]
    ) -> dict[str, list[str]]:
        contents = board_lines(read_facts(self._desk, policy, memory.heard, memory.since))
        if region := find_region(page, SIGNALS):
            standing = own_lines(region.words, memory.lines)
            contents[SIGNALS] = signal_lines([one.signal for one in news], standing)
        return contents

    def _rewrite(self, edits: Changes) -> bool:
        """False, and no change, if something else is on the disk than the newest commit has."""
        try:
            rewrite_notes(self._desk, edits)
        except VaultError:
            return False
        return True


def _moves(news: list[Filing]) -> Changes:
    gone: Changes = {one.path: Change(one.oid, None) for one in news}
    return gone | {one.signal.path: Change(None, one.oid) for one in news}


def _message(news: list[Filing]) -> str:
    words = f"dashboard: {show_count(len(news), 'signal')} taken up" if news else "dashboard: up to date"
    return add_trailer(words, UPKEEP, DASHBOARD)
