"""What `vaultkit watch` runs: hints wake it, clockwork keeps it honest.

One thread owns the cycles. The watcher only fills a queue of hints; the clockwork (schedule) polls
the remote, looks at everything now and then, runs after-hooks and tidies git's index when idle.
Every job is guarded: a failure is told once and never stops the others.

A decision (a drag into or out of a stage where something is decided, or a status edited so) rests for the
policy's quiet time before it is committed; nothing else waits for it.

Polling adapts: about once a second while either side is active, then less and less often, down to
the policy's `sync.interval`. A remote on a local path is watched, so it is polled at the interval.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

import schedule

from vaultkit.core.changes import Move
from vaultkit.core.fold import Violation
from vaultkit.core.mass_deletion import MASS_DELETION
from vaultkit.core.staying import told_once
from vaultkit.effects.transport import local_path
from vaultkit.effects.watcher import FolderWatcher
from vaultkit.errors import VaultBusy, VaultError
from vaultkit.ports import Hint, Watcher
from vaultkit.report import SyncReport, words_of
from vaultkit.resting import Resting, ends
from vaultkit.turns import Turns
from vaultkit.vault import Vault

FASTEST_POLL_SECONDS = 1.0
RECONCILE_SECONDS = 300
RECOVER_SECONDS = 60
DASHBOARD_SECONDS = 2
SETTLE_SECONDS = 0.06
LONGEST_SETTLE_SECONDS = 1.0
IDLE_SECONDS = 5.0
ASLEEP_SECONDS = 30.0
LOCK_SECONDS = 2.0
MOST_TOLD = 50

log = logging.getLogger("vaultkit.watch")


def watch_vault(vault: Vault, *, fastest: float = FASTEST_POLL_SECONDS) -> Daemon:
    """A daemon for `vault`, ready to `run`. It polls the remote every `fastest` seconds when busy."""
    remote = local_path(vault.machine.remote) if vault.machine.remote else None
    return Daemon(vault, FolderWatcher(str(vault.root), remote), fastest=fastest)


class Daemon:
    """Watches one vault until `stop` is called."""

    def __init__(self, vault: Vault, watcher: Watcher, *, fastest: float = FASTEST_POLL_SECONDS) -> None:
        self._vault = vault
        vault.lock_seconds = LOCK_SECONDS
        self._watcher = watcher
        self._fastest = fastest
        self._stopping = threading.Event()
        self._clockwork = schedule.Scheduler()
        self._clock = vault.clock
        self._told: dict[str, str] = {}
        self._look_at: set[str] = set()
        self._everything = True
        self._resting = Resting()
        self._turns = Turns()
        self._quiet = vault.policy.workflow.quiet
        self._interval = vault.policy.sync.interval
        self._pause = fastest
        self._next_poll = 0.0
        self._active_at = self._clock.monotonic()
        self._tidied = False
        self._worker: threading.Thread | None = None

    def stop(self) -> None:
        """End after the write in hand; may be called from a signal handler."""
        self._stopping.set()
        self._vault.interrupt()
        self._watcher.wake()

    def run(self) -> None:
        """Watch until stopped. Raises VaultBusy if another process watches this vault already."""
        with self._vault.watching():
            self._recover()
            self._start_clockwork()
            self._guard("watcher", self._watcher.start)
            try:
                while not self._stopping.is_set():
                    self._turn()
            finally:
                self._watcher.stop()
                self._join_worker()

    def _start_clockwork(self) -> None:
        every = self._clockwork.every
        every(RECONCILE_SECONDS).seconds.do(partial(self._guard, "reconcile", self._ask_for_everything))
        every(10).seconds.do(partial(self._guard, "watcher", self._tend_watcher))
        every(1).seconds.do(partial(self._guard, "hooks", self._run_jobs))
        every(2).seconds.do(partial(self._guard, "git status", self._tidy))
        every(DASHBOARD_SECONDS).seconds.do(partial(self._guard, "dashboard", self._refresh_dashboard))
        every(RECOVER_SECONDS).seconds.do(partial(self._guard, "recover", self._recover))

    def _recover(self) -> None:
        """A lock is known to be stale by its age, so one that was left just now is found later."""
        for name in self._vault.recover():
            log.info("removed a stale lock: %s", name)

    def _turn(self) -> None:
        """One round: cycle if there is a reason to, run what is due, sleep until the next reason."""
        if self._has_reason() and self._clock.monotonic() >= self._turns.free_at:
            self._guard("sync", self._cycle)
        self._clockwork.run_pending()
        before = self._clock.monotonic(), self._clock.now()
        self._watcher.wait(self._seconds_to_wait())
        if self._clock.now() - before[1] > self._clock.monotonic() - before[0] + ASLEEP_SECONDS:
            self._ask_for_everything()
        self._take_hints()

    def _has_reason(self) -> bool:
        """Is there something to look at here, or is it time to ask the remote?"""
        is_here = self._everything or self._look_at or self._rested()
        return bool(is_here) or self._clock.monotonic() >= self._next_poll

    def _seconds_to_wait(self) -> float:
        now = self._clock.monotonic()
        due, left = self._clockwork.idle_seconds, self._resting.seconds_left(now, self._quiet)
        reasons = [
            max(self._next_poll, self._turns.free_at) - now,
            *(seconds for seconds in (due, left) if seconds is not None),
            1.0,
        ]
        return max(0.0, min(reasons))

    # Decisions rest

    def _rested(self) -> frozenset[Move]:
        return self._resting.rested(self._clock.monotonic(), self._quiet)

    # Hints

    def _take_hints(self) -> None:
        """Collect hints until there is a moment of quiet: a burst of events is one change."""
        hints = self._watcher.drain()
        waited = 0.0
        while hints and waited < LONGEST_SETTLE_SECONDS:
            self._note(hints)
            self._watcher.wait(SETTLE_SECONDS)
            waited += SETTLE_SECONDS
            hints = self._watcher.drain()
        self._note(hints)

    def _note(self, hints: list[Hint]) -> None:
        for hint in hints:
            if hint.everything:
                self._everything = True
            elif hint.remote:
                self._next_poll = 0.0
            else:
                self._look_at.add(hint.path)

    def _ask_for_everything(self) -> None:
        self._everything = True

    def _tend_watcher(self) -> None:
        if not self._watcher.alive():
            self._watcher.stop()
            self._watcher.start()
            self._everything = True

    # Cycles

    def _cycle(self) -> None:
        rested = self._rested()
        paths = None if self._everything else frozenset(self._look_at) | ends(rested)
        try:
            report = self._vault.sync(paths, alive=True, rested=rested if self._quiet else None)
        except VaultBusy:
            self._schedule_poll(active=True)
            return
        except BaseException:
            self._schedule_poll(active=False)
            raise
        again = report.ending == "moved" or report.policy_changed
        self._everything, self._look_at = again, set(report.look_again)
        self._resting.update(report.resting, paths, self._clock.monotonic())
        self._quiet = self._vault.policy.workflow.quiet
        self._turns.after(report.pushes, heard_others=bool(report.heard), now=self._clock.monotonic())
        active = bool(report.commits or report.written or paths or again)
        self._tell_outcome(report)
        self._run_jobs()
        self._schedule_poll(active=active)

    def _schedule_poll(self, *, active: bool) -> None:
        """Soon while something is going on, then less and less often."""
        if active:
            self._active_at = self._clock.monotonic()
            self._pause, self._tidied = self._fastest, False
        elif self._clock.monotonic() - self._active_at > IDLE_SECONDS:
            self._pause = min(self._pause * 1.5, self._interval)
        self._next_poll = self._clock.monotonic() + self._pause

    def _tell_outcome(self, report: SyncReport) -> None:
        self._tell_received(report.written)
        if report.commits:
            log.info("%d local change(s) committed", report.commits)
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
        for agent, silence in self._vault.silent().items():
            self._tell(f"no sign of life from {agent}", _days(silence))
        state = report.error.message if report.error else report.detail or report.ending
        self._tell("sync", state, quiet=report.in_step)

    def _tell_received(self, paths: list[str]) -> None:
        for path in paths[:MOST_TOLD]:
            log.info("received %s", path)
        if len(paths) > MOST_TOLD:
            log.info("received %d more", len(paths) - MOST_TOLD)

    def _tell_held(self, report: SyncReport) -> None:
        gone = sum(held.rule == MASS_DELETION for held in report.held)
        if gone:
            self._tell("deletions", f"{gone} notes disappeared here at once; see `vaultkit resolve`")
        for held in (held for held in report.held if held.rule != MASS_DELETION):
            self._tell(f"held: {held.path}", f"{held.detail} (rule {held.rule})")

    # Background work

    def _run_jobs(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._guard, args=("hooks", self._jobs), daemon=True)
            self._worker.start()

    def _jobs(self) -> None:
        report = self._vault.run_jobs(patient=False, scheduled=True)
        for problem in report.problems:
            log.warning("%s", problem)

    def _join_worker(self) -> None:
        if self._worker:
            self._worker.join(10)

    def _refresh_dashboard(self) -> None:
        """Only what was looked at is told: while there is something to commit, a cycle comes first."""
        if self._everything or self._look_at:
            return
        try:
            refreshed = self._vault.refresh_dashboard(only_quiet=True)
        except VaultBusy:
            return
        for path in refreshed.filed:
            log.info("took up %s", path)
        refused = ", ".join(refreshed.refused[:3])
        self._tell(
            "signals", refused and f"the policy lets nobody here file away {refused}", quiet=not refused
        )

    def _tidy(self) -> None:
        idle = self._clock.monotonic() - self._active_at > IDLE_SECONDS / 2
        if idle and not self._tidied:
            self._tidied = self._vault.refresh_git()

    # Telling

    def _guard(self, what: str, work: Callable[[], object]) -> None:
        """Run one job; what it raises is told once, until it works again."""
        try:
            work()
        except (VaultError, OSError) as error:
            self._tell(what, str(error))
        except Exception as error:
            if self._tell(what, f"bug: {type(error).__name__}: {error}"):
                log.exception("%s failed; please report this", what)
        else:
            if what != "sync":
                self._tell(what, "", quiet=True)

    def _tell(self, what: str, state: str, *, quiet: bool = False) -> bool:
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


def _told(violation: Violation, where: str) -> tuple[str, str, str, str, str]:
    return violation.agent, where, violation.detail, violation.rule, violation.commit[:10]


def _days(seconds: int) -> str:
    """Told once an hour, then once a day: it is one state, not a new one each second."""
    hours = seconds // 3600
    return f"for {hours // 24} day(s)" if hours >= 48 else f"for {hours} hour(s)"
