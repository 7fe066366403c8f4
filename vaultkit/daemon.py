"""What `vaultkit watch` runs: hints wake it, clockwork keeps it honest.

One thread owns the cycles. The watcher only fills a queue of hints; the clockwork (schedule) polls
the remote, looks at everything now and then, runs after-hooks and tidies git's index when idle.
Every job is guarded: a failure is told once and never stops the others.

A decision (a drag into or out of a stage where something is decided, or a status edited so) rests for the
policy's quiet time before it is committed; nothing else waits for it.

Polling adapts, down to the policy's `sync.interval`. A remote on a local path is watched, so it is polled
at the interval.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import schedule

from vaultkit.core.git.changes import Move
from vaultkit.core.rules.zone_gaps import zone_gaps
from vaultkit.effects.transport import local_path
from vaultkit.effects.watcher import FolderWatcher
from vaultkit.errors import VaultBusy
from vaultkit.polling import IDLE_SECONDS, Polling
from vaultkit.ports import Hint, Watcher
from vaultkit.report import SyncReport
from vaultkit.resting import Resting, ends
from vaultkit.telling import Telling, log
from vaultkit.turns import Turns
from vaultkit.vault import Vault

FASTEST_POLL_SECONDS = 1.0
RECONCILE_SECONDS = 300
RECOVER_SECONDS = 60
DASHBOARD_SECONDS = 2
SETTLE_SECONDS = 0.06
LONGEST_SETTLE_SECONDS = 1.0
ASLEEP_SECONDS = 30.0
LOCK_SECONDS = 2.0


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
        self._stopping = threading.Event()
        self._clockwork = schedule.Scheduler()
        self._clock = vault.clock
        self._telling = Telling()
        self._look_at: set[str] = set()
        self._everything = True
        self._resting = Resting()
        self._turns = Turns()
        self._quiet = vault.policy.workflow.quiet
        self._polling = Polling(fastest, vault.policy.sync.interval, self._clock.monotonic())
        self._tidied = False
        self._worker: threading.Thread | None = None

    def stop(self) -> None:
        """End after the write in hand; may be called from a signal handler."""
        self._stopping.set()
        self._vault.interrupt()
        self._watcher.wake()

    def run(self, began: Callable[[], None] = lambda: None) -> None:
        """Watch until stopped; `began` is called once it does.

        Raises VaultBusy if another process watches this vault already.
        """
        with self._vault.watching():
            began()
            self._recover()
            self._start_clockwork()
            self._telling.guard("watcher", self._watcher.start)
            try:
                while not self._stopping.is_set():
                    self._turn()
            finally:
                self._watcher.stop()
                self._join_worker()

    def _start_clockwork(self) -> None:
        every, guard = self._clockwork.every, self._telling.guard
        every(RECONCILE_SECONDS).seconds.do(partial(guard, "reconcile", self._ask_for_everything))
        every(10).seconds.do(partial(guard, "watcher", self._tend_watcher))
        every(1).seconds.do(partial(guard, "hooks", self._run_jobs))
        every(2).seconds.do(partial(guard, "git status", self._tidy))
        every(DASHBOARD_SECONDS).seconds.do(partial(guard, "dashboard", self._refresh_dashboard))
        every(RECOVER_SECONDS).seconds.do(partial(guard, "recover", self._recover))

    def _recover(self) -> None:
        """A lock is known to be stale by its age, so one that was left just now is found later."""
        for name in self._vault.recover():
            log.info("removed a stale lock: %s", name)

    def _turn(self) -> None:
        """One round: cycle if there is a reason to, run what is due, sleep until the next reason."""
        if self._has_reason() and self._clock.monotonic() >= self._turns.free_at:
            self._telling.guard("sync", self._cycle)
        self._clockwork.run_pending()
        before = self._clock.monotonic(), self._clock.now()
        self._watcher.wait(self._seconds_to_wait())
        if self._clock.now() - before[1] > self._clock.monotonic() - before[0] + ASLEEP_SECONDS:
            self._ask_for_everything()
        self._take_hints()

    def _has_reason(self) -> bool:
        """Is there something to look at here, or is it time to ask the remote?"""
        is_here = self._everything or self._look_at or self._rested()
        return bool(is_here) or self._clock.monotonic() >= self._polling.next_at

    def _seconds_to_wait(self) -> float:
        """What has rested, and is here still, waits for its turn, or for what made the last cycle fail."""
        now = self._clock.monotonic()
        due, left = self._clockwork.idle_seconds, self._resting.seconds_left(now, self._quiet)
        reasons = [max(self._polling.next_at, self._turns.free_at) - now, 1.0]
        reasons += [seconds for seconds in (due, left) if seconds]
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
                self._polling.ask_at_once()
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
        paths = None if self._everything else frozenset(self._look_at | ends(rested))
        try:
            report = self._vault.sync(paths, alive=True, rested=rested if self._quiet else None)
        except VaultBusy:
            self._schedule_poll(active=True)
            return
        except BaseException:
            self._schedule_poll(active=False)
            raise
        self._everything, self._look_at = False, set()
        self._heed(report)
        self._resting.update(report.resting, paths, self._clock.monotonic())
        self._quiet = self._vault.policy.workflow.quiet
        self._turns.after(report.pushes, heard_others=bool(report.heard), now=self._clock.monotonic())
        active = bool(report.commits or report.written or paths or self._everything)
        self._telling.tell_gaps(zone_gaps(self._vault.policy))
        self._run_jobs()
        self._schedule_poll(active=active)

    def _heed(self, report: SyncReport) -> None:
        """What a cycle did and came upon is told; what it asks for is looked at next."""
        self._everything |= report.ending == "moved" or report.policy_changed
        self._look_at |= report.look_again
        self._telling.tell_cycle(report, self._vault.silent)

    def _schedule_poll(self, *, active: bool) -> None:
        self._tidied = self._tidied and not active
        self._polling.after(self._clock.monotonic(), active=active)

    # Background work

    def _run_jobs(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(
                target=self._telling.guard, args=("hooks", self._jobs), daemon=True
            )
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
        if refreshed.sync:
            self._heed(replace(refreshed.sync, commits=0))  # the page's own commit is no news
        for path in refreshed.filed:
            log.info("took up %s", path)
        refused = ", ".join(refreshed.refused[:3])
        self._telling.tell(
            "signals", refused and f"the policy lets nobody here file away {refused}", quiet=not refused
        )

    def _tidy(self) -> None:
        idle = self._polling.idle_seconds(self._clock.monotonic()) > IDLE_SECONDS / 2
        if idle and not self._tidied:
            self._tidied = self._vault.refresh_git()
