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


class AtRest:
    """What is known of them in the course of one cycle, beginning with what was known before it."""

    def __init__(self, desk: Desk) -> None:
        self._state = desk.state
        self._known = {(src, dst) for src, dst in json.loads(desk.state.get("resting") or "[]")}
        self._seen: set[Ends] = set()

    def with_other_ends(self, look_at: frozenset[str] | None) -> frozenset[str] | None:
        """`look_at` (None: everywhere), and both ends of each drag that one of these paths is an end of."""
        drags = {drag for drag in self._known if look_at is None or look_at & set(drag)}
        self._seen |= drags
        return look_at and look_at.union(*drags)

    def leave(self, fresh: Set[Move]) -> None:
        """These drags were seen, and left alone."""
        self._remember(self._known | {(move.src, move.dst) for move in fresh})

    def end(self, fresh: Set[Move]) -> None:
        """The cycle is over; of all drags that it saw it left only the `fresh` ones alone."""
        self._remember(self._known - self._seen | {(move.src, move.dst) for move in fresh})

    def _remember(self, drags: set[Ends]) -> None:
        if drags != self._known:
            self._known = drags
            self._state.put(resting=json.dumps(sorted(drags)) if drags else None)
