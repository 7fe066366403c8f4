"""The commits that git programs brought here behind vaultkit's back and that the cycle has not merged yet."""

from __future__ import annotations

import json

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.incoming import brought_by
from vaultkit.desk import Desk


class Brought:
    """Finds them, and keeps what it found, for as long as the same is known, from one cycle to the next."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._found: dict[Oid, tuple[frozenset[Oid], frozenset[Oid] | None]] = {}

    def commits(self, ref: Oid | None, known: frozenset[Oid], made_here: frozenset[Oid]) -> frozenset[Oid]:
        """All at or below the branch's `ref` and the other tips, but not below what is `known`.

        A tip that was found to be merged stays so; that is remembered, for finding it out again would
        cost more and more as history goes on.
        """
        state = self._desk.state
        met = frozenset(map(Oid, json.loads(state.get("met") or "[]")))
        tips = self._desk.objects.brought_here() | ({ref} if ref else frozenset())
        brought = {tip: self._brought_by(tip, known, made_here) for tip in sorted(tips - known - met)}
        done = (met & tips) | {tip for tip, commits in brought.items() if commits is None}
        if done != met:
            state.put(met=json.dumps(sorted(done)))
        found = map(Oid, json.loads(state.get("distrusted") or "[]"))
        return frozenset(found).union(*(commits or () for commits in brought.values()))

    def _brought_by(
        self, tip: Oid, known: frozenset[Oid], made_here: frozenset[Oid]
    ) -> frozenset[Oid] | None:
        if self._found.get(tip, (None, None))[0] != known:
            commits = brought_by(self._desk.objects, self._desk.identity, tip, known, made_here)
            self._found[tip] = (known, commits)
        return self._found[tip][1]
