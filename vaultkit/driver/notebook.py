"""What a cycle asks to be remembered: written to the state, and told to whoever ran it."""

from __future__ import annotations

import json

from vaultkit.core.cycle.protocol import Call, Hold, Report
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.occasions import write_occasion
from vaultkit.core.rules.leases import Renewal, write_renewal
from vaultkit.core.rules.staying import LOCAL
from vaultkit.desk import Desk
from vaultkit.driver.watching import hear
from vaultkit.grace import grace_of
from vaultkit.ports import Held, Job
from vaultkit.report import SyncReport
from vaultkit.unmoved import remember_unmoved

MOST_OVERRULED = 20


def hold(desk: Desk, action: Hold, report: SyncReport) -> None:
    """Remember what may not leave."""
    held = [
        Held(path, refusal.rule, refusal.detail, refusal.quiet, base)
        for path, (refusal, base) in action.held.items()
    ]
    release = set(action.release)
    if action.complete:
        release |= {held.path for held in desk.state.held()} - action.held.keys()
    if held or release:
        desk.state.hold(held, release)
    again = action.held.keys() | release
    report.held = [one for one in report.held if one.path not in again]
    report.held += [one for one in held if not one.quiet]
    stays = {one.path for one in held if one.rule == LOCAL}
    report.withdrawn = [path for path in report.withdrawn if path in stays or path not in again]
    report.withdrawn += sorted(action.left)


def remember(desk: Desk, action: Report, report: SyncReport, began: Renewal) -> None:
    """Remember what a person should know, and who was heard; `began` is when the cycle did."""
    state = desk.state
    state.report(action.violations)
    for conflict in action.conflicts:
        state.note_conflict(conflict.path, conflict.copy, conflict.reason, action.time)
    if action.heard or action.given:
        hear(desk, action.heard, action.given)
    if action.renewed:
        state.put(renewed=write_renewal(began))
    if action.told:
        remember_unmoved(desk, action.told, action.about)
    _tell(action, report, desk.identity.agent)
    _remember_overruled(desk, action)


def enqueue(desk: Desk, action: Call) -> None:
    """Remember the after-hooks that are due; a worker runs them."""
    policy, now = policy_at(desk.objects, desk.head_tree()), desk.clock.now()
    jobs = []
    for due in action.due:
        grace = grace_of(policy, due.occasion)
        not_before = now + grace if grace else 0.0
        jobs.append(Job(due.key, due.hook.name, write_occasion(due.occasion), 0, not_before))
    desk.state.enqueue(jobs)


def _tell(action: Report, report: SyncReport, agent: str) -> None:
    told = (f"{path}: {one.why}" for path, one in action.told.items())
    report.problems = list(dict.fromkeys((*report.problems, *told)))
    report.violations += action.violations
    report.conflicts += action.conflicts
    report.policy_changed |= action.policy_changed
    report.renewed |= action.renewed
    report.heard |= action.heard - {agent}
    report.overruled += action.overruled


def _remember_overruled(desk: Desk, action: Report) -> None:
    """What was undone is remembered for a while, for whoever made the move may look only later."""
    if action.overruled:
        before = json.loads(desk.state.get("overruled") or "[]")
        now = [[*one, action.time] for one in action.overruled]
        desk.state.put(overruled=json.dumps([*before, *now][-MOST_OVERRULED:]))
