"""Three versions of a text to one, line by line.

Each side is compared with the base by a longest common subsequence and becomes a list of edits:
"these base lines are now those lines". Edits of the two sides that do not overlap all happen; edits
that merely touch are no conflict. Overlapping edits form a clash, and a clash is settled only where
the answer is plain:

- both sides wrote the same: once;
- as many lines as before, and no line changed differently by both (ticked tasks): line by line;
- both put list items, table rows, log lines or whole sections in at one place, or appended to the
  text: both, as `put_in` has it.

Everything else is a conflict, and the caller keeps both texts. So is a result in which Markdown would
read a line as something else than its writer saw (a row outside of its table, prose within code), one
with a line twice that both sides moved, and an addition to what the other side took away, or rewrote and
put more below.

So a result holds no line that was in none of the three texts, and every line that either side added.

A line includes its ending. Whether the text ends with a line ending is a fourth question with its own
three-way answer: a last line without one is compared and moved as if it had one, so lines never stick
together. The work is bounded: a comparison that takes too many steps finds no common lines, which can
only make conflicts, never wrong merges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from vaultkit.core.text.line_diff import Edit, Lines, edits_between
from vaultkit.core.text.line_kinds import (
    footnotes,
    has_words,
    indent,
    is_heading,
    opens,
    places,
    without_tick,
)
from vaultkit.core.text.put_in import both_appended, both_put_in

MOST_LINES = 20_000
MOST_BYTES = 1024 * 1024


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
    edits = edits_between(base, ours, ours=True) + edits_between(base, theirs, ours=False)
    edits.sort(key=lambda edit: (edit.start, edit.stop))
    settled = []
    for clash in _clashes(base, edits):
        lines = _settle(base, clash)
        if lines is None:
            return None
        settled.append(Edit(clash[0].start, max(edit.stop for edit in clash), lines))
    merged = _apply(base, settled, 0, len(base))
    is_garbled = not places(merged) <= places(ours) | places(theirs)
    return None if is_garbled or _is_doubled(edits, base, ours, theirs, merged) else merged


def _is_doubled(edits: Iterable[Edit], *texts: Lines) -> bool:
    """Does the result (the last text) hold a line twice that both sides moved, or a heading both added?

    Or two footnotes of one label, which each side has once.
    """
    if footnotes(texts[3]) - (footnotes(texts[1]) | footnotes(texts[2])):
        return True
    mine, yours = (
        {_gist(line) for edit in edits if edit.ours is ours for line in edit.lines} for ours in (True, False)
    )
    both = {line for line in mine & yours if has_words(line)}
    if not both:
        return False
    base, *sides, merged = (Counter(map(_gist, text)) for text in texts)
    more = [line for line in both if merged[line] > max(base[line], *(side[line] for side in sides))]
    return any(is_heading(line) or all(side[line] <= base[line] for side in sides) for line in more)


def _gist(line: bytes) -> bytes:
    """A line that is moved elsewhere may be ticked there, or indented otherwise, and is the same."""
    return without_tick(line).lstrip(b" \t")


def _apply(base: Lines, edits: Iterable[Edit], start: int, stop: int) -> Lines:
    """What the base's lines from `start` up to `stop` become by `edits`."""
    lines: Lines = []
    for edit in edits:
        lines += base[start : edit.start]
        lines += edit.lines
        start = edit.stop
    return lines + base[start:stop]


def _clashes(base: Lines, edits: Iterable[Edit]) -> list[list[Edit]]:
    """The edits in order, those that overlap together; an edit that meets no other is alone."""
    clashes: list[list[Edit]] = []
    last: list[Edit] = []  # those of the last clash that reach furthest
    for edit in edits:
        stop = last[0].stop if last else 0
        if clashes and (edit.start < stop or any(_meet(base, one, edit) for one in last)):
            clashes[-1].append(edit)
        else:
            clashes.append([edit])
            stop = edit.stop
            last = []
        if edit.stop >= stop:
            last = [edit] if edit.stop > stop else [*last, edit]
    return clashes


def _meet(base: Lines, one: Edit, other: Edit) -> bool:
    """Two insertions between the same lines, or an insertion that touches an edit it has to do with.

    That is an edit saying the same, for the two are often one thing done by both sides, and doing it
    twice would be wrong; or one that takes away what the inserted lines belong to, or puts more below it.
    """
    if one.ours is other.ours or one.stop != other.start:
        return False
    if one.start == one.stop == other.stop:
        return True
    if one.start != one.stop and other.start != other.stop:
        return False
    if other.start == other.stop and _needs_replaced(base, one, other.lines):
        return True
    if _is_tick(base, one) or _is_tick(base, other):
        return False
    return any(line.strip() for line in set(one.lines).intersection(other.lines))


def _is_tick(base: Lines, edit: Edit) -> bool:
    return [*map(without_tick, edit.lines)] == [*map(without_tick, base[edit.start : edit.stop])]


def _needs_replaced(base: Lines, edit: Edit, lines: Lines) -> bool:
    """Would `lines`, put in at the end of what was replaced, belong to something else then?

    One line for one stands for what it was. Of several nobody can tell which is the parent now.
    """
    first = next((line for line in lines if line.strip()), b"")
    gone = base[edit.start : edit.stop]
    if not first or is_heading(first) or len(edit.lines) == len(gone) == 1:
        return False
    if sum(map(opens, gone)) != sum(map(opens, edit.lines)):
        return True
    depth = indent(first)
    return depth > min((indent(line) for line in gone if line.strip()), default=depth)


def _settle(base: Lines, clash: Sequence[Edit]) -> Lines | None:
    """What the lines of a clash become, or None if that is not plain."""
    start, stop = clash[0].start, max(edit.stop for edit in clash)
    if len({edit.ours for edit in clash}) == 1:
        return _apply(base, clash, start, stop)
    ours = _apply(base, (edit for edit in clash if edit.ours), start, stop)
    theirs = _apply(base, (edit for edit in clash if not edit.ours), start, stop)
    if ours == theirs:
        return theirs
    if len(ours) == len(theirs) == stop - start:
        return _line_by_line(base[start:stop], ours, theirs)
    if start != stop:
        return None
    if _is_end(base, stop):
        return both_appended(ours, theirs)
    return both_put_in(ours, theirs, base[stop] if stop < len(base) else b"")


def _line_by_line(base: Lines, ours: Lines, theirs: Lines) -> Lines | None:
    """Each line as the side has it that changed it; None if the sides changed a line differently."""
    triples = list(zip(base, ours, theirs, strict=True))
    if any(mine != old != yours != mine for old, mine, yours in triples):
        return None
    return [mine if yours == old else yours for old, mine, yours in triples]


def _is_end(base: Lines, at: int) -> bool:
    """Is there something to append to before `at`, and nothing but blank lines after it?"""
    return any(line.strip() for line in base[:at]) and not any(line.strip() for line in base[at:])
