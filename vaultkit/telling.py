"""What the log of `vaultkit watch` says: what a cycle did, and each trouble once until it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from vaultkit.core.cycle.mass_deletion import MASS_DELETION
from vaultkit.core.history.fold import Violation
from vaultkit.core.rules.staying import told_once
from vaultkit.core.text.showing import show_count
from vaultkit.errors import VaultError
from vaultkit.report import SyncReport, words_of

MOST_TOLD = 50

log = logging.getLogger("vaultkit.watch")


class Telling:
    """Tells states, one line per change, and remembers what was told of each thing."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def tell(self, what: str, state: str, *, quiet: bool = False) -> bool:
        """One line per change of state, not per attempt; True if there was a change."""
        if self._told.get(what, "") == state:
            return False
        was_bad = what in self._told
        self._told[what] = state
        if not quiet:
            log.warning("%s: %s", what, state)
        elif was_bad:
            log.info("%s: %s", what, state or "works again")
        return True

    def guard(self, what: str, work: Callable[[], object]) -> None:
        """Run one job; what it raises is told once, until it works again."""
        try:
            work()
        except (VaultError, OSError) as error:
            self.tell(what, str(error))
        except Exception as error:
            if self.tell(what, f"bug: {type(error).__name__}: {error}"):
                log.exception("%s failed; please report this", what)
        else:
            if what != "sync":
                self.tell(what, "", quiet=True)

    def tell_cycle(self, report: SyncReport, silent: Callable[[], Mapping[str, int]]) -> None:
        """What a cycle did and came upon; `silent` says who was not heard of, for how many seconds."""
        _tell_received(report.written)
        if report.commits:
            log.info("committed here: %s", show_count(report.commits, "commit"))
        for violation in report.violations:
            where = violation.path or "a whole commit"
            log.warning("refused: %s at %s: %s (rule %s, %s)", *_told(violation, where))
        for conflict in report.conflicts:
            log.warning("conflict: %s; kept as %s (%s)", conflict.path, conflict.copy, conflict.reason)
        for path in report.withdrawn:
            log.warning("%s", told_once(path))
        for one in report.overruled:
            log.warning("undone: %s", words_of(one))
        self._tell_held(report)
        for problem in report.problems:
            log.warning("%s", problem)
        for agent, silence in silent().items():
            self.tell(f"no sign of life from {agent}", _days(silence))
        state = report.error.message if report.error else report.detail or report.ending
        self.tell("sync", state, quiet=report.in_step)

    def tell_gaps(self, gaps: Sequence[str]) -> None:
        """What the zones forgot, for as long as they do."""
        self.tell("zones", "; ".join(gaps), quiet=not gaps)

    def _tell_held(self, report: SyncReport) -> None:
        gone = sum(held.rule == MASS_DELETION for held in report.held)
        if gone:
            self.tell("deletions", f"{gone} notes disappeared here at once; see `vaultkit resolve`")
        for held in (held for held in report.held if held.rule != MASS_DELETION):
            self.tell(f"held: {held.path}", f"{held.detail} (rule {held.rule})")


def _tell_received(paths: list[str]) -> None:
    for path in paths[:MOST_TOLD]:
        log.info("received %s", path)
    if len(paths) > MOST_TOLD:
        log.info("received %d more", len(paths) - MOST_TOLD)


def _told(violation: Violation, where: str) -> tuple[str, str, str, str, str]:
    return violation.agent, where, violation.detail, violation.rule, violation.commit[:10]


def _days(seconds: int) -> str:
    """Told once an hour, then once a day: it is one state, not a new one each second."""
    hours = seconds // 3600
    return f"for {show_count(hours // 24, 'day') if hours >= 48 else show_count(hours, 'hour')}"
