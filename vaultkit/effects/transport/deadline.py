"""An end to everything: work that must be over in time, or is given up.

A timeout on each read does not bound a server that sends a byte a minute. So the work runs in a
thread of its own, and when time is up nobody waits for it any more; what it still does is nothing
that shows (objects nobody names).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from vaultkit.errors import RemoteUnreachable

T = TypeVar("T")


def run_within(seconds: float, work: Callable[[], T], address: str, give_up: Callable[[], None]) -> T:
    """What `work` returns or raises; RemoteUnreachable after `seconds`, when `give_up` is called."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="vaultkit-remote")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        give_up()
        hint = "Check the network; your work is safe here and goes out later."
        raise RemoteUnreachable(f"{address} gave no answer within {seconds:g} s", hint=hint)
    if errors:
        raise errors[0]
    return results[0]
