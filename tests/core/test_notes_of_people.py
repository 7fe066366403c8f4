"""Notes as people write them, edited by two at once: what a merge keeps, and what it never makes of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.people import NOTES, edited, pair
from tests.trees import History, policy
from vaultkit.core.merging.merge import merge_trees
from vaultkit.core.merging.merge_terms import Published, Replay
from vaultkit.core.text.note import read_meta
from vaultkit.core.text.text_merge import merge_notes

PAIRS = 2_000
LIST_MARKS = str.maketrans("", "", '[],"')


def merge(base: str, ours: str, theirs: str) -> str | None:
    merged = merge_notes(base.encode(), ours.encode(), theirs.encode())
    return None if merged is None else merged.decode()


def counted(text: str) -> Counter[str]:
    """The lines; of the lists in the frontmatter the words, for two lists may have become one."""
    lines = text.splitlines()
    front = lines.index("---", 1) if lines[:1] == ["---"] else 0
    return Counter(lines[front:]) + Counter(" ".join(lines[:front]).translate(LIST_MARKS).split())


def faults(text: str) -> set[str]:
    """What no one would write: read apart from how the merge reads it."""
    return set(_faults(text.splitlines()))


def _faults(lines: list[str]) -> Iterator[str]:
    fence = ""
    rows: list[str] = []
    headings = Counter(line for line in lines if re.match("##+ ", line))
    yield from (f"twice: {line}" for line, count in headings.items() if count > 1)
    for line in [*lines, ""]:
        mark = re.match(r"\s*(```+|~~~+)", line)
        if fence:
            fence = "" if mark and mark[1] == fence and line.strip() == fence else fence
            continue
        fence = mark[1] if mark else ""
        if line.startswith("|"):
            rows.append(line)
        elif rows:
            yield from _table_faults(rows)
            rows = []
    if fence:
        yield "open fence"


def _table_faults(rows: list[str]) -> Iterator[str]:
    if len(rows) < 2 or not re.fullmatch(r"[|:\- ]+", rows[1]):
        yield "row without a table"
    if len({row.count("|") for row in rows}) > 1:
        yield "row of another table"
    if sum("--" in row for row in rows) > 1:
        yield "two tables in one"


PAIRS_BY_CHANCE = [pair(random.Random(seed)) for seed in range(PAIRS)]


@pytest.fixture(scope="module")
def merges() -> list[tuple[tuple[str, str, str], str | None]]:
    """Each pair of edits with its merge."""
    return [(texts, merge(*texts)) for texts in PAIRS_BY_CHANCE]


def clean(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> Iterator[tuple[str, str, str, str]]:
    return ((*texts, merged) for texts, merged in merges if merged is not None)


def test_most_pairs_of_edits_merge(merges: list[tuple[tuple[str, str, str], str | None]]) -> None:
    """Two who edit one note at once rarely get a conflict copy."""
    assert sum(merged is not None for _, merged in merges) > 0.8 * PAIRS


def test_no_line_is_invented_and_none_that_was_added_is_lost(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> None:
    """All lines are from one of the texts, and what a side has more often than the base is there as often."""
    for base, ours, theirs, merged in clean(merges):
        is_, was, mine, yours = map(counted, (merged, base, ours, theirs))
        assert is_.keys() <= mine.keys() | yours.keys()
        assert not (mine - was) - is_
        assert not (yours - was) - is_


def test_a_line_that_both_have_no_more_does_not_return(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> None:
    """A line that no side has more often than the base is not there more often than a side has it."""
    for base, ours, theirs, merged in clean(merges):
        is_, was, mine, yours = map(counted, (merged, base, ours, theirs))
        for line in filter(str.strip, was):
            most = max(mine[line], yours[line])
            assert most > was[line] or is_[line] <= most


def test_who_published_first_changes_no_more_than_the_order(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> None:
    """With the sides swapped each merge is clean as before and has the same lines."""
    for (base, ours, theirs), merged in merges:
        other = merge(base, theirs, ours)
        assert (other is None) == (merged is None)
        assert other is None or merged is None or counted(other) == counted(merged)


def test_a_clean_merge_is_sound_markdown(merges: list[tuple[tuple[str, str, str], str | None]]) -> None:
    """No row outside of its table, no open code, no heading twice, unless a side had it so."""
    for base, ours, theirs, merged in clean(merges):
        assert faults(merged) <= faults(ours) | faults(theirs), (base, ours, theirs, merged)


def test_line_ends_and_the_missing_last_one_stay(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> None:
    """CRLF notes stay CRLF throughout, and a note without a last newline stays without."""
    for base, ours, theirs, merged in clean(merges):
        assert merged.count("\r\n") == (merged.count("\n") if "\r\n" in ours + theirs else 0)
        ends = [text.endswith("\n") for text in (base, ours, theirs, merged)]
        assert ends[3] == (ends[1] if ends[2] == ends[0] else ends[2])


def test_every_word_is_in_the_note_or_in_the_conflict_copy(
    merges: list[tuple[tuple[str, str, str], str | None]],
) -> None:
    """Where two edits do not fit, the published note stays as it is and mine is kept to the byte."""
    conflicts = [texts for texts, merged in merges if merged is None]
    for base, ours, theirs in conflicts[:100]:
        history = History()
        trees = [history.tree({"Updates/a.md": text}) for text in (base, ours, theirs)]
        replay = Replay(trees[0], trees[1], "cloud_agent", 1_700_000_000)
        merged = merge_trees(history.objects, replay, Published(trees[2], {}, {}), policy().may, {})
        (conflict,) = merged.conflicts
        assert merged.edits == {conflict.copy: history.oid(ours)}


@pytest.mark.parametrize("name", NOTES)
def test_a_note_is_read_and_merged_with_itself(name: str) -> None:
    """Each note is sound, and one changed side comes out byte for byte."""
    text = NOTES[name]
    read_meta(text.encode())
    assert not faults(text)
    for seed in range(50):
        side = edited(text, random.Random(seed), "ours")
        assert merge(text, side, text) == merge(text, text, side) == merge(text, side, side) == side
