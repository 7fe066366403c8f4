"""Three versions of a text to one, line by line.

Each side is compared with the base by a longest common subsequence and becomes a list of edits:
"these base lines are now those lines". Edits of the two sides that do not overlap all happen; edits
that merely touch are no conflict. Overlapping edits form a clash, and a clash is settled only where
the answer is plain:

- both sides wrote the same: once;
- as many lines as before, and no line changed differently by both (ticked tasks): line by line;
- both only appended at the end (logs): the published lines, then ours; once if one holds the other.

Everything else is a conflict, and the caller keeps both texts. So a result holds no line that was in
none of the three texts, and every line that either side added.

A line includes its ending. Whether the text ends with a line ending is a fourth question with its own
three-way answer: a last line without one is compared and moved as if it had one, so lines never stick
together. The work is bounded: a comparison that takes too many steps finds no common lines, which can
only make conflicts, never wrong merges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MOST_LINES = 20_000
MOST_BYTES = 1024 * 1024
MOST_STEPS = 400_000

Lines = list[bytes]


class _Edit(NamedTuple):
    """One side has `lines` where the base has its lines from `start` up to `stop` (equal: an insertion)."""

    start: int
    stop: int
    lines: Lines
    ours: bool = False


class _Run(NamedTuple):
    """Equal lines: `length` of them, from `base` in the base and from `side` in the other text."""

    base: int
    side: int
    length: int


_Trail = tuple[_Run, "_Trail | None"]
_Reach = tuple[int, "_Trail | None"]
"""How far the search got, and the runs it went through, the last one first."""
_NOWHERE: _Reach = (-1, None)


def merge_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The text with the edits of both sides, or None if they conflict; `theirs` is the published one.

    Texts above MOST_LINES or MOST_BYTES merge only if at most one side changed. No conflict markers,
    ever; no line that is in none of the texts.
    """
    if ours in (base, theirs):
        return theirs
    if base == theirs:
        return ours
    texts = (base, ours, theirs)
    if any(len(text) > MOST_BYTES or text.count(b"\n") > MOST_LINES for text in texts):
        return None
    ending = _ending(*texts)
    merged = _merge(*(_split(text, ending) for text in texts))
    return None if merged is None else _join(merged, *texts)


