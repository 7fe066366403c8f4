"""What became of a draft: it is followed from where it was handed in, through every move and rename."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vaultkit.core.git.tree import find, find_file, walk
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.policy import Policy
from vaultkit.core.text.expiry import Localize, is_expired
from vaultkit.core.text.note import BrokenFrontmatter, Note
from vaultkit.desk import Desk
from vaultkit.submissions import PENDING, Submission, record
from vaultkit.trails import GONE, places_since

Outcome = Literal["pending", "approved", "rejected", "done", "expired", "unknown"]
DECIDED: tuple[Outcome, ...] = ("approved", "rejected", "done")


@dataclass(frozen=True, slots=True)
class ApprovalStatus:
    """Where a draft stands: pending, approved, rejected, done (carried out), expired, or unknown (gone).

    `path`: where it is now, "" if nowhere · `reason`: why it was rejected, if the person said so · `by`: the
    agent whose person approved or rejected it.
    """

    outcome: Outcome
    path: str = ""
    reason: str = ""
    by: str = ""

    @property
    def is_decided(self) -> bool:
        """Is there nothing to wait for any more, but that it is carried out?"""
        return self.outcome != "pending"


def approval_status(desk: Desk, draft: str | Submission, localize: Localize) -> ApprovalStatus:
    """Of a draft given as `submit_for_approval` gave it, by path, or by its id."""
    policy = policy_at(desk.objects, desk.head_tree())
    places = [place for place in _places(desk, policy, draft) if place != GONE]
    now = places[-1] if places else GONE
    oid = find_file(desk.objects, desk.head_tree(), now) if now else None
    stages = [policy.workflow.stage_of(place) for place in reversed(places)]
    outcome = next((one for stage in stages for one in DECIDED if stage == one), None)
    if oid is None or (outcome is None and PENDING not in stages):
        return ApprovalStatus(outcome or "unknown", now if oid else "")
    note = Note(now, desk.objects.blob(oid))
    if outcome is None:
        outcome = "expired" if is_expired(note, desk.clock.now(), localize) else "pending"
    return ApprovalStatus(outcome, now, _said(note, "reason"), _by(note))


def _places(desk: Desk, policy: Policy, draft: str | Submission) -> list[str]:
    own = draft.id if isinstance(draft, Submission) else "" if "/" in draft else draft
    start = str(draft) if isinstance(draft, Submission) or not own else desk.state.get(record(own)) or ""
    places = places_since(desk, start) if start else []
    if not own or (places and _has_id(desk, places[-1], own)):
        return places
    there = next((path for path in _in_stages(desk, policy) if _has_id(desk, path, own)), None)
    return [there] if there else []


def _in_stages(desk: Desk, policy: Policy) -> Iterator[str]:
    """Where a draft may be whose trail is not known here; costs the size of these folders."""
    for stage in (PENDING, *DECIDED):
        folder = policy.workflow.folders.get(stage, "")
        there = find(desk.objects, desk.head_tree(), folder) if folder else None
        if there and there.is_folder:
            yield from (path for path, _ in walk(desk.objects, there.oid, folder))


def _has_id(desk: Desk, path: str, own: str) -> bool:
    oid = find_file(desk.objects, desk.head_tree(), path) if path else None
    return oid is not None and _said(Note(path, desk.objects.blob(oid)), "id") == own


def _by(note: Note) -> str:
    return _said(note, "approved_by") or _said(note, "rejected_by")


def _said(note: Note, name: str) -> str:
    try:
        return str(note.get(name) or "")
    except BrokenFrontmatter:
        return ""
