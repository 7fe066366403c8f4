"""Time, and what nobody can foresee."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """UTC, whole seconds since 1970; may jump."""

    def monotonic(self) -> float: ...
    def uptime(self) -> float:
        """Like `monotonic`, and it goes on while the machine sleeps, where the system can tell."""

    def boot(self) -> str:
        """Names the run of the system: readings of `monotonic` and `uptime` compare only within one.

        Where the system gives its runs no name, each process is a run of its own.
        """

    def sleep(self, seconds: float) -> None: ...
    def nonce(self) -> str:
        """A fresh random name nobody else will ever have."""

    def jitter(self) -> float:
        """A random number in [0, 1)."""
