"""Watching over hooks while they run, for nobody else can end a function that loops or waits.

A planning hook runs inside of a cycle, so a sync waits for it. It cannot be ended safely, but it is told
which one it is. An acting hook runs in a thread of its own: one that takes too long is left to itself, counts
as failed, and is not started again in this process before it has come to an end. The sync and the other
hooks go on.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple

from vaultkit.core.hooks.hook_marks import HookError

SLOW_SECONDS = 10.0
LIMIT_SECONDS = 600.0
LONG = 6
"""How many times as long an acting hook may take before it is said."""
LOOK_SECONDS = 1.0
"""How often it is asked whether the limit is another one now."""

log = logging.getLogger("vaultkit")

acting_hook: ContextVar[str] = ContextVar("acting_hook", default="")
"""The acting hook that runs in this thread: what it changes through its vault is a hook's doing."""

Work = Callable[[], None]


def _nobody(is_slow: bool) -> None:
    """Hears whether a planning hook takes long."""


class HookTooSlow(HookError):
    """An acting hook did not end within its time."""


class Overseer:
    """Watches over the hooks that run in this process. `slow` and `limit` are seconds.

    `limit` may be changed at any time, and then counts for the hook at work, too.
    """

    def __init__(self, slow: float = SLOW_SECONDS, limit: float = LIMIT_SECONDS) -> None:
        self._slow = slow
        self.limit = limit
        self._running: dict[str, threading.Thread] = {}
        self._planning: _Plan | None = None
        self._told: _Plan | None = None
        self._looks = False
        self._mutex = threading.Lock()

    def is_running(self, hook: str) -> bool:
        """Is a call of this hook still under way, though nobody waits for it any more?"""
        thread = self._running.get(hook)
        return thread is not None and thread.is_alive()

    def plan(self, hook: str, note: str, work: Work, tell: Callable[[bool], None] = _nobody) -> None:
        """Do a planning hook's work here and now; if that takes long it is said.

        `tell` hears so, too, in another thread, and that it is over then.
        """
        plan = _Plan(hook, note, time.monotonic(), tell)
        with self._mutex:
            self._planning = plan
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, daemon=True).start()
        try:
            work()
        finally:
            with self._mutex:
                self._planning = None
            if plan is self._told:
                tell(False)

    def _look(self) -> None:
        """Now and then, as long as hooks plan: how long does the one under way take?"""
        while True:
            time.sleep(self._slow / 4)
            with self._mutex:
                plan = self._planning
                self._looks = plan is not None
                if plan is None:
                    return
                if plan is not self._told and time.monotonic() - plan.since >= self._slow:
                    self._say_slow(plan)

    def _say_slow(self, plan: _Plan) -> None:
        self._told = plan
        log.warning(SLOW, plan.hook, self._slow, plan.note, plan.hook.partition(".")[0])
        try:
            plan.tell(True)
        except Exception as error:  # whoever hears it may be gone; the looking goes on
            log.debug("hook %s: nobody could be told", plan.hook, exc_info=error)

    def act(self, hook: str, note: str, work: Work, mark: str = "") -> None:
        """Do an acting hook's work; what it raises is raised. HookTooSlow if it does not end in time.

        `mark`: how what it changes is marked, if not by the hook's name alone.
        """
        raised: list[BaseException] = []
        thread = threading.Thread(target=_perform, args=(mark or hook, work, raised), daemon=True)
        self._running[hook] = thread
        thread.start()
        self._wait(thread, hook, note)
        if thread.is_alive():
            raise HookTooSlow(f"it did not end within {self.limit:.0f} seconds, and is left to itself")
        del self._running[hook]
        if raised:
            raise raised[0]

    def _wait(self, thread: threading.Thread, hook: str, note: str) -> None:
        """Until it ends or its time is over, with a look at the limit now and then."""
        began, long = time.monotonic(), LONG * self._slow
        while (left := began + self.limit - time.monotonic()) > 0:
            thread.join(min(left, max(0.0, began + long - time.monotonic()) or LOOK_SECONDS, LOOK_SECONDS))
            if not thread.is_alive():
                return
            if (passed := time.monotonic() - began) >= long:
                log.warning(LASTS, hook, passed, note)
                long = math.inf


SLOW = (
    "hook %s has been planning for %.0f seconds at %s, and the sync waits for it; "
    "if it never ends, end vaultkit (the second Ctrl-C ends it at once), and run `vaultkit hooks disable %s`"
)
LASTS = "hook %s has been at work for %.0f seconds at %s; the sync goes on meanwhile, other hooks wait"


class _Plan(NamedTuple):
    hook: str
    note: str
    since: float
    tell: Callable[[bool], None]


def _perform(mark: str, work: Work, raised: list[BaseException]) -> None:
    acting_hook.set(mark)
    try:
        work()
    except BaseException as error:
        raised.append(error)
