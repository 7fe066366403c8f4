"""The facts that the Dashboard tells, gathered from the newest local commit and this machine's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from vaultkit.conflicts import conflict_records
from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.history.provenance import arrivals
from vaultkit.core.naming.conflict_copies import read_copy
from vaultkit.core.rules.leases import read_watch
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.board import MOST_LINES, Facts, HeldNote, Kept, Waiting, Working, age
from vaultkit.core.telling.hook_lines import AGAIN, LEFT_OUT, PLANNING, FailingHook, kind_of
from vaultkit.core.text.expiry import is_expired
from vaultkit.core.text.note import BrokenFrontmatter, Note
from vaultkit.desk import Desk
from vaultkit.finding import published_notes
from vaultkit.hook_status import failed_hooks, hook_troubles, waiting_calls
from vaultkit.status import silent_agents
from vaultkit.unmoved import unmoved_notes


def read_facts(desk: Desk, policy: Policy, heard: Mapping[str, int], since: Mapping[str, int]) -> Facts:
    """All facts. `heard` and `since` are what `core.history.provenance` found out about agents and notes."""
    return Facts(
        waiting=list(_waiting(desk, policy, since)),
        working=list(_working(desk, policy, since)),
        held=list(_held(desk)),
        conflicts=list(_conflicts(desk)),
        violations=desk.state.violations(unseen=True),
        heard={name: heard.get(name) for name, agent in policy.agents.items() if not agent.revoked},
        silent=list(silent_agents(desk, policy)),
        failing=failing_hooks(desk),
    )


def failing_hooks(desk: Desk) -> list[FailingHook]:
    """What hooks of this machine did not do: calls that failed or wait for one that is off, and why."""
    tree = desk.head_tree()

    def known(path: str) -> str:
        return path if path and find_file(desk.objects, tree, path) else ""

    errors = {failed.key: failed.error for failed in failed_hooks(desk)}
    calls = [call for call in waiting_calls(desk) if call.key in errors or call.why == "off"]
    return [
        *(
            FailingHook(one.hook, known(one.note), one.why or AGAIN, kind_of(errors.get(one.key, "")))
            for one in calls
        ),
        *(
            FailingHook(one.hook, known(one.note), "off" if one.is_off else PLANNING, kind_of(one.error))
            for one in hook_troubles(desk, desk.hooks)
        ),
        *(FailingHook(module, "", LEFT_OUT) for module in desk.unusable),
    ]


def came_when(desk: Desk, head: Oid | None, paths: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """When each of these notes came to its place (UTC seconds), as far as that can be told."""
    there = list(paths)
    new = arrivals(desk.objects, head, [path for path in there if path not in known])
    now = desk.clock.now()
    found = {path: min(arrival.commit.time, now) for path, arrival in new.items()}
    return {path: known[path] if path in known else found.get(path, 0) for path in there}


def _waiting(desk: Desk, policy: Policy, since: Mapping[str, int]) -> Iterator[Waiting]:
    """The drafts that wait, oldest first; only those that will be shown are opened."""
    rest_of = policy.workflow.rest_of
    paths = published_notes(desk, policy, "pending_approval")
    found = [Waiting(path, rest_of(path).rpartition("/")[0], since.get(path) or None) for path in paths]
    for n, one in enumerate(sorted(found, key=age)):
        yield _with_expiry(desk, one) if n < MOST_LINES else one


def _with_expiry(desk: Desk, one: Waiting) -> Waiting:
    oid = find_file(desk.objects, desk.head_tree(), one.path)
    note = Note(one.path, desk.objects.blob(oid) if oid else b"")
    is_over = is_expired(note, desk.clock.now(), datetime.astimezone)
    return one._replace(expires=_said(note, "expires"), is_expired=is_over)


def _working(desk: Desk, policy: Policy, since: Mapping[str, int]) -> Iterator[Working]:
    """What is in progress; the lease of an agent is over once this machine watched it silent for so long."""
    watch, lease = read_watch(desk.state.get("watch"), desk.clock.boot()), policy.workflow.lease
    for path in published_notes(desk, policy, "in_progress"):
        owner = policy.workflow.holder(path, policy.agents) or "nobody"
        others = owner != desk.identity.agent and owner not in policy.humans
        yield Working(path, owner, since.get(path) or None, others and watch.silence(owner) >= lease)


def _said(note: Note, name: str) -> str:
    try:
        value = note.get(name)
    except BrokenFrontmatter:
        return ""
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _held(desk: Desk) -> Iterator[HeldNote]:
    tree = desk.head_tree()
    for held in desk.state.held():
        if not held.quiet:
            is_known = find_file(desk.objects, tree, held.path) is not None
            yield HeldNote(held.path if is_known else "", held.rule, held.detail if is_known else "")
    for about in ("status", "owner"):
        for path, why in unmoved_notes(desk, about).items():
            yield HeldNote(path, about, why)


def _conflicts(desk: Desk) -> Iterator[Kept]:
    for path, copy, reason, time in conflict_records(desk):
        named = read_copy(copy)
        yield Kept(copy, path, named.agent if named else "somebody", named.time if named else time, reason)
