"""How a cycle ended, and what the next one, and whoever asks how things are, should know of that."""

from __future__ import annotations

import json

from vaultkit.core.cycle.protocol import Finish
from vaultkit.desk import Desk
from vaultkit.driver.recall import oid_in
from vaultkit.driver.talk import Talk
from vaultkit.driver.watching import watch_after_failure, watch_after_look
from vaultkit.report import SyncReport


def finish(desk: Desk, action: Finish, report: SyncReport, talk: Talk, *, saw_everything: bool) -> None:
    """Tell and remember it. `saw_everything`: the cycle looked at the whole vault, not at some paths."""
    report.ending, report.error, report.detail = action.ending, action.error, action.detail
    report.head = oid_in(desk.state.get("head"))
    known = _watched(desk, action, talk)
    if action.ending == "waiting":
        known["waiting"] = json.dumps({"told": action.detail, "gone": action.gone})
    elif action.ending == "in step":
        known |= {"last_sync": str(desk.clock.now()), "last_error": None, "waiting": None}
        if saw_everything:
            known["distrusted"] = None
    elif action.error and talk.is_possible:
        known["last_error"] = action.error.message
    desk.state.put(**known)


def _watched(desk: Desk, action: Finish, talk: Talk) -> dict[str, str | None]:
    """What was seen of the others' silence, if the remote was asked at all."""
    if talk.is_possible and action.ending == "offline":
        return {"watch": watch_after_failure(desk)}
    return {"watch": watch_after_look(desk)} if talk.has_looked else {}
