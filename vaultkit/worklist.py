"""The work list: every note of the workflow that is not done, with who has it and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from vaultkit.core.git.tree import find_file
from vaultkit.core.rules.owner import owner_of
from vaultkit.core.rules.policy import Policy
from vaultkit.core.text.note import BrokenFrontmatter, Note
from vaultkit.desk import Desk
from vaultkit.finding import published_notes
from vaultkit.holding import Holding

STAGES = ("needs_action", "in_progress", "pending_approval", "approved")
SINCE = {"in_progress": "claimed_at", "pending_approval": "submitted_at", "approved": "approved_at"}


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A note of the workflow. `holder`: whose it is in progress, else the `owner` it names, if an agent.

    `age`: seconds since it came into its stage, or was created, as the note says; None if it does not.
    `lease`: for how many seconds its holder is safe from a takeover, as far as this machine knows; None for
    a task nobody holds, and for one of a person's, which nobody takes over.
    """

    path: str
    stage: str
    holder: str | None = None
    age: int | None = None
    lease: float | None = None


def read_worklist(desk: Desk, holding: Holding, policy: Policy) -> Iterator[WorkItem]:
    """The tasks as the newest local commit has them; costs the size of the workflow's folders."""
    for stage in STAGES:
        for path in sorted(published_notes(desk, policy, stage)):
            yield _task(desk, holding, policy, stage, path)


def _task(desk: Desk, holding: Holding, policy: Policy, stage: str, path: str) -> WorkItem:
    oid = find_file(desk.objects, desk.head_tree(), path)
    data = desk.objects.blob(oid) if oid else b""
    holder = policy.workflow.holder(path, policy.agents) or owner_of(data, policy)
    lease = _lease(holding, policy, holder) if stage == "in_progress" else None
    return WorkItem(path, stage, holder, _age(data, SINCE.get(stage, ""), desk.clock.now()), lease)


def _lease(holding: Holding, policy: Policy, holder: str | None) -> float | None:
    if holder is None or holder in policy.humans:
        return None
    lease = holding.lease
    left = lease.seconds_left() if holder == holding.agent else lease.length() - lease.silence(holder)
    return max(0.0, left) if isfinite(left) or left < 0 else None


def _age(data: bytes, since: str, now: int) -> int | None:
    note = Note("", data)
    try:
        said = note.get(since) or note.get("created")
    except BrokenFrontmatter:
        return None
    time = _seconds(said) if isinstance(said, str) else None
    return None if time is None else max(0, now - time)


def _seconds(said: str) -> int | None:
    """A time as notes have it; without a zone it is taken for UTC, as stamps are."""
    try:
        time = datetime.fromisoformat(said.strip())
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError, OSError):
        return None
