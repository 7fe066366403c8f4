"""Waiting: for a note to come to a status, and for whatever happens."""

from __future__ import annotations

import threading
from contextlib import suppress

from vaultkit.api.upkeep import Upkeep
from vaultkit.errors import TimedOut, UsageError, VaultBusy, VaultError
from vaultkit.feed import Feed
from vaultkit.report import SyncReport
from vaultkit.tasks import stage_named
from vaultkit.trails import GONE, places_since
from vaultkit.waiting import Pulse, Watch

FRESH_SECONDS = 0.1


class Waiting(Upkeep):
    """What an agent does while others work."""

    _looked: SyncReport | None = None
    _looked_at = 0.0

    def wait_for(
        self,
        note: object,
        *status: str,
        timeout: float | None = None,
        stop: threading.Event | None = None,
    ) -> str:
        """Wait until a note is in one of these stages (any of their words), and return where it is then.

        `note`: its path now or before (it may still have to come), a claim, or a draft that was handed in; it
        is followed through its moves, and having passed through the stage counts. Where a daemon watches it
        only looks, else it syncs. Raises TimedOut after `timeout` seconds (None: never), UsageError for no
        word or one that is no stage, VaultError if the note is removed, the vault closed, or `stop` set.
        """
        if not status:
            raise UsageError("wait_for needs a status", hint='For instance `wait_for(note, "approved")`.')
        return self._wait_for(str(note), status, timeout, self._door.calls(stop))

    def watch(self, since: str | None = None) -> Watch:
        """What happens from now on, or after `since`: typed events, one by one, for ever.

            with vault.watch(since=last_cursor) as events:
                for event in events:
                    print(event.path, event.cursor)

        `since` is a commit or an event's `cursor`, so a program that was stopped misses nothing. Only what is
        published is told. Where a daemon watches it only looks, else it syncs. Ends with `stop`, or `close`.
        """
        with self._door.inside():
            return Watch(Feed(self._desk, since), self._pulse(), self._door, self._door.calls())

    def _wait_for(
        self, note: str, status: tuple[str, ...], timeout: float | None, stopped: threading.Event
    ) -> str:
        stages = {stage_named(word, self.policy) for word in status}
        pulse, end = self._pulse(), None if timeout is None else self.clock.monotonic() + timeout
        while not stopped.is_set():
            found, note = self._look_for(note, stages)
            if found:
                return found
            left = float("inf") if end is None else end - self.clock.monotonic()
            if left <= 0:
                words = " or ".join(sorted(stages))
                raise TimedOut(f"{note} did not become {words} within {timeout:g} s", note=note)
            pulse.wait(stopped, left)
        raise VaultError(f"waiting for {note} was stopped", note=note)

    def _look_for(self, note: str, stages: set[str]) -> tuple[str, str]:
        """Where the note is if it has come to one of the stages, else ""; and what to look for next."""
        with self._door.inside():
            places = places_since(self._desk, note)
            there = [place for place in places if place != GONE]
            if any(self.policy.workflow.stage_of(place) in stages for place in there):
                return there[-1], note
        if places and places[-1] == GONE:
            raise VaultError(f"{note} was removed", hint="`vaultkit log` says by whom.", note=note)
        return "", there[-1] if there else note

    def _pulse(self) -> Pulse:
        return Pulse(self._look_around, self.is_watched, self.clock.monotonic, self.policy.sync.interval)

    def _look_around(self) -> SyncReport | None:
        """A cycle, or the one that another thread which waits has just done; None if all are busy."""
        with suppress(VaultBusy), self._locked("wait"):
            if self._looked is None or self.clock.monotonic() - self._looked_at >= FRESH_SECONDS:
                self._looked = self._driver.run_cycle()
                self._looked_at = self.clock.monotonic()
            return self._looked
        return None