def _ending(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """The line ending for a last line that has none; the same for all, or equal lines would differ."""
    speaking = (base,) if b"\n" in base else (ours, theirs)
    return b"\r\n" if any(b"\r\n" in text for text in speaking) else b"\n"


def _split(text: bytes, ending: bytes) -> Lines:
    lines = [line + b"\n" for line in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last + (b"\n" if last.endswith(b"\r") else ending)] if last else lines


def _join(lines: Lines, base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """The text of `lines`; it ends like the side that changed the base's way of ending."""
    ends = [not text or text.endswith(b"\n") for text in (base, ours, theirs)]
    whole = b"".join(lines)
    if (ends[1] if ends[2] == ends[0] else ends[2]) or not lines or not lines[-1].strip():
        return whole
    return whole.removesuffix(b"\n").removesuffix(b"\r")


def _merge(base: Lines, ours: Lines, theirs: Lines) -> Lines | None:
    edits = _edits(base, ours, ours=True) + _edits(base, theirs, ours=False)
    edits.sort(key=lambda edit: (edit.start, edit.stop))
    settled = []
    for clash in _clashes(edits):
        lines = _settle(base, clash)
        if lines is None:
            return None
        settled.append(_Edit(clash[0].start, max(edit.stop for edit in clash), lines))
    return _apply(base, settled, 0, len(base))


def _apply(base: Lines, edits: Iterable[_Edit], start: int, stop: int) -> Lines:
    """What the base's lines from `start` up to `stop` become by `edits`."""
    lines: Lines = []
    for edit in edits:
        lines += base[start : edit.start]
        lines += edit.lines
        start = edit.stop
    return lines + base[start:stop]


def _clashes(edits: Iterable[_Edit]) -> list[list[_Edit]]:
    """The edits in order, those that overlap together; an edit that meets no other is alone."""
    clashes: list[list[_Edit]] = []
    stop = 0
    for edit in edits:
        if clashes and (edit.start < stop or _same_place(clashes[-1][-1], edit)):
            clashes[-1].append(edit)
            stop = max(stop, edit.stop)
        else:
            clashes.append([edit])
            stop = edit.stop
    return clashes


def _same_place(one: _Edit, other: _Edit) -> bool:
    """Two insertions between the same lines; or an insertion that touches an edit saying the same.

    The latter are often one thing done by both sides, and doing it twice would be wrong.
    """
    if one.stop != other.start or (one.start != one.stop and other.start != other.stop):
        return False
    if one.start == one.stop == other.stop:
        return True
    return any(line.strip() for line in set(one.lines).intersection(other.lines))


def _settle(base: Lines, clash: Sequence[_Edit]) -> Lines | None:
    """What the lines of a clash become, or None if that is not plain."""
    start, stop = clash[0].start, max(edit.stop for edit in clash)
    if len(clash) == 1:
        return clash[0].lines
    ours = _apply(base, (edit for edit in clash if edit.ours), start, stop)
    theirs = _apply(base, (edit for edit in clash if not edit.ours), start, stop)
    if ours == theirs:
        return theirs
    if len(ours) == len(theirs) == stop - start:
        return _line_by_line(base[start:stop], ours, theirs)
    if start == stop and _is_end(base, stop):
        return _both_appended(ours, theirs)
    return None


def _line_by_line(base: Lines, ours: Lines, theirs: Lines) -> Lines | None:
    """Each line as the side has it that changed it; None if the sides changed a line differently."""
    triples = list(zip(base, ours, theirs, strict=True))
    if any(mine != old != yours != mine for old, mine, yours in triples):
        return None
    return [mine if yours == old else yours for old, mine, yours in triples]


def _is_end(base: Lines, at: int) -> bool:
    """Is there something to append to before `at`, and nothing but blank lines after it?"""
    return any(line.strip() for line in base[:at]) and not any(line.strip() for line in base[at:])


def _both_appended(ours: Lines, theirs: Lines) -> Lines:
    if ours[: len(theirs)] == theirs:
        return ours
    return theirs if theirs[: len(ours)] == ours else theirs + ours


def _edits(base: Lines, side: Lines, *, ours: bool) -> list[_Edit]:
    """What turns `base` into `side`: all between the equal runs."""
    edits = []
    start = taken = 0
    for run in [*_runs(base, side), _Run(len(base), len(side), 0)]:
        if run.base > start or run.side > taken:
            edits.append(_Edit(start, run.base, side[taken : run.side], ours))
        start, taken = run.base + run.length, run.side + run.length
    return edits


def _runs(base: Lines, side: Lines) -> list[_Run]:
    """The equal lines of both texts in order: the common head, a longest choice between, the common tail.

    Lines that the other text does not have cannot be equal to any, so the search need not see them.
    """
    head = _common(base, side)
    tail = _common(base[head:][::-1], side[head:][::-1])
    ends = len(base) - tail, len(side) - tail
    shared = set(base[head : ends[0]]).intersection(side[head : ends[1]])
    left = [at for at in range(head, ends[0]) if base[at] in shared]
    right = [at for at in range(head, ends[1]) if side[at] in shared]
    found = _longest([base[at] for at in left], [side[at] for at in right])
    pairs = [(run.base + i, run.side + i) for run in found for i in range(run.length)]
    middle = [_Run(left[one], right[other], 1) for one, other in pairs]
    return [_Run(0, 0, head), *middle, _Run(*ends, tail)]


def _common(one: Lines, other: Lines) -> int:
    """How many lines both begin with."""
    differ = (at for at, (mine, yours) in enumerate(zip(one, other, strict=False)) if mine != yours)
    return next(differ, min(len(one), len(other)))


def _longest(base: Lines, side: Lines) -> list[_Run]:
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
            reach[k] = (end, (_Run(at, at - k, end - at), trail) if end > at else trail)
            steps += end - at + 1
            if steps > MOST_STEPS:
                return []
        if reach.get(goal, _NOWHERE)[0] >= len(base):
            return _unwind(reach[goal][1])
    return []


def _slide(base: Lines, side: Lines, at: int, k: int) -> int:
    """The end of the equal lines from `at` on along the diagonal `k`."""
    stop = min(len(base), len(side) + k)
    while at < stop and base[at] == side[at - k]:
        at += 1
    return at


def _unwind(trail: _Trail | None) -> list[_Run]:
    runs = []
    while trail:
        run, trail = trail
        runs.append(run)
    return runs[::-1]
