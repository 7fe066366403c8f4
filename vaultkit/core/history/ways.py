"""Ways through history: which commits lead from what was known to what is published.

vaultkit itself only ever commits on top of the published head, so the way is a straight line and
walking back costs one step per new commit. A person using plain git may push a merge commit. Which
of its parents was the published side? Seen from a commit that is known to have been published:

1. the side that leads down to it; where several do,
2. the side on which human agents signed more commits since; else
3. the side on which known agents signed more; else the first parent.

A commit that this machine made and never saw published makes its side weaker instead.

The signer of the merge then answers for all that it changes against that side. So nobody can make a
merge push aside what this replica has taken in, and nobody without a human agent's key what a person
published. What another side brought counts only as far as the merge's signer may bring it: a signature
on a commit does not say that its signer wants it now. Whoever made it still has it, and publishes it.

Times prove nothing, so no search here goes by them: a commit from 1970 costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from vaultkit.core.git.tree import Commit, Objects, Oid

MOST_COMMITS = 1_000_000

Standing = Callable[[Oid, Commit], int]
"""How much a commit counts for: 2 if a human agent signed it, 1 another known one, else 0.

Less than nothing if it is known never to have been published before.
"""

Strength = tuple[int, int]
"""How many commits human agents signed on a way, and how many all known agents did."""


def path_between(objects: Objects, standing: Standing, base: Oid | None, head: Oid) -> list[Oid] | None:
    """The commits after `base` up to and with `head`, oldest first; None if `base` is not below `head`.

    With `base` None: everything from the root on, by first parents.
    """
    path: list[Oid] = []
    at: Oid | None = head
    ways: _Ways | None = None
    while at != base:
        if at is None or len(path) > MOST_COMMITS:
            return None
        path.append(at)
        parents = objects.commit(at).parents
        if len(parents) > 1 and base is not None:
            ways = ways or _ways_down(objects, standing, base, at)
            at = ways.best(parents)
        else:
            at = parents[0] if parents else None
    return path[::-1]


@dataclass(frozen=True, slots=True)
class _Ways:
    """The commits that lead down to the known one, each with the strength of its strongest way there."""

    strengths: Mapping[Oid, Strength]

    def best(self, parents: Iterable[Oid]) -> Oid | None:
        """The parent with the strongest way down, the first of them if several are; None if none leads."""
        leading = [oid for oid in parents if oid in self.strengths]
        return max(leading, key=self.strengths.__getitem__, default=None)


def _ways_down(objects: Objects, standing: Standing, base: Oid, head: Oid) -> _Ways:
    """One pass over what lies between, however many merges there are."""
    beyond = commits_beyond(objects, [head], [base])
    ways = _Ways(strengths := {base: (0, 0)})
    for oid in _upward(objects, base, beyond):
        commit = objects.commit(oid)
        below, rank = ways.best(commit.parents), standing(oid, commit)
        humans, known = strengths[below] if below else (0, 0)
        strengths[oid] = (humans + (rank == 2) - (rank < 0), known + (rank > 0))
    return ways


def _upward(objects: Objects, base: Oid, beyond: set[Oid]) -> Iterator[Oid]:
    """The commits of `beyond` that lead down to `base`, parents before children."""
    children: dict[Oid, list[Oid]] = {}
    for oid in beyond:
        for parent in set(parents_of(objects, oid)):
            children.setdefault(parent, []).append(oid)
    above = _reached(children, base)
    missing = {oid: len(above.intersection(parents_of(objects, oid))) for oid in above}
    ready = [base]
    while ready:
        for child in children.get(ready.pop(), ()):
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
                yield child


def _reached(children: Mapping[Oid, list[Oid]], base: Oid) -> set[Oid]:
    """`base` and all that is above it."""
    found, waiting = {base}, [base]
    while waiting:
        new = set(children.get(waiting.pop(), ())) - found
        found |= new
        waiting.extend(new)
    return found


def commits_beyond(
    objects: Objects, tips: Iterable[Oid], known: Iterable[Oid], most: int = MOST_COMMITS
) -> set[Oid]:
    """The commits at or below `tips` that are not at or below `known`; about `most` of them at most.

    Both sides walk down together, the known one twice as fast, so it catches up with a tip that left
    it long ago, and the cost follows the way between, not the length of history.
    """
    found: set[Oid] = set()
    below = _Descent(objects, known)
    waiting, has_root = deque(tips), False
    while waiting and len(found) < most:
        oid = waiting.popleft()
        if oid not in found and oid not in below.seen:
            found.add(oid)
            parents = parents_of(objects, oid)
            has_root = has_root or not parents
            waiting.extend(parents)
        below.step()
        below.step()
    if found - below.seen:
        below.go_on_until_sure(has_root)
    return found - below.seen


class _Descent:
    """A walk down history from some commits, a step at a time."""

    def __init__(self, objects: Objects, start: Iterable[Oid]) -> None:
        self._objects = objects
        self.seen = set(start)
        self._waiting = deque(self.seen)
        self._has_root = False

    def step(self) -> None:
        """Look at one commit more, if there is one."""
        if self._waiting:
            parents = parents_of(self._objects, self._waiting.popleft())
            self._has_root = self._has_root or not parents
            new = [oid for oid in parents if oid not in self.seen]
            self.seen.update(new)
            self._waiting.extend(new)

    def go_on_until_sure(self, has_root: bool) -> None:
        """Until nothing found on other ways can be below; they end in what was seen, or (`has_root`) not all.

        Where all ways lead on through one commit, and none has ended yet, all that was seen is above
        this one. What was found stands on something seen, is above it too, and so cannot be below.
        """
        while self._waiting and (has_root or self._has_root or len(self._waiting) > 1):
            self.step()


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
