"""Merging three versions of a text by lines: tables of realistic notes, and what always holds."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vaultkit.core.text.line_merge import MOST_BYTES, MOST_LINES, merge_lines

Lines = list[bytes]
Three = tuple[bytes, bytes, bytes]


def lines(*words: str, ending: str = "\n") -> bytes:
    return "".join(word + ending for word in words).encode()


CLEAN = {
    "edits at two ends": (
        lines("a", "b", "c"),
        lines("A", "b", "c"),
        lines("a", "b", "C"),
        lines("A", "b", "C"),
    ),
    "edits of neighbouring lines": (
        lines("a", "b"),
        lines("A", "b"),
        lines("a", "B"),
        lines("A", "B"),
    ),
    "the same edit by both, and one more": (
        lines("a", "b", "c"),
        lines("A", "b", "c"),
        lines("A", "b", "C"),
        lines("A", "b", "C"),
    ),
    "a line inserted before a changed one": (
        lines("a", "b", "c"),
        lines("a", "new", "b", "c"),
        lines("a", "B", "c"),
        lines("a", "new", "B", "c"),
    ),
    "a paragraph removed, another one changed": (
        lines("one", "", "two", "", "three"),
        lines("one", "", "three"),
        lines("one", "", "two", "", "3"),
        lines("one", "", "3"),
    ),
    "tasks ticked on both sides": (
        lines("## Today", "- [ ] post", "- [ ] call", "- [ ] buy", "- [ ] file"),
        lines("## Today", "- [x] post", "- [x] call", "- [ ] buy", "- [ ] file"),
        lines("## Today", "- [ ] post", "- [ ] call", "- [x] buy", "- [x] file"),
        lines("## Today", "- [x] post", "- [x] call", "- [x] buy", "- [x] file"),
    ),
    "interleaved ticks with one done by both": (
        lines("- [ ] a", "- [ ] b", "- [ ] c", "- [ ] d"),
        lines("- [x] a", "- [x] b", "- [ ] c", "- [ ] d"),
        lines("- [ ] a", "- [x] b", "- [x] c", "- [ ] d"),
        lines("- [x] a", "- [x] b", "- [x] c", "- [ ] d"),
    ),
    "log entries appended on both sides: the published first": (
        lines("# Log", "- start"),
        lines("# Log", "- start", "- ours"),
        lines("# Log", "- start", "- theirs", "- more"),
        lines("# Log", "- start", "- theirs", "- more", "- ours"),
    ),
    "appended above the blank line at the end": (
        lines("# Log", "- start", ""),
        lines("# Log", "- start", "- ours", ""),
        lines("# Log", "- start", "- theirs", ""),
        lines("# Log", "- start", "- theirs", "- ours", ""),
    ),
    "the same entry appended by both, one more by one": (
        lines("# Log"),
        lines("# Log", "- same", "- ours"),
        lines("# Log", "- same"),
        lines("# Log", "- same", "- ours"),
    ),
    "the last line edited here, an entry appended there": (
        lines("# Log", "- start"),
        lines("# Log", "- start (early)"),
        lines("# Log", "- start", "- theirs"),
        lines("# Log", "- start (early)", "- theirs"),
    ),
    "rows of a table": (
        lines("| item | price |", "|---|---|", "| ink | 4 |", "| paper | 2 |"),
        lines("| item | price |", "|---|---|", "| ink | 5 |", "| paper | 2 |"),
        lines("| item | price |", "|---|---|", "| ink | 4 |", "| paper | 2 |", "| glue | 1 |"),
        lines("| item | price |", "|---|---|", "| ink | 5 |", "| paper | 2 |", "| glue | 1 |"),
    ),
    "a callout and a code block": (
        lines("> [!note] Plan", "> first", "", "```sh", "ls", "```"),
        lines("> [!note] Plan", "> first", "> second", "", "```sh", "ls", "```"),
        lines("> [!note] Plan", "> first", "", "```sh", "ls -l", "```"),
        lines("> [!note] Plan", "> first", "> second", "", "```sh", "ls -l", "```"),
    ),
    "several languages": (
        lines("# Søknad", "日本語の行", "خلاصہ", "Ж"),
        lines("# Søknad", "日本語の行、更新", "خلاصہ", "Ж"),
        lines("# Søknad", "日本語の行", "خلاصہ", "Ж 🎉"),
        lines("# Søknad", "日本語の行、更新", "خلاصہ", "Ж 🎉"),
    ),
    "a task that both add, its neighbour ticked by one": (
        lines("head", "- [ ] a"),
        lines("head", "- [ ] a", "- [ ] pay"),
        lines("head", "- [x] a", "- [ ] pay", "- [ ] more"),
        lines("head", "- [x] a", "- [ ] pay", "- [ ] more"),
    ),
    "CRLF stays": (
        lines("a", "b", "c", ending="\r\n"),
        lines("A", "b", "c", ending="\r\n"),
        lines("a", "b", "c", "d", ending="\r\n"),
        lines("A", "b", "c", "d", ending="\r\n"),
    ),
    "a remark appended here, a section there: the section last, or the remark would be a part of it": (
        lines("# T", "- a", ""),
        lines("# T", "- a", "", "remark", ""),
        lines("# T", "- a", "", "## New", "", "- x"),
        lines("# T", "- a", "", "remark", "", "## New", "", "- x"),
    ),
    "the same, the section appended here": (
        lines("# T", "- a", ""),
        lines("# T", "- a", "", "## New", "", "- x"),
        lines("# T", "- a", "", "remark", ""),
        lines("# T", "- a", "", "remark", "", "## New", "", "- x"),
    ),
    "the end of the text may stay without a newline": (b"a\nb\nc", b"A\nb\nc", b"a\nb\nC", b"A\nb\nC"),
    "appended after a last line without a newline": (
        b"log",
        b"log\nours",
        b"log\ntheirs",
        b"log\ntheirs\nours",
    ),
    "the same with CRLF": (
        b"# Log\r\nx",
        b"# Log\r\nx\r\nours",
        b"# Log\r\nx\r\ntheirs\r\n",
        b"# Log\r\nx\r\ntheirs\r\nours\r\n",
    ),
    "a newline added at the end here, the last line changed there": (b"a\nb", b"a\nb\n", b"a\nB", b"a\nB\n"),
    "the newline removed at the end here, a line appended there": (
        b"a\nb\n",
        b"a\nb",
        b"a\nb\nc\n",
        b"a\nb\nc",
    ),
}

CONFLICTS = {
    "one line changed differently": (lines("a", "b"), lines("a", "x"), lines("a", "y")),
    "a line changed here and removed there": (lines("a", "b", "c"), lines("a", "x", "c"), lines("a", "c")),
    "two insertions at one place within the text": (
        lines("a", "z"),
        lines("a", "x", "z"),
        lines("a", "y", "z"),
    ),
    "a line inserted into a paragraph that was rewritten": (
        lines("a", "b", "c"),
        lines("a", "b", "new", "c"),
        lines("x", "y"),
    ),
    "a new line said by both, its neighbour changed by one": (
        lines("head", "a"),
        lines("head", "a", "pay"),
        lines("head", "A", "pay", "more"),
    ),
    "a child put in below an item that the other reworded, with a new item below": (
        lines("- a", "- c"),
        lines("- a", "  - child", "- c"),
        lines("- a, reworded", "- b", "- c"),
    ),
    "a child put in below an item that took the place of a heading": (
        lines("## Head", "- a", ""),
        lines("## Head", "- a", "  - child", ""),
        lines("- a, reworded", "- b", ""),
    ),
    "words put in below a heading that the other reworded, with a new section below": (
        lines("## A", "", "x"),
        lines("## A", "ours", "", "x"),
        lines("## A, reworded", "text", "## B", "", "x"),
    ),
    "an item typed over the blank line below a list, a paragraph put in below it": (
        lines("- a", "", "## Notes"),
        lines("- a", "- b", "## Notes"),
        lines("- a", "", "remark", "", "## Notes"),
    ),
    "a row typed over the blank line below a table, a paragraph put in below it": (
        lines("| a |", "|---|", "| 1 |", "", "## Notes"),
        lines("| a |", "|---|", "| 1 |", "| 2 |", "## Notes"),
        lines("| a |", "|---|", "| 1 |", "", "remark", "", "## Notes"),
    ),
    "words typed over the blank line below a callout, a paragraph put in below it": (
        lines("> [!note] N", "> a", "", "## Notes"),
        lines("> [!note] N", "> a", "> b", "## Notes"),
        lines("> [!note] N", "> a", "", "remark", "", "## Notes"),
    ),
    "a paragraph removed with the blank line above it, a line put in below it": (
        lines("- a", "", "para"),
        lines("- a"),
        lines("- a", "", "para", "more"),
    ),
    "a task below another one, moved out of it by both, each to another place": (
        lines("## A", "- p", "  - [ ] t", "", "## B", "", "- q", "", "## C", "", "- r"),
        lines("## A", "- p", "", "## B", "", "- [x] t", "- q", "", "## C", "", "- r"),
        lines("## A", "- p", "", "## B", "", "- q", "", "## C", "", "- [ ] t", "- r"),
    ),
    "two footnotes of one label": (
        lines("one [^1]", "", "two", "", "[^1]: a"),
        lines("one [^1] ours [^2]", "", "two", "", "[^1]: a", "[^2]: ours"),
        lines("one [^1]", "", "two [^2]", "", "[^1]: a", "[^2]: theirs"),
    ),
    "two texts in an empty one": (b"", lines("x"), lines("y")),
    "one task ticked here, the same one reworded there": (
        lines("- [ ] a", "- [ ] b"),
        lines("- [x] a", "- [x] b"),
        lines("- [ ] a", "- [ ] bee"),
    ),
}


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), CLEAN.values(), ids=CLEAN)
def test_merges_clean(base: bytes, ours: bytes, theirs: bytes, merged: bytes) -> None:
    """Edits that do not contradict each other all happen, and nothing else does."""
    assert merge_lines(base, ours, theirs) == merged


@pytest.mark.parametrize(("base", "ours", "theirs"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflicts(base: bytes, ours: bytes, theirs: bytes) -> None:
    """Edits that contradict each other are a conflict, whichever side was published."""
    assert merge_lines(base, ours, theirs) is None
    assert merge_lines(base, theirs, ours) is None


@pytest.mark.parametrize(
    "base", [b"x\n" * (MOST_LINES + 1), b"x" * MOST_BYTES + b"\n"], ids=["many lines", "many bytes"]
)
def test_large_texts_take_one_side_or_conflict(base: bytes) -> None:
    """Above the caps a change of one side is taken, and changes of both are a conflict."""
    assert merge_lines(base, base, base + b"y\n") == base + b"y\n"
    assert merge_lines(base, base + b"y\n", base) == base + b"y\n"
    assert merge_lines(base, b"y\n" + base, base + b"y\n") is None


def test_small_edits_of_a_long_text_merge() -> None:
    """A text at the cap with hundreds of edits on both sides is within the bound on steps."""
    base = [b"line %d\n" % at for at in range(MOST_LINES)]
    ours = [b"ours %d\n" % at if at % 100 == 0 else line for at, line in enumerate(base)]
    theirs = [b"theirs %d\n" % at if at % 100 == 50 else line for at, line in enumerate(base)]
    both = [mine if mine != old else yours for old, mine, yours in zip(base, ours, theirs, strict=True)]
    assert merge_lines(*map(b"".join, (base, ours, theirs))) == b"".join(both)


def test_endlessly_repeated_lines_end_in_a_conflict() -> None:
    """Where a comparison would take too long it gives up, and the caller keeps both texts."""
    dice = random.Random(1)
    base, ours, theirs = (
        b"".join(dice.choice([b"a\n", b"b\n", own]) for _ in range(MOST_LINES - 1))
        for own in (b"base\n", b"ours\n", b"theirs\n")
    )
    assert merge_lines(base, ours, theirs) is None


@pytest.mark.parametrize(
    "made_of",
    [b" ", b"> ", b"`", b"|", b"| -", b"- [ ] ", b"%%", b"$$", b"1", b"-", b"] \xe2\x9c\x85 2026-01-01"],
)
def test_a_very_long_line_costs_its_length(made_of: bytes) -> None:
    """Whatever a line is made of, telling what it is takes as long as reading it (else this never ends)."""
    long = (made_of * MOST_BYTES)[: MOST_BYTES // 4] + b"\n"
    for line in (long, b"- [ ] " + long):
        assert merge_lines(b"a\n" + line + b"b\n", b"A\n" + line + b"b\n", b"a\n" + line + b"B\n") is not None
        assert merge_lines(b"a\n" + line, b"a\nx" + line, b"a\ny" + line) is None


@pytest.mark.parametrize("entry", [b"- %b %d\n", b"| %b | %d |\n", b"%b %d\n"])
def test_insertions_by_both_at_thousands_of_places_are_settled_each_in_its_place(entry: bytes) -> None:
    """A long note to which both put in something everywhere costs what its length costs."""
    base = [entry % (b"base", at) for at in range(MOST_LINES // 3)]
    ours, theirs, both = (
        b"".join(line + b"".join(entry % (who, at) for who in sides) for at, line in enumerate(base))
        for sides in ([b"ours"], [b"theirs"], [b"theirs", b"ours"])
    )
    expected = None if entry == b"%b %d\n" else both
    assert merge_lines(b"".join(base), ours, theirs) == expected


words = st.sampled_from([b"", b"a", b"b", b"c", b"d", b"- [ ] x", b"- [x] x"])
endings = st.sampled_from([b"\n", b"\n", b"\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    ending = draw(endings)
    text = b"".join(word + ending for word in draw(st.lists(words, max_size=10)))
    return text.removesuffix(ending) if draw(st.booleans()) else text


@st.composite
def edited(draw: st.DrawFn, text: bytes) -> bytes:
    """`text` after a few edits, as a person makes them."""
    parts = text.splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(parts)))
        stop = start + draw(st.integers(0, 2))
        parts[start:stop] = [word + b"\n" for word in draw(st.lists(words, max_size=2))]
    joined = b"".join(parts)
    return joined.removesuffix(b"\n") if draw(st.integers(0, 3)) == 0 else joined


@st.composite
def versions(draw: st.DrawFn) -> Three:
    base = draw(texts())
    side = st.one_of(edited(base), edited(base), texts())
    return base, draw(side), draw(side)


def counted(text: bytes) -> Counter[bytes]:
    """The lines without their endings, each with how often it is there."""
    return Counter(text.splitlines())


@given(versions())
@example((b"x", b"x\ny", b"x\nz"))
@settings(max_examples=300)
def test_one_changed_side_is_taken(three: Three) -> None:
    """What only one side changed, or both changed equally, comes out byte for byte."""
    base, side, _ = three
    assert merge_lines(base, base, side) == side
    assert merge_lines(base, side, base) == side
    assert merge_lines(base, side, side) == side


@given(versions())
@settings(max_examples=500)
def test_who_published_only_decides_the_order(three: Three) -> None:
    """With the sides swapped a merge is clean as before and holds the same lines."""
    base, ours, theirs = three
    one, other = merge_lines(base, ours, theirs), merge_lines(base, theirs, ours)
    assert (one is None) == (other is None)
    assert one is None or other is None or counted(one) == counted(other)


@given(versions())
@settings(max_examples=500)
def test_nothing_is_invented(three: Three) -> None:
    """Each line of a clean result is a line of one of the three texts."""
    merged = merge_lines(*three)
    known = set().union(*map(counted, three))
    assert merged is None or set(counted(merged)) <= known


@given(versions())
@settings(max_examples=500)
def test_nothing_added_is_lost(three: Three) -> None:
    """Each line that a side has more often than the base is that often in a clean result."""
    base, ours, theirs = three
    merged = merge_lines(*three)
    for side in (ours, theirs):
        assert merged is None or not counted(side) - counted(base) - counted(merged)


@given(
    st.integers(1, 30).flatmap(lambda size: st.lists(st.sampled_from("-ot"), min_size=size, max_size=size))
)
@settings(max_examples=300)
def test_edits_of_different_lines_merge(owners: list[str]) -> None:
    """Where no line is changed by both sides, the result is clean and has every change."""
    base = [b"line %d\n" % at for at in range(len(owners))]
    ours, theirs, both = (
        b"".join(
            b"new " + line if owner in changed else line for line, owner in zip(base, owners, strict=True)
        )
        for changed in ("o", "t", "ot")
    )
    assert merge_lines(b"".join(base), ours, theirs) == both


@given(versions())
@settings(max_examples=300)
def test_removed_lines_stay_removed(three: Three) -> None:
    """A line that no side has any more is not in a clean result."""
    base, ours, theirs = three
    merged = merge_lines(base, ours, theirs)
    gone = set(counted(base)) - set(counted(ours)) - set(counted(theirs))
    assert merged is None or not gone & set(counted(merged))
