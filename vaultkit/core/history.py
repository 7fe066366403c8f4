"""Ways through history: which commits lead from what was known to what is published.

vaultkit itself only ever commits on top of the published head, so the way is a straight line and
walking back costs one step per new commit. A person using plain git may push a merge commit. Which
of its parents was the published side? All replicas must answer alike, wherever they stand:

1. the side that a human agent signed a commit on, and the other did not; else
2. the side that any known agent signed a commit on, and the other did not; else
3. the side that holds what this replica has already taken in; else the first parent.

The signer of the merge then answers for all that it changes against that side. So nobody without a
human agent's key can make a merge push aside what a person published.

Times prove nothing, so no search here goes by them: a commit from 1970 costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from vaultkit.core.tree import Commit, Objects, Oid

MOST_COMMITS = 1_000_000
MOST_BESIDE = 1_000
MOST_SIDES = 16
"""How much of a merge is looked at to find the published side; a person's merges are far below."""

Standing = Callable[[Commit], int]
"""How much a commit's signer counts for: 2 for a human agent, 1 for another known one, else 0."""


def path_between(objects: Objects, standing: Standing, base: Oid | None, head: Oid) -> list[Oid] | None:
    """The commits after `base` up to and with `head`, oldest first; None if `base` is not below `head`.

    With `base` None: everything from the root on.
    """
    path: list[Oid] = []
    at: Oid | None = head
    while at != base:
        if at is None or len(path) > MOST_COMMITS:
            return None
        path.append(at)
        at = _mainline(objects, standing, base, objects.commit(at))
    return path[::-1]


def _mainline(objects: Objects, standing: Standing, base: Oid | None, commit: Commit) -> Oid | None:
    parents = tuple(dict.fromkeys(commit.parents))[:MOST_SIDES]
    if len(parents) < 2:
        return parents[0] if parents else None
    ranks = {oid: _rank(objects, standing, oid, parents) for oid in parents}
    best = [oid for oid in parents if ranks[oid] == max(ranks.values())]
    if len(best) == 1 or base is None:
        return best[0]
    return next((oid for oid in best if is_below(objects, base, oid)), best[0])


def _rank(objects: Objects, standing: Standing, side: Oid, parents: Iterable[Oid]) -> int:
    beyond = commits_beyond(objects, [side], [oid for oid in parents if oid != side], MOST_BESIDE)
    return max((standing(objects.commit(oid)) for oid in beyond if is_readable(objects, oid)), default=-1)


def commits_beyond(
    objects: Objects, tips: Iterable[Oid], known: Iterable[Oid], most: int = MOST_COMMITS
) -> set[Oid]:
    """The commits at or below `tips` that are not at or below `known`; about `most` of them at most.

    Both sides walk down together, the known one twice as fast, so it catches up with a tip that left
    it long ago, and the cost follows the way between, not the length of history.
    """
    found: set[Oid] = set()
    theirs = set(known)
    waiting, known_waiting = deque(tips), deque(theirs)
    while waiting and len(found) < most:
        oid = waiting.popleft()
        if oid not in found and oid not in theirs:
            found.add(oid)
            waiting.extend(parents_of(objects, oid))
        for _ in range(2):
            _step_down(objects, theirs, known_waiting)
    return found - theirs


def is_readable(objects: Objects, oid: Oid) -> bool:
    """Is there such a commit?"""
    try:
        objects.commit(oid)
    except KeyError:
        return False
    return True


def parents_of(objects: Objects, oid: Oid) -> tuple[Oid, ...]:
    """A commit's parents; none where history was cut off (a shallow clone) or is damaged."""
    try:
        return objects.commit(oid).parents
    except KeyError:
        return ()


def _step_down(objects: Objects, seen: set[Oid], waiting: deque[Oid]) -> None:
    if waiting:
        new = [oid for oid in parents_of(objects, waiting.popleft()) if oid not in seen]
        seen.update(new)
        waiting.extend(new)


def is_below(objects: Objects, ancestor: Oid, head: Oid) -> bool:
    """Is `ancestor` the commit `head` itself or among its ancestors?"""
    waiting, seen = deque([head]), {head}
    while waiting and len(seen) <= MOST_COMMITS:
        oid = waiting.popleft()
        if oid == ancestor:
            return True
        new = [parent for parent in parents_of(objects, oid) if parent not in seen]
        seen.update(new)
        waiting.extend(new)
    return False
