"""Waiting for news: by looking at what a daemon brings in, or, where none watches, by syncing.

Nothing is held while it waits, and whoever waits can be told to stop from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from vaultkit.core.telling.events import Event
from vaultkit.door import Closed, Door
from vaultkit.feed import Feed
from vaultkit.report import SyncReport

LOOK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.2
GROWTH = 1.3
ASK_SECONDS = 2.0


class Pulse:
    """Waits a moment, and brings the vault up to date if nobody else does.

    Without a daemon it syncs, often while something happens, then down to every `interval` seconds.
    """

    def __init__(
        self,
        sync: Callable[[], SyncReport | None],
        is_watched: Callable[[], bool],
        monotonic: Callable[[], float],
        interval: float,
    ) -> None:
        self._sync = sync
        self._ask = is_watched
        self._monotonic = monotonic
        self._interval = interval
        self._pause = 0.0
        self._asked_at = -ASK_SECONDS
        self._watched = False

    def wait(self, stopped: threading.Event, longest: float = float("inf")) -> None:
        """At most `longest` seconds, and a sync."""
        if self._is_watched():
            stopped.wait(min(LOOK_SECONDS, longest))
        elif not stopped.wait(min(self._pause, longest)):
            report = self._sync()
            is_active = report is None or report.written or report.commits
            grown = min(max(self._pause, FIRST_PAUSE_SECONDS) * GROWTH, self._interval)
            self._pause = FIRST_PAUSE_SECONDS if is_active else grown

    def _is_watched(self) -> bool:
        """Asked now and then only, for asking takes hold of the watcher's place for a moment."""
        now = self._monotonic()
        if now - self._asked_at >= ASK_SECONDS:
            self._asked_at, self._watched = now, self._ask()
        return self._watched


class Watch(Iterator[Event]):
    """Events as they come, for ever, until `stop` or the vault is closed; then the loop over it ends.

    For one thread to read; any may stop it. In a `with` block it stops at the end.
    """

    def __init__(self, feed: Feed, pulse: Pulse, door: Door, stopped: threading.Event) -> None:
        self._feed, self._pulse, self._door, self._stopped = feed, pulse, door, stopped
        self._news: Iterator[Event] = iter(())

    def __next__(self) -> Event:
        try:
            while not self._stopped.is_set():
                if event := self._next():
                    return event
                self._pulse.wait(self._stopped)
        except Closed:
            pass
        raise StopIteration

    def _next(self) -> Event | None:
        """The next event that is there already."""
        with self._door.inside():
            event = next(self._news, None)
            if event is None:
                self._news = self._feed.news()
                event = next(self._news, None)
            return event

    def stop(self) -> None:
        """End the loop over it, after the event in hand."""
        self._stopped.set()

    close = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
