"""Where a task is by what is published, and who took it from where it was."""

from __future__ import annotations

from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.identity import author_of
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.finding import find_published, published

MOST_COMMITS_TO_BLAME = 1000


def find_in_progress(desk: Desk, policy: Policy, note: str) -> str | None:
    """Where a task of this name is in progress."""
    return find_published(desk, policy, note, ["in_progress"])


def is_known_to_all(desk: Desk, policy: Policy, path: str) -> bool:
    """Is it published that this agent has the task at `path`, wherever in its folder? True if it has not."""
    workflow, me, name = policy.workflow, desk.identity.agent, path.rpartition("/")[2]
    if workflow.holder(path, policy.agents) != me:
        return True
    tree = desk.state.get("tree")
    shared = published(desk, policy, "in_progress", Oid(tree) if tree else None)
    return any(is_named(one, name) and workflow.holder(one, policy.agents) == me for one in shared)


def who_has_it(desk: Desk, policy: Policy, path: str) -> str:
    """Who has the task now that this agent had at `path`, or else who took it away; "" if nobody knows."""
    now = find_in_progress(desk, policy, path)
    holder = policy.workflow.holder(now, policy.agents) if now else None
    return holder if holder and holder != desk.identity.agent else _who_removed(desk, policy, path)


def _who_removed(desk: Desk, policy: Policy, path: str) -> str:
    at = desk.state.get("base")
    for _ in range(MOST_COMMITS_TO_BLAME):
        commit = desk.objects.commit(Oid(at)) if at else None
        parent = commit.parents[0] if commit and commit.parents else None
        if commit is None or parent is None or not desk.objects.contains(parent):
            break
        before = desk.objects.commit(parent).tree
        if find_file(desk.objects, before, path) and not find_file(desk.objects, commit.tree, path):
            return author_of(commit, policy).agent or ""
        at = parent
    return ""
