"""A move made by command that its own cycle undid, because others had moved the note first: no success."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from vaultkit.core.git.tree import find_file
from vaultkit.core.history.fold import policy_at
from vaultkit.core.merging.merge_terms import Overruled
from vaultkit.desk import Desk
from vaultkit.errors import ClaimLost, Overtaken
from vaultkit.report import SyncReport


def refuse_overtaken(desk: Desk, report: SyncReport, src: str, dst: str) -> None:
    """ClaimLost, for a task that this agent held, or else Overtaken, if the move from `src` was undone."""
    if one := find_overruled(desk, report.overruled, src, dst):
        _refuse(desk, src, one)


def find_overruled(desk: Desk, overruled: Iterable[Overruled], src: str, dst: str) -> Overruled | None:
    """What undid this move, or the one that had brought the note to `src` and was not published yet.

    Where a note stands at `dst`, this move was made: what was undone is that of one that was at `src` before.
    """
    if find_file(desk.objects, desk.head_tree(), dst):
        return None
    return next((one for one in overruled if one.path == src or one.wanted in (src, dst)), None)


def _refuse(desk: Desk, src: str, one: Overruled) -> NoReturn:
    policy = policy_at(desk.objects, desk.head_tree())
    if policy.workflow.holder(src, policy.agents) == desk.identity.agent:
        raise ClaimLost(src, one.by, one.stands)
    raise Overtaken(src, one.wanted, one.stands, one.by)
