"""What a person wants to know about a vault, from this machine's own records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vaultkit.conflicts import conflict_records
from vaultkit.core.git.tree import Oid, find, find_file
from vaultkit.core.history.fold import Violation, policy_at
from vaultkit.core.merging.merge_terms import Overruled
from vaultkit.core.rules.config import Machine
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.zone_gaps import zone_gaps
from vaultkit.core.telling.board import DASHBOARD, dashboard_writer
from vaultkit.core.text.note import BrokenFrontmatter, read_meta
from vaultkit.core.text.regions import BrokenRegions, read_page
from vaultkit.deletions import Deletions, waiting_deletions
from vaultkit.desk import Desk
from vaultkit.finding import published_notes
from vaultkit.hook_failures import HookTrouble
from vaultkit.hook_status import FailedHook, failed_hooks, hook_troubles
from vaultkit.hooks_at_work import AtWork
from vaultkit.ports import Held
from vaultkit.unmoved import unmoved_notes
from vaultkit.worklist import WorkItem

LATE = 1.5
LATELY_SECONDS = 24 * 3600
STAGES = ("needs_action", "in_progress", "pending_approval", "approved")


@dataclass(slots=True)
class Status:
    """`ahead`: local commits not yet published. `last_sync`: UTC seconds, None if never in step.

    `held`: local changes that may not leave; the quiet ones are files that never sync. `stages`: the
    notes in each stage of the workflow. `broken`: notes whose frontmatter cannot be read, and why.
    `unmoved`: notes whose status is new and moved nothing, and why; `unowned`: notes whose new owner is no
    agent. `page_problem`: why this machine cannot bring the Dashboard up to date. `zone_gaps`: what is to
    be told of the workflow's folders that no zone names.
    `deletions`: of many notes at once, which wait for an answer. `trusted`: the policy trusts this
    machine's key. `violations`: those nobody has acknowledged. `silent`: agents that promised a sign of
    life and have given none, and for how many seconds. `failed_hooks`: calls of acting hooks that failed;
    `hook_troubles`: hooks that are off, or could not edit a note; `hook_problems`: those left out, and why.
    `hooks_at_work`: those that run now; `queued_calls`: how many calls of acting hooks come after.
    `leases`: the tasks in progress. `overruled`: moves made here that were undone in the last day, because
    others were first.
    """

    root: str
    agent: str
    human: bool
    remote: str | None
    head: Oid | None
    ahead: int
    last_sync: int | None
    last_error: str | None
    watching: bool
    trusted: bool = True
    silent: dict[str, int] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    conflicts: list[tuple[str, str, str, int]] = field(default_factory=list)
    deletions: Deletions = field(default_factory=Deletions)
    failed_hooks: list[FailedHook] = field(default_factory=list)
    hook_troubles: list[HookTrouble] = field(default_factory=list)
    hook_problems: dict[str, str] = field(default_factory=dict)
    hooks_at_work: list[AtWork] = field(default_factory=list)
    queued_calls: int = 0
    stages: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    unmoved: dict[str, str] = field(default_factory=dict)
    unowned: dict[str, str] = field(default_factory=dict)
    page_problem: str = ""
    zone_gaps: list[str] = field(default_factory=list)
    leases: list[WorkItem] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)

    @property
    def needs_person(self) -> bool:
        """Is there something that only a person can settle?"""
        loud = any(not held.quiet for held in self.held)
        stops = any(work.plans for work in self.hooks_at_work)
        hooks = self.failed_hooks or self.hook_troubles or self.hook_problems or stops
        trouble = (
            self.violations or self.conflicts or hooks or self.broken or self.silent or self.page_problem
        )
        return bool(loud or trouble or self.deletions or not self.trusted)


def read_status(
    root: Path, machine: Machine, desk: Desk, tasks: Sequence[WorkItem], *, watching: bool = False
) -> Status:
    """Collect the status; costs the size of the workflow folders, not of the vault."""
    tree = desk.head_tree()
    policy = policy_at(desk.objects, tree)
    head, last = desk.state.get("head"), desk.state.get("last_sync")
    me = policy.agents.get(machine.agent)
    status = Status(
        root=str(root),
        agent=machine.agent,
        human=bool(me and me.human),
        remote=machine.remote,
        head=Oid(head) if head else None,
        ahead=_count_ahead(desk),
        last_sync=int(last) if last else None,
        last_error=desk.state.get("last_error"),
        watching=watching,
        trusted=desk.identity.acts_as(policy) is not None,
        silent=silent_agents(desk, policy),
        held=desk.state.held(),
        violations=desk.state.violations(unseen=True),
        conflicts=list(conflict_records(desk)),
        deletions=waiting_deletions(desk),
        failed_hooks=failed_hooks(desk),
        hook_troubles=hook_troubles(desk, desk.hooks),
        unmoved=unmoved_notes(desk),
        unowned=unmoved_notes(desk, "owner"),
        page_problem=_page_problem(desk, policy, tree),
        zone_gaps=zone_gaps(policy),
        leases=[task for task in tasks if task.stage == "in_progress"],
        overruled=overruled_lately(desk),
    )
    for stage in STAGES:
        status.stages[stage] = sorted(published_notes(desk, policy, stage))
    status.broken = dict(_broken(desk, tree, [path for paths in status.stages.values() for path in paths]))
    return status


def _page_problem(desk: Desk, policy: Policy, tree: Oid | None) -> str:
    """Why the Dashboard is not brought up to date, if that is this machine's part and the page is broken."""
    oid = find_file(desk.objects, tree, DASHBOARD)
    if oid is None or desk.identity.acts_as(policy) != (dashboard_writer(policy) or ""):
        return ""
    try:
        read_page(desk.objects.blob(oid))
    except BrokenRegions as error:
        return error.message
    return ""


def overruled_lately(desk: Desk) -> list[Overruled]:
    """The moves made here that were undone not long ago, oldest first."""
    since = desk.clock.now() - LATELY_SECONDS
    found = json.loads(desk.state.get("overruled") or "[]")
    return [Overruled(*words) for *words, time in found if time >= since]


def silent_agents(desk: Desk, policy: Policy) -> dict[str, int]:
    """The agents of whom nothing signed arrived for longer than they promised, and for how many seconds.

    Each is down, or the remote withholds what it publishes; nobody can tell which from here.
    """
    if desk.remote is None:
        return {}
    now, began = desk.clock.now(), desk.state.get("began")
    silent = {}
    for name, agent in policy.agents.items():
        heard = desk.state.get(f"heard:{name}") or began
        if agent.sign_of_life and heard and name != desk.identity.agent and not agent.revoked:
            seconds = now - int(heard)
            if seconds > LATE * agent.sign_of_life:
                silent[name] = seconds
    return silent


def _count_ahead(desk: Desk) -> int:
    at, base, count = desk.state.get("head"), desk.state.get("base"), 0
    while at and at != base:
        parents = desk.objects.commit(Oid(at)).parents
        at, count = (parents[0] if parents else None), count + 1
    return count


def _broken(desk: Desk, tree: Oid | None, paths: list[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        entry = find(desk.objects, tree, path)
        try:
            read_meta(desk.objects.blob(entry.oid) if entry else b"")
        except BrokenFrontmatter as error:
            yield path, str(error)
