"""Keeping a vault in order: recovery, git's index, the hooks that are due, and who watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vaultkit.api.session import Session, is_taken
from vaultkit.effects.repository import sweep_stale_locks
from vaultkit.git_status import refresh_index
from vaultkit.hook_status import waiting_calls
from vaultkit.jobs import JobsReport, run_jobs, seconds_of_grace
from vaultkit.opening import PRIVATE
from vaultkit.status import Status, read_status
from vaultkit.worklist import read_worklist

ASKING_SECONDS = 0.5


class Upkeep(Session):
    """What the daemon does beside syncing."""

    def recover(self) -> list[str]:
        """Clear away what killed programs left in the repository; the names of what was removed."""
        with self._locked("recover"):
            self._desk.disk.clear(PRIVATE, self._desk.disk.items(PRIVATE))
            return sweep_stale_locks(str(self.root))

    def refresh_git(self) -> bool:
        """Make `git status` agree with the branch; False if another git program holds the index."""
        with self._locked("refresh"):
            return refresh_index(self._repo, self._desk)

    def run_jobs(self, *, patient: bool = True, scheduled: bool = False) -> JobsReport:
        """Run the after-hooks that are due; `scheduled`: those too for which a moment has come.

        `patient`: those that only wait for their grace time are waited for, unless `watch` sees to them.
        """
        self._refresh_hooks()
        if patient and not self.is_watched() and (seconds := seconds_of_grace(self._desk)):
            self.clock.sleep(seconds)
        return run_jobs(self._desk, self._jobs_lock, self, scheduled=scheduled)

    def status(self) -> Status:
        """What a person wants to know; reads only this machine's records."""
        work = list(read_worklist(self._desk, self._holding, self.policy))
        status = read_status(self.root, self.machine, self._desk, work, watching=self.is_watched())
        status.hooks_at_work = self.hooks_at_work()
        calls = waiting_calls(self._desk, status.hooks_at_work)
        status.queued_calls = sum(not call.why and call.since is None for call in calls)
        status.hook_problems = {name: error.message for name, error in self._hooks.problems.items()}
        return status

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hold the place of the one process that watches this vault; VaultBusy if it is taken."""
        self._watch_lock.acquire(ASKING_SECONDS)  # somebody may just be asking whether it is taken
        try:
            yield
        finally:
            self._watch_lock.release()

    def is_watched(self) -> bool:
        """Does a process watch this vault now?"""
        return is_taken(self._watch_lock)
