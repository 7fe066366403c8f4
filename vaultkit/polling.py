"""How often the remote is asked: once a second while something is going on, then ever less often."""

from __future__ import annotations

IDLE_SECONDS = 5.0


class Polling:
    """The next time to ask. Times are seconds of one monotonic clock; `fastest` and `slowest` are pauses."""

    def __init__(self, fastest: float, slowest: float, now: float) -> None:
        self._fastest = fastest
        self._slowest = slowest
        self._pause = fastest
        self._active_at = now
        self.next_at = 0.0

    def ask_at_once(self) -> None:
        """Somebody says that there is something new."""
        self.next_at = 0.0

    def after(self, now: float, *, active: bool) -> None:
        """A cycle has ended; `active`: it had something to do."""
        if active:
            self._active_at, self._pause = now, self._fastest
        elif self.idle_seconds(now) > IDLE_SECONDS:
            self._pause = min(self._pause * 1.5, self._slowest)
        self.next_at = now + self._pause

    def idle_seconds(self, now: float) -> float:
        """For how long nothing was going on."""
        return now - self._active_at
