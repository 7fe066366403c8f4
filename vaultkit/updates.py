"""Signals: short news that any agent leaves for the person, each a note of its own.

`post_update` writes one into the policy's folder for updates; the machine that keeps the Dashboard takes
each up once and files it away below `Done/`. Signals are taken up in the order in which commits brought
them, and by name within one commit: clocks and file times order nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice
from typing import NamedTuple

from vaultkit.core.git.tree import Oid, find, find_file, walk
from vaultkit.core.history.fold import policy_at
from vaultkit.core.history.provenance import MOST_COMMITS, Arrival, arrivals
from vaultkit.core.naming.conflict_copies import beside
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.board import Signal
from vaultkit.core.text.note import body
from vaultkit.core.text.stamps import utc
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.log import Log
from vaultkit.note_templates import fill_note
from vaultkit.report import Cycle
from vaultkit.rights import refuse

SIGNAL_NAMES = "SIGNAL_*.md"
MOST_AT_ONCE = 50
MOST_TEXT_BYTES = 4000
MOST_OF_A_NAME = 100


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
    places = dict(zip(order, _free_places(desk, policy, order), strict=True))
    refused += [path for path, place in places.items() if place is None]
    fit = [(path, place) for path, place in places.items() if place][:MOST_AT_ONCE]
    senders = _senders(desk, [path for path, _ in fit])
    found = [
        Filing(path, waiting[path], _read(desk, waiting[path], place, came.get(path), senders.get(path)))
        for path, place in fit
    ]
    return found, sorted(refused)


def _senders(desk: Desk, paths: Iterable[str]) -> dict[str, str]:
    """Who wrote each, by what counted: an honest commit that only undoes a violation wrote nothing."""
    left, found = set(paths), dict[str, str]()
    for entry in islice(Log(desk).entries(), MOST_COMMITS) if left else ():
        written = [path for path in left if path in entry.changes and entry.changes[path].new]
        found |= dict.fromkeys(written, entry.signer)
        left.difference_update(written)
        if not left:
            break
    return found


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


def _free_places(desk: Desk, policy: Policy, signals: Iterable[str]) -> Iterator[str | None]:
    """Nothing is ever overwritten: a signal of a name that was there before gets a number.

    None where no such name may be: too long, or in a folder whose name is too like another. That is its
    writer's fault, and keeps nothing else from being shown.
    """
    names, taken = Names(desk.objects, desk.head_tree()), set[str]()
    for place in (_place(policy, path) for path in signals):
        tries = (place, *(beside(place, str(n)) for n in range(2, MOST_OF_A_NAME)))
        free = next((one for one in tries if one not in taken and _is_free(desk, policy, names, one)), None)
        taken |= {free} if free else set()
        yield free


def _is_free(desk: Desk, policy: Policy, names: Names, path: str) -> bool:
    if policy.path_refusal(path) or names.collision(path) is not None:
        return False
    return not (find_file(desk.objects, desk.head_tree(), path) or desk.disk.item(path))


def _read(desk: Desk, oid: Oid, place: str, came: Arrival | None, sender: str | None) -> Signal:
    words = body(desk.objects.blob(oid))[:MOST_TEXT_BYTES].decode("utf-8", "replace")
    time = min(came.commit.time, desk.clock.now()) if came else None
    return Signal(place, sender or "somebody", time, words)
