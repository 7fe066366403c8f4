"""Long work shown on a terminal: finished steps as lines, the one under way as something that moves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import TracebackType

from rich.console import Console
from rich.status import Status

from vaultkit.cli.output import say
from vaultkit.cli.terminal import terminal


class Progress:
    """Tells steps as they come; on a terminal the running one shows how long it takes."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._status = Console(stderr=True).status("working")
            self._status.start()
            terminal.pause = self._paused
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        terminal.pause = nullcontext
        if self._status:
            self._status.stop()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Nothing moves while a person is asked something."""
        if self._status:
            self._status.stop()
        yield
        if self._status:
            self._status.start()

    def tell(self, words: str) -> None:
        """A step begins or is done."""
        say(f"  {words}")

    def show(self, what: str, done: int, total: int) -> None:
        """How far the running step is; only on a terminal."""
        if self._status:
            self._status.update(f"{what}: {done:,} of {total:,}" if total else what)
