"""Who says where to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hint:
    """Somebody says a path (or, with `all`, anything) may have changed; only a reason to look."""

    path: str = ""
    everything: bool = False
    remote: bool = False


class Watcher(Protocol):
    """Says where to look. Hints may be late, double, missing or wrong; the scan is the truth."""

    def start(self) -> None: ...
    def drain(self) -> list[Hint]: ...
    def wait(self, seconds: float) -> bool:
        """Sleep until there is a hint, at most `seconds`; True if there is one."""

    def wake(self) -> None:
        """End a `wait` early; may be called from a signal handler."""

    def alive(self) -> bool: ...
    def stop(self) -> None: ...
