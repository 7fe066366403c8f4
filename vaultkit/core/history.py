"""Ways through history: which commits lead from what was known to what is published.

vaultkit itself only ever commits on top of the published head, so the way is a straight line and
walking back costs one step per new commit. A person using plain git may push a merge commit. Its
signer then answers for all it changes against the side that was published: the parent that a known
agent signed, the first one where that does not decide.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from vaultkit.core.tree import Commit, Objects, Oid

MOST_COMMITS = 1_000_000


def path_between(
    objects: Objects, signer: Callable[[Commit], str | None], base: Oid | None, head: Oid
) -> list[Oid] | None:
    """The commits after `base` up to and with `head`, oldest first; None if `base` is not below `head`.

    With `base` None: everything from the root on.
    """
    path: list[Oid] = []
    at: Oid | None = head
    while at != base:
        if at is None or len(path) > MOST_COMMITS:
            return None
        path.append(at)
        at = _mainline(objects, signer, base, objects.commit(at))
    return path[::-1]


def checkpoint(
    objects: Objects, signer: Callable[[Commit], str | None], humans: frozenset[str], head: Oid
) -> Oid:
    """The newest commit at or below `head` that a human agent made; without one, the oldest commit.

    An honest agent publishes effective trees, so a human agent's commit can be taken whole.
    """
    at = head
    while True:
        commit = objects.commit(at)
        if not commit.parents or signer(commit) in humans:
            return at
        at = commit.parents[0]


def _mainline(
    objects: Objects, signer: Callable[[Commit], str | None], base: Oid | None, commit: Commit
) -> Oid | None:
    if len(commit.parents) < 2:
        return commit.parents[0] if commit.parents else None
    preferred = sorted(commit.parents, key=lambda oid: signer(objects.commit(oid)) is None)
    return next((oid for oid in preferred if base is None or is_below(objects, base, oid)), preferred[0])


def is_below(objects: Objects, ancestor: Oid, head: Oid) -> bool:
    """Is `ancestor` the commit `head` itself or among its ancestors? Newest commits are looked at first."""
    waiting, seen = [(-objects.commit(head).time, head)], {head}
    while waiting and len(seen) <= MOST_COMMITS:
        oid = heapq.heappop(waiting)[1]
        if oid == ancestor:
            return True
        for parent in objects.commit(oid).parents:
            if parent not in seen:
                seen.add(parent)
                heapq.heappush(waiting, (-objects.commit(parent).time, parent))
    return False
