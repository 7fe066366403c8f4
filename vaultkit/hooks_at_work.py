"""Which hook is at work now, where another process can see it: `status`, while `watch` runs the hook.

An acting hook is written down when it is called, a planning one only once it takes long, for there are many
of those. A record stands for something only as long as the lock is taken under which hooks of its kind run:
a process that was killed leaves its record, and no lock.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from vaultkit.ports import State

_ACTING, _PLANNING = "acting_now", "planning_now"


class AtWork(NamedTuple):
    """A hook that runs: at which note ("": a moment), since when (UTC seconds), for how many at most.

    `plans`: it edits a commit, so that the sync waits for it; nothing ends it, and `limit` is None. `key` is
    that of the call.
    """

    hook: str
    note: str
    since: int
    limit: float | None = None
    key: str = ""

    @property
    def plans(self) -> bool:
        return self.limit is None


def note_work(state: State, work: AtWork) -> None:
    """This hook is at work from now on; another one of its kind is not any more."""
    state.put(**{_PLANNING if work.plans else _ACTING: json.dumps(work)})


def note_rest(state: State, *, plans: bool) -> None:
    """No planning hook, or no acting one, is at work any more. Costs nothing if none was."""
    name = _PLANNING if plans else _ACTING
    if state.get(name):
        state.put(**{name: None})


def noted_work(state: State) -> list[AtWork]:
    """What was written down, the planning hook first; some of it maybe by a process that was killed."""
    found = [state.get(name) for name in (_PLANNING, _ACTING)]
    return [AtWork(*json.loads(text)) for text in found if text]
