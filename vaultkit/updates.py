"""Signals: short news that any agent leaves for the person, each a note of its own.

`post_update` writes one into the policy's folder for updates; the machine that keeps the Dashboard takes
each up once and files it away below `Done/`. Signals are taken up in the order in which commits brought
them, and by name within one commit: clocks and file times order nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from vaultkit.core.board import Signal
from vaultkit.core.fold import policy_at
from vaultkit.core.identity import author_of
from vaultkit.core.merge import beside
from vaultkit.core.names import Names
from vaultkit.core.note import body
from vaultkit.core.policy import Policy
from vaultkit.core.provenance import MOST_COMMITS, Arrival, arrivals
from vaultkit.core.stamps import utc
from vaultkit.core.tree import Oid, find, find_file, walk
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.note_templates import fill_note
from vaultkit.report import Cycle
from vaultkit.rights import refuse

SIGNAL_NAMES = "SIGNAL_*.md"
MOST_AT_ONCE = 50
MOST_TEXT_BYTES = 4000


class Filing(NamedTuple):
    """A signal to be taken up: where it is, what it holds, and what it will be once it is filed away."""

    path: str
    oid: Oid
    signal: Signal


def post_update(desk: Desk, cycle: Cycle, text: str, domain: str = "") -> str:
    """Write a signal and sync it; its path. The caller holds the vault's lock.

    UsageError for an empty text; RefusedByPolicy where this agent may not write updates.
    """
    if not text.strip():
        raise UsageError("an update needs some words")
    policy = policy_at(desk.objects, desk.head_tree())
    now, agent = desk.clock.now(), desk.identity.agent
    name = f"SIGNAL_{utc(now).replace(':', '')}_{agent}_{desk.clock.nonce()[:8]}.md"
    path = policy.workflow.place("updates", f"{domain}/{name}" if domain else name)
    data = fill_note("signal", {"created": utc(now), "from": agent}, text=text.strip()).encode()
    acting = desk.identity.acts_as(policy)
    if refusal := policy.judge(acting, path, None, Oid("0" * 40), len(data)):
        refuse(desk, policy, path, refusal)
    if desk.disk.replace(path, None, data) is None:
        raise VaultError(f"{path} exists already", hint="Try again.", note=path)
    cycle(frozenset([path]), f"post {path}")
    return path


def filings(desk: Desk, policy: Policy) -> tuple[list[Filing], list[str]]:
    """The signals that wait, oldest first, at most so many; and those that may not be filed away."""
    held = {one.path for one in desk.state.held()}
    waiting = {path: oid for path, oid in _signals(desk, policy) if path not in held}
    refused = [path for path in waiting if not _may_file(desk, policy, path)]
    came = arrivals(desk.objects, _head(desk), waiting.keys() - refused)
    order = sorted(waiting.keys() - refused, key=lambda path: (-_turn(came.get(path)), path))
    places = _free_places(desk, [_place(policy, path) for path in order[:MOST_AT_ONCE]])
    found = [
        Filing(path, waiting[path], _read(desk, policy, waiting[path], place, came.get(path)))
        for path, place in zip(order, places, strict=False)
    ]
    return found, sorted(refused)


def _turn(came: Arrival | None) -> int:
    return came.turn if came else MOST_COMMITS


def _head(desk: Desk) -> Oid | None:
    head = desk.state.get("head")
    return Oid(head) if head else None


def _signals(desk: Desk, policy: Policy) -> Iterator[tuple[str, Oid]]:
    folder = policy.workflow.folders["updates"]
    entry = find(desk.objects, desk.head_tree(), folder)
    if entry and entry.is_folder:
        for path, inner in walk(desk.objects, entry.oid, folder):
            if fnmatchcase(path.rpartition("/")[2], SIGNAL_NAMES):
                yield path, inner.oid


def _place(policy: Policy, path: str) -> str:
    folder = policy.workflow.folders["updates"].rpartition("/")[2]
    return policy.workflow.place("done", f"{folder}/{policy.workflow.rest_of(path)}")


def _may_file(desk: Desk, policy: Policy, path: str) -> bool:
    agent = desk.identity.agent
    return policy.may(agent, path, adds=False) and policy.may(agent, _place(policy, path), adds=True)


def _free_places(desk: Desk, wanted: Iterable[str]) -> Iterator[str]:
    """Nothing is ever overwritten: a signal of a name that was there before gets a number."""
    names, taken = Names(desk.objects, desk.head_tree()), set[str]()
    for place in wanted:
        numbered = (beside(place, str(n)) for n in range(2, 1000))
        free = next(one for one in (place, *numbered) if one not in taken and _is_free(desk, names, one))
        taken.add(free)
        yield free


def _is_free(desk: Desk, names: Names, path: str) -> bool:
    is_there = find_file(desk.objects, desk.head_tree(), path) or desk.disk.item(path)
    return not is_there and names.collision(path) is None


def _read(desk: Desk, policy: Policy, oid: Oid, place: str, came: Arrival | None) -> Signal:
    words = body(desk.objects.blob(oid))[:MOST_TEXT_BYTES].decode("utf-8", "replace")
    if came is None:
        return Signal(place, "somebody", None, words)
    agent = author_of(came.commit, policy).agent or "somebody"
    return Signal(place, agent, min(came.commit.time, desk.clock.now()), words)
