"""The drags that were left to rest: who looks at one end of such a drag looks at the other, too.

The first look has seen that the old place is empty, and what is at the new one. Whoever looks at that alone
later, another process perhaps, would take the note for a new one: its approval would be none, and the others
would have it in two places.
"""

from __future__ import annotations

import json
from collections.abc import Set

from vaultkit.core.git.changes import Move
from vaultkit.desk import Desk

Ends = tuple[str, str]


def with_other_ends(desk: Desk, look_at: frozenset[str] | None) -> frozenset[str] | None:
    """`look_at`, and both ends of each drag that one of these paths is an end of."""
    known = _at_rest(desk) if look_at else set()
    return look_at and look_at.union(*(drag for drag in known if look_at & set(drag)))


def remember_rest(desk: Desk, fresh: Set[Move]) -> None:
    """These drags were left alone just now."""
    if fresh:
        _remember(desk, _at_rest(desk) | {(move.src, move.dst) for move in fresh})


def forget_rest(desk: Desk, fresh: Set[Move], looked_at: Set[str] | None) -> None:
    """A cycle has looked at these paths (None: everywhere), and left only the `fresh` ones of all it saw."""
    known = _at_rest(desk)
    gone = known if looked_at is None else {drag for drag in known if looked_at & set(drag)}
    _remember(desk, known - gone | {(move.src, move.dst) for move in fresh})


def _at_rest(desk: Desk) -> set[Ends]:
    return {(src, dst) for src, dst in json.loads(desk.state.get("resting") or "[]")}


def _remember(desk: Desk, drags: set[Ends]) -> None:
    if drags != _at_rest(desk):
        desk.state.put(resting=json.dumps(sorted(drags)) if drags else None)
