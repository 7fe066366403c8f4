"""Second thoughts: what was approved waits for the policy's grace time before anything is done about it.

Until then the person can drag the note back, or change it. What is done, if it is done, is what was
approved; so a note that is not there any more, byte for byte, when its time comes was not approved after
all. Once something was begun there is no way back.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaultkit.core.history.fold import policy_at
from vaultkit.core.history.status_moves import Unmoved
from vaultkit.core.hooks.occasions import HookMove, Occasion, place_in
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.ports import Job
from vaultkit.unmoved import remember_unmoved


def grace_of(policy: Policy, occasion: Occasion) -> float:
    """How long (seconds) hooks wait to act on this occasion."""
    is_approval = isinstance(occasion, HookMove) and _is_approval(policy, occasion)
    return policy.workflow.grace if is_approval else 0.0


def _is_approval(policy: Policy, move: HookMove) -> bool:
    return policy.workflow.kind_of_move(move.src, move.dst) == "approval"


def call_off(desk: Desk, due: Iterable[tuple[Job, Occasion]]) -> list[str]:
    """Call off those of the jobs that are due whose approval was taken back; what to tell of it."""
    policy, told = policy_at(desk.objects, desk.head_tree()), []
    jobs = desk.state.jobs()
    for job, occasion in due:
        if not (isinstance(occasion, HookMove) and grace_of(policy, occasion)):
            continue
        if not desk.state.begun_jobs(occasion.key) and (
            why := _approved_anew(jobs, job, occasion) or _thought_better(desk, occasion)
        ):
            desk.state.call_off([job.key])
            told.append(f"{occasion.path}: {why}; {job.hook} was not run")
    return told


def _approved_anew(jobs: Iterable[Job], job: Job, move: HookMove) -> str:
    """Why an earlier approval does not count where the note was taken back, and approved once more."""
    later = (one for one in jobs if one.hook == job.hook and one.not_before > job.not_before)
    is_anew = any(one.tries == 0 and place_in(one.move) == move.dst for one in later)
    return "it was taken back in the grace time, and approved anew" if is_anew else ""


def _thought_better(desk: Desk, move: HookMove) -> str:
    """Why the approval does not count any more; "" if it does."""
    content = desk.objects.blob(move.oid)
    found = desk.disk.read(move.dst, len(content))
    if found is not None and found[0] == content:
        return ""
    if desk.disk.item(move.dst) is None:
        return "it was taken back in the grace time"
    why = "it was changed in the grace time, so it is not approved; drag it back, and approve it again"
    remember_unmoved(desk, {move.dst: Unmoved("approved", why)})
    return why
