"""Watching over hooks while they run, for nobody else can end a function that loops or waits.

A planning hook runs inside of a cycle, so a sync waits for it. It cannot be ended safely, but it is told
which one it is. An acting hook runs in a thread of its own: one that takes too long is left to itself, counts
as failed, and is not started again in this process before it has come to an end. The sync and the other
hooks go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple

from vaultkit.core.hook_marks import HookError

SLOW_SECONDS = 10.0
LIMIT_SECONDS = 600.0
LONG = 6
"""How many times as long an acting hook may take before it is said."""

log = logging.getLogger("vaultkit")

acting_hook: ContextVar[str] = ContextVar("acting_hook", default="")
"""The acting hook that runs in this thread: what it changes through its vault is a hook's doing."""

Work = Callable[[], None]


class Overseer:
    """Watches over the hooks that run in this process. `slow` and `limit` are seconds."""

    def __init__(self, slow: float = SLOW_SECONDS, limit: float = LIMIT_SECONDS) -> None:
        self._slow = slow
        self._limit = limit
        self._running: dict[str, threading.Thread] = {}
        self._planning: _Plan | None = None
        self._looks = False
        self._mutex = threading.Lock()

    def is_running(self, hook: str) -> bool:
        """Is a call of this hook still under way, though nobody waits for it any more?"""
        thread = self._running.get(hook)
        return thread is not None and thread.is_alive()

    def plan(self, hook: str, note: str, work: Work) -> None:
        """Do a planning hook's work here and now; it is said if that takes long."""
        self._planning = _Plan(hook, note, time.monotonic())
        with self._mutex:
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, daemon=True).start()
        try:
            work()
        finally:
            self._planning = None

    def _look(self) -> None:
        """Now and then, as long as hooks plan: how long does the one under way take?"""
        told = None
        while True:
            time.sleep(self._slow / 4)
            with self._mutex:
                plan = self._planning
                self._looks = plan is not None
            if plan is None:
                return
            if plan is not told and time.monotonic() - plan.since >= self._slow:
                told = plan
                log.warning(SLOW, plan.hook, self._slow, plan.note, plan.hook.partition(".")[0])

    def act(self, hook: str, note: str, work: Work, mark: str = "") -> None:
        """Do an acting hook's work; what it raises is raised. HookError if it does not end in time.

        `mark`: how what it changes is marked, if not by the hook's name alone.
        """
        raised: list[BaseException] = []
        thread = threading.Thread(target=_perform, args=(mark or hook, work, raised), daemon=True)
        self._running[hook] = thread
        thread.start()
        thread.join(min(LONG * self._slow, self._limit))
        if thread.is_alive():
            log.warning(LASTS, hook, LONG * self._slow, note)
            thread.join(max(0.0, self._limit - LONG * self._slow))
        if thread.is_alive():
            raise HookError(f"it did not end within {self._limit:.0f} seconds, and is left to itself")
        del self._running[hook]
        if raised:
            raise raised[0]


SLOW = (
    "hook %s has been planning for %.0f seconds at %s, and the sync waits for it; "
    "if it never ends, end vaultkit (the second Ctrl-C ends it at once), and run `vaultkit hooks disable %s`"
)
LASTS = "hook %s has been at work for %.0f seconds at %s; the sync goes on meanwhile, other hooks wait"


class _Plan(NamedTuple):
    hook: str
    note: str
    since: float


def _perform(mark: str, work: Work, raised: list[BaseException]) -> None:
    acting_hook.set(mark)
    try:
        work()
    except BaseException as error:
        raised.append(error)
