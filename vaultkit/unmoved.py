"""Notes with a new status of which nothing comes, or a new owner that is no agent: which, and why.

What is remembered is the reason. It is told for as long as the note is there with that same word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice

from vaultkit.core.git.tree import find_file
from vaultkit.core.history.status_moves import Unmoved, word_in
from vaultkit.desk import Desk

MOST_REMEMBERED = 50

Known = dict[str, list[str]]


def remember_unmoved(desk: Desk, told: Mapping[str, Unmoved], about: str = "status") -> None:
    """Remember why these words do nothing; of very many only the newest. `about`: the word's key."""
    fresh: Known = {path: list(one) for path, one in told.items()}
    known = {**_all(desk).get(about, {}), **fresh}
    if len(known) > MOST_REMEMBERED:  # else also what was told of a commit that is still being made
        known = {**_still(desk, about), **fresh}
    newest = dict(islice(reversed(known.items()), MOST_REMEMBERED))
    desk.state.put(unmoved=json.dumps({**_all(desk), about: dict(reversed(newest.items()))}))


def unmoved_notes(desk: Desk, about: str = "status") -> dict[str, str]:
    """By path, why the note's status (or what else it is `about`) does nothing."""
    return {path: why for path, (_, why) in _still(desk, about).items()}


def _still(desk: Desk, about: str) -> Known:
    known = _all(desk).get(about, {})
    return {path: one for path, one in known.items() if _word(desk, path, about) == one[0]}


def _all(desk: Desk) -> dict[str, Known]:
    known: dict[str, Known] = json.loads(desk.state.get("unmoved") or "{}")
    return known


def _word(desk: Desk, path: str, about: str) -> str | None:
    """None if the note is gone."""
    oid = find_file(desk.objects, desk.head_tree(), path)
    return (word_in(desk.objects.blob(oid), about) or "") if oid else None
