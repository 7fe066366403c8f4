"""Lines that both sides put in at one place: the published ones, then ours, where that is plain.

Entries of a list or log, rows of a table and whole sections stand for themselves, so both stay. What
both put in alike (a heading of the day, the same entry) is there once. Lines that belong to the text
above (a further row, a further item) come before those that begin something new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from vaultkit.core.text.line_diff import Lines, Run, common_start, equal_runs
from vaultkit.core.text.line_kinds import (
    has_words,
    indent,
    is_blank,
    is_entry,
    is_heading,
    is_row,
    is_separator,
    opens,
    places,
)


def both_put_in(ours: Lines, theirs: Lines, after: bytes) -> Lines | None:
    """Both insertions before the line `after`; None if their order matters or cannot be told."""
    if _is_section(ours) and _is_section(theirs) and is_heading(after) and not _share_headings(ours, theirs):
        return theirs + ours if _level(ours) == _level(theirs) else None
    head = common_start(ours, theirs)
    tail = common_start(ours[head:][::-1], theirs[head:][::-1])
    mine, yours = (lines[head : len(lines) - tail] for lines in (ours, theirs))
    same = ours[:head] + ours[len(ours) - tail :]
    if not mine or not yours:
        return theirs if yours else ours
    if (
        _is_open(mine)
        or _is_open(yours)
        or any(opens(line) and not is_heading(line) and not is_separator(line) for line in same)
    ):
        return None  # the two may be two code blocks or callouts, not one
    woven = _woven(mine, yours)
    return None if woven is None else ours[:head] + woven + ours[len(ours) - tail :]


def both_appended(ours: Lines, theirs: Lines) -> Lines | None:
    """Both additions at the end of the text; None if one of them would get between the other's lines."""
    put_in = both_put_in(ours, theirs, b"")
    if put_in is not None or _is_open(ours) or _is_open(theirs):
        return put_in
    shared = _shared_start(ours, theirs)
    mine, yours = ours[shared:], theirs[shared:]
    one, other = _further(mine), _further(yours)
    first = _woven(mine[:one], yours[:other]) if one and other else mine[:one] + yours[:other]
    if (
        first is None
        or not (one == 0 or _begins_new(yours[other:]))
        or (other and not _begins_new(mine[one:]))
    ):
        return None
    rest = _one_below_the_other(mine[one:], yours[other:])
    return None if rest is None else ours[:shared] + first + rest


def _one_below_the_other(ours: Lines, theirs: Lines) -> Lines | None:
    """The published ones first, but a section last: what came below it would seem to belong to it."""
    orders = [theirs + ours, ours + theirs]
    if _has_heading_first(theirs) and not _has_heading_first(ours):
        orders.reverse()
    known = places(ours) | places(theirs)
    return next((lines for lines in orders if places(lines) <= known), None)


def _has_heading_first(lines: Lines) -> bool:
    return is_heading(next((line for line in lines if not is_blank(line)), b""))


def _woven(ours: Lines, theirs: Lines) -> Lines | None:
    """All entries (or rows) of both, and what both have once; children stay below their parents."""
    if not (all(map(is_row, ours + theirs)) or (_are_entries(ours) and _are_entries(theirs))):
        return None
    first, then = (ours, theirs) if indent(ours[0]) > indent(theirs[0]) else (theirs, ours)
    runs = [run for run in equal_runs(_tops(first, b"1"), _tops(then, b"2")) if run.length]
    woven: Lines = []
    at = to = 0
    for run in [*runs, Run(len(first), len(then), 0)]:
        woven += first[at : run.base] + then[to : run.side]
        at, to = run.base + run.length, run.side + run.length
        woven += first[run.base : at]
    twice = _doubled(woven, ours, theirs)  # below two different parents each is another one
    return None if any(runs or indent(line) == indent(then[0]) for line in twice) else woven


def _tops(lines: Lines, mark: bytes) -> Lines:
    """The lines, those below another one made unequal to any: they belong to their parents."""
    depth = indent(lines[0])
    return [line if indent(line) == depth else b"\0%b %d" % (mark, at) for at, line in enumerate(lines)]


def _doubled(result: Lines, ours: Lines, theirs: Lines) -> Lines:
    """The lines of words that both sides have, and the result more often than either."""
    whole, mine, yours = Counter(result), Counter(ours), Counter(theirs)
    shared = (line for line in mine.keys() & yours.keys() if has_words(line))
    return [line for line in shared if whole[line] > max(mine[line], yours[line])]


def _shared_start(ours: Lines, theirs: Lines) -> int:
    """How many lines both begin with, up to a heading or an entry; none with a code block or the like."""
    shared = common_start(ours, theirs)
    while shared and not (is_heading(ours[shared - 1]) or is_entry(ours[shared - 1])):
        shared -= 1
    return 0 if any(opens(line) and not is_heading(line) for line in ours[:shared]) else shared


def _further(lines: Lines) -> int:
    """How many of the lines go on with the table or list above."""
    if not lines:
        return 0
    belongs = is_row if is_row(lines[0]) else _belongs_below(lines[0])
    return next((at for at, line in enumerate(lines) if not belongs(line)), len(lines))


def _belongs_below(first: bytes) -> Callable[[bytes], bool]:
    depth = indent(first)
    return lambda line: is_entry(first) and not is_blank(line) and (is_entry(line) or indent(line) > depth)


def _is_open(lines: Lines) -> bool:
    """Does it leave code or a comment open, or end what is open above? Then it fits in one place only."""
    return any(place for line, place in places(lines) if not line)


def _begins_new(lines: Lines) -> bool:
    return not lines or is_blank(lines[0]) or is_heading(lines[0])


def _are_entries(lines: Lines) -> bool:
    """Entries alone, each with what is indented below it; none is further out than the first."""
    depth = indent(lines[0])
    if not is_entry(lines[0]) or is_blank(lines[-1]):
        return False
    return all(
        is_blank(line) or indent(line) > depth or (is_entry(line) and indent(line) == depth) for line in lines
    )


def _is_section(lines: Lines) -> bool:
    return is_heading(lines[0]) and is_blank(lines[-1])


def _share_headings(ours: Lines, theirs: Lines) -> bool:
    return any(map(is_heading, set(ours) & set(theirs)))


def _level(lines: Lines) -> int:
    return len(lines[0]) - len(lines[0].lstrip(b"#"))
