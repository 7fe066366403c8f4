"""Notes whose status was edited and that stay where they are all the same: which, and why.

What is remembered is the reason. It is told for as long as the note is there with that same status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice

from vaultkit.core.status_moves import Unmoved, status_in
from vaultkit.core.tree import find_file
from vaultkit.desk import Desk

MOST_REMEMBERED = 50


def remember_unmoved(desk: Desk, told: Mapping[str, Unmoved]) -> None:
    """Remember why these notes stay; of very many only the newest."""
    known = {**_still(desk), **{path: list(one) for path, one in told.items()}}
    newest = dict(islice(reversed(known.items()), MOST_REMEMBERED))
    desk.state.put(unmoved=json.dumps(dict(reversed(newest.items()))))


def unmoved_notes(desk: Desk) -> dict[str, str]:
    """By path, why the note's status moved nothing."""
    return {path: why for path, (_, why) in _still(desk).items()}


def _still(desk: Desk) -> dict[str, list[str]]:
    known: dict[str, list[str]] = json.loads(desk.state.get("unmoved") or "{}")
    return {path: one for path, one in known.items() if _status(desk, path) == one[0]}


def _status(desk: Desk, path: str) -> str:
    oid = find_file(desk.objects, desk.head_tree(), path)
    return (status_in(desk.objects.blob(oid)) or "") if oid else ""
