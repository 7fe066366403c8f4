"""What turns one text into another, line by line, in bounded work.

Lines are compared by a longest common subsequence. A task that was only ticked counts as the same
line, so that ticks are edits of single lines, whatever was put in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vaultkit.core.text.line_kinds import without_tick

MOST_STEPS = 400_000

Lines = list[bytes]


class Edit(NamedTuple):
    """One side has `lines` where the base has its lines from `start` up to `stop` (equal: an insertion)."""

    start: int
    stop: int
    lines: Lines
    ours: bool = False


class Run(NamedTuple):
    """Equal lines: `length` of them, from `base` in the base and from `side` in the other text."""

    base: int
    side: int
    length: int


_Trail = tuple[Run, "_Trail | None"]
_Reach = tuple[int, "_Trail | None"]
"""How far the search got, and the runs it went through, the last one first."""
_NOWHERE: _Reach = (-1, None)


def edits_between(base: Lines, side: Lines, *, ours: bool) -> list[Edit]:
    """What turns `base` into `side`: all between the equal runs, and the ticks within them."""
    edits = []
    start = taken = 0
    keys = [without_tick(line) for line in base], [without_tick(line) for line in side]
    for run in [*equal_runs(*keys), Run(len(base), len(side), 0)]:
        if run.base > start or run.side > taken:
            edits.append(Edit(start, run.base, side[taken : run.side], ours))
        start, taken = run.base + run.length, run.side + run.length
        for one, other in zip(range(run.base, start), range(run.side, taken), strict=True):
            if base[one] != side[other]:
                edits.append(Edit(one, one + 1, [side[other]], ours))
    return edits


def equal_runs(base: Sequence[bytes], side: Sequence[bytes]) -> list[Run]:
    """The equal lines of both texts in order: the common head, a longest choice between, the common tail.

    Lines that the other text does not have cannot be equal to any, so the search need not see them.
    """
    head = common_start(base, side)
    tail = common_start(base[head:][::-1], side[head:][::-1])
    ends = len(base) - tail, len(side) - tail
    shared = set(base[head : ends[0]]).intersection(side[head : ends[1]])
    left = [at for at in range(head, ends[0]) if base[at] in shared]
    right = [at for at in range(head, ends[1]) if side[at] in shared]
    found = _longest([base[at] for at in left], [side[at] for at in right])
    pairs = [(run.base + i, run.side + i) for run in found for i in range(run.length)]
    middle = [Run(left[one], right[other], 1) for one, other in pairs]
    return [Run(0, 0, head), *middle, Run(*ends, tail)]


def common_start(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many lines both begin with."""
    differ = (at for at, (mine, yours) in enumerate(zip(one, other, strict=False)) if mine != yours)
    return next(differ, min(len(one), len(other)))


def _longest(base: Sequence[bytes], side: Sequence[bytes]) -> list[Run]:
    """The runs of a longest common subsequence; none if the search takes more than MOST_STEPS.

    Myers' greedy search: after round `d`, `reach[k]` is the furthest place with `base - side == k`
    that leaves out `d` lines. So the work follows the difference, not the length.
    """
    goal, steps = len(base) - len(side), 0
    reach: dict[int, _Reach] = {1: (0, None)}
    for d in range(len(base) + len(side) + 1):
        for k in range(2 * max(0, d - len(side)) - d, d - 2 * max(0, d - len(base)) + 1, 2):
            left, right = reach.get(k - 1, _NOWHERE), reach.get(k + 1, _NOWHERE)
            at, trail = right if left[0] < right[0] else (left[0] + 1, left[1])
            end = _slide(base, side, at, k)
            reach[k] = (end, (Run(at, at - k, end - at), trail) if end > at else trail)
            steps += end - at + 1
            if steps > MOST_STEPS:
                return []
        if reach.get(goal, _NOWHERE)[0] >= len(base):
            return _unwind(reach[goal][1])
    return []


def _slide(base: Sequence[bytes], side: Sequence[bytes], at: int, k: int) -> int:
    """The end of the equal lines from `at` on along the diagonal `k`."""
    stop = min(len(base), len(side) + k)
    while at < stop and base[at] == side[at - k]:
        at += 1
    return at


def _unwind(trail: _Trail | None) -> list[Run]:
    runs = []
    while trail:
        run, trail = trail
        runs.append(run)
    return runs[::-1]
