"""The writes that bring the disk from one tree to another; held paths stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Set

from vaultkit.core.cycle.protocol import WriteStep
from vaultkit.core.git.tree import Objects, Oid, changes_between
from vaultkit.core.history.admission import look_alikes, note_at
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.policy import Policy


def steps_between(
    objects: Objects,
    policy: Policy,
    before: Oid | None,
    after: Oid | None,
    pulled: Mapping[str, Oid | None],
    held: Set[str],
) -> tuple[WriteStep, ...]:
    """What to write where; `pulled` is what another program has put on the disk already."""
    changed = changes_between(objects, before, after)
    paths = (changed.keys() | pulled.keys()) - held
    twins = frozenset() if before else look_alikes(objects, after)
    steps, names = [], Names(objects, before)
    for path in sorted(p for p in paths if not (policy.path_refusal(p) or _is_below(p, twins))):
        old, new = (note_at(objects, policy, tree, path) for tree in (before, after))
        never_stood = {None} if old and names.collision(path) else set()  # its look-alike did
        there = pulled.get(path, old)  # if that is gone meanwhile, somebody may have moved it
        steps.append(WriteStep(path, there, new, frozenset({old} - {None} | never_stood)))
    return tuple(steps)


def _is_below(path: str, places: Set[str]) -> bool:
    """Is `path` one of `places`, or in a folder that is?"""
    parts = path.split("/") if places else []
    return any("/".join(parts[:n]) in places for n in range(1, len(parts) + 1))
