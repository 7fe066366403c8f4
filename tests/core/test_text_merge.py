"""Merging three versions of a note: frontmatter by key, body by lines."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultkit.core.text.line_merge import merge_lines
from vaultkit.core.text.note import BrokenFrontmatter, read_meta
from vaultkit.core.text.text_merge import MOST_UNIONS, merge_notes

TASK = """---
# kept by the person
title: "Reply to Ada"
status: pending
tags: [email, ada]
due: 2025-03-01
---
# Reply to Ada

> [!note] Context
> She asked for the March numbers.

- [ ] read the mail
- [ ] draft the answer
- [ ] send it

| month | sum |
|-------|-----|
| Jan   | 10  |
| Feb   | 12  |

## Log
- created
"""


def edit(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def merge(base: str, ours: str, theirs: str) -> str | None:
    merged = merge_notes(base.encode(), ours.encode(), theirs.encode())
    return None if merged is None else merged.decode()


def meta(text: str | None) -> dict[str, object]:
    assert text is not None
    return dict(read_meta(text.encode()))


DISJOINT = {
    "a status here, a due date there": (
        [("status: pending", "status: done")],
        [("due: 2025-03-01", "due: 2025-04-01")],
    ),
    "a status here, words of the body there": (
        [("status: pending", "status: in_progress")],
        [("March numbers", "March and April numbers")],
    ),
    "tasks ticked on both sides": (
        [("[ ] read", "[x] read")],
        [("[ ] draft", "[x] draft"), ("[ ] send", "[x] send")],
    ),
    "a row changed here, a row added there": (
        [("| Jan   | 10  |", "| Jan   | 11  |")],
        [("| Feb   | 12  |\n", "| Feb   | 12  |\n| Mar   | 9   |\n")],
    ),
    "a key added here, a key removed there": (
        [("status: pending\n", "status: pending\nowner: cloud_agent\n")],
        [("due: 2025-03-01\n", "")],
    ),
    "a callout in Urdu here, a code block there": (
        [("> She asked", "> اس نے پوچھا 🎉\n> She asked")],
        [("## Log", "```sh\nls\n```\n\n## Log")],
    ),
    "a comment in the frontmatter here, a status there": (
        [("# kept by the person", "# kept by Grace")],
        [("status: pending", "status: done")],
    ),
    "a nested entry here, tags there": (
        [("due: 2025-03-01\n", "due: 2025-03-01\nto:\n  - name: Ada\n    mail: ada@example.org\n")],
        [("[email, ada]", "[email, ada, march]")],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("here", "there"), DISJOINT.values(), ids=DISJOINT)
def test_changes_of_different_places_merge(
    here: list[tuple[str, str]], there: list[tuple[str, str]], newline: str
) -> None:
    """Changes of different keys and lines all happen, to the byte, whoever was published first."""
    versions = TASK, edit(TASK, *here), edit(TASK, *there), edit(TASK, *here, *there)
    base, ours, theirs, both = (text.replace("\n", newline) for text in versions)
    for merged in (merge(base, ours, theirs), merge(base, theirs, ours)):
        assert merged is not None
        assert Counter(merged.splitlines(keepends=True)) == Counter(both.splitlines(keepends=True))
        assert read_meta(merged.encode()) == read_meta(both.encode())
        assert merged.partition("# Reply to")[2] == both.partition("# Reply to")[2]


CONFLICTS = {
    "one status set to two values": (
        [("status: pending", "status: done")],
        [("status: pending", "status: rejected")],
    ),
    "a date changed here, removed there": (
        [("due: 2025-03-01", "due: 2025-04-01")],
        [("due: 2025-03-01\n", "")],
    ),
    "one key added with two values": (
        [("due:", "owner: ada\ndue:")],
        [("due:", "owner: bob\ndue:")],
    ),
    "a tag removed here, one added there": (
        [("[email, ada]", "[email]")],
        [("[email, ada]", "[email, ada, march]")],
    ),
    "a status that merges, a line that does not": (
        [("status: pending", "status: done"), ("- created", "- made")],
        [("- created", "- begun")],
    ),
    "a comment on a value here, the value there": (
        [("status: pending", "status: pending # wait for Ada")],
        [("status: pending", "status: done")],
    ),
    "tags added by both, a comment that one would lose": (
        [("[email, ada]", "{email: 1, # why\n  ada: 2}")],
        [("[email, ada]", "{email: 1, # why\n  ada: 3}")],
    ),
    "two comments in one place": (
        [("# kept by the person", "# kept by Grace")],
        [("# kept by the person", "# kept by Alan")],
    ),
    "one key added at two places while both changed a comment": (
        [("# kept by the person", "# kept\npriority: high")],
        [("due: 2025-03-01\n", "due: 2025-03-01\npriority: low\n# end\n")],
    ),
}


@pytest.mark.parametrize(("here", "there"), CONFLICTS.values(), ids=CONFLICTS)
def test_contradictions_conflict(here: list[tuple[str, str]], there: list[tuple[str, str]]) -> None:
    """Two changes of one thing are a conflict of the whole note, whoever was published first."""
    ours, theirs = edit(TASK, *here), edit(TASK, *there)
    assert merge(TASK, ours, theirs) is None
    assert merge(TASK, theirs, ours) is None


def test_status_by_one_and_tags_by_both() -> None:
    """A status changed by one side and tags added by both merge; published tags come first."""
    ours = edit(TASK, ("status: pending", "status: done"), ("[email, ada]", "[email, ada, ours]"))
    theirs = edit(TASK, ("[email, ada]", "[theirs, email, ada]"))
    merged = meta(merge(TASK, ours, theirs))
    assert merged["status"] == "done"
    assert merged["tags"] == ["theirs", "email", "ada", "ours"]
    assert merged["title"] == "Reply to Ada"


def test_tags_added_by_both_as_a_block_list() -> None:
    """Lists written one item a line are united too, and all other bytes stay as published."""
    base = edit(TASK, ("tags: [email, ada]\n", "tags:\n  - email\n"))
    ours = edit(base, ("  - email\n", "  - email\n  - ours\n"), ("- created", "- created\n- ours"))
    theirs = edit(base, ("  - email\n", "  - email\n  - theirs\n"), ("- created", "- created\n- theirs"))
    merged = merge(base, ours, theirs)
    assert meta(merged)["tags"] == ["email", "theirs", "ours"]
    assert merged is not None
    assert merged.endswith("## Log\n- created\n- theirs\n- ours\n")
    assert merged.startswith('---\n# kept by the person\ntitle: "Reply to Ada"\nstatus: pending\n')


def test_tags_invented_by_both() -> None:
    """Two first lists of tags are united: both sides only added."""
    base = edit(TASK, ("tags: [email, ada]\n", ""))
    ours = edit(base, ("due:", "tags: [one, two]\ndue:"))
    theirs = edit(base, ("due:", "tags: [two, three]\ndue:"))
    assert meta(merge(base, ours, theirs))["tags"] == ["two", "three", "one"]


def test_new_quotes_are_no_change_of_a_value() -> None:
    """An editor that only writes a value differently does not contradict a new value."""
    ours = edit(TASK, ('"Reply to Ada"', "Reply to Ada"), ("[email, ada]", '["email", "ada"]'))
    theirs = edit(TASK, ('"Reply to Ada"', "Reply to Bob"), ("[email, ada]", "[email]"))
    assert merge(TASK, ours, theirs) == theirs
    assert merge(TASK, theirs, ours) == theirs


def test_tags_united_below_a_comment() -> None:
    """A comment line above a list stays, and the list is still united."""
    base = edit(TASK, ("tags:", "# topics\ntags:"))
    ours, theirs = (edit(base, ("ada]", f"ada, {tag}]")) for tag in ("ours", "theirs"))
    assert merge(base, ours, theirs) == edit(base, ("ada]", "ada, theirs, ours]"))


def test_tags_added_by_both_below_comments() -> None:
    """Comments among the items stay where they are; only the new items are put in."""
    base = edit(TASK, ("[email, ada]", "# topics\n  - email\n  # the person\n  - 'ada'  # hers"))
    ours, theirs = (edit(base, ("# hers", f"# hers\n  - {tag}")) for tag in ("ours", "theirs"))
    assert merge(base, ours, theirs) == edit(base, ("# hers", "# hers\n  - theirs\n  - ours"))


def test_too_many_lists_conflict() -> None:
    """A note made of lists that both sides changed is not worth the work of uniting them."""
    base, ours, theirs = (
        "---\n" + "".join(f"list{at}: [{items}]\n" for at in range(MOST_UNIONS + 1)) + "---\n"
        for items in ("a", "a, ours", "a, theirs")
    )
    assert merge(base, ours, theirs) is None


def test_unlike_items_are_not_confused() -> None:
    """The number 1, the word "1" and true are three items."""
    base, ours, theirs = (f"---\nids: [{items}]\n---\n" for items in ("0", "0, 1", '0, "1", true'))
    assert str(meta(merge(base, ours, theirs))["ids"]) == "[0, '1', True, 1]"


def test_frontmatter_added_here_body_changed_there() -> None:
    """A note that gets its first frontmatter on one side keeps the words of the other."""
    base, ours, theirs = "a\nb\n", "---\nstatus: new\n---\na\nb\n", "a\nB\n"
    for merged in (merge(base, ours, theirs), merge(base, theirs, ours)):
        assert merged == "---\nstatus: new\n---\na\nB\n"


def test_first_frontmatter_on_both_sides() -> None:
    """Two first frontmatters with different keys become one."""
    merged = merge("a\n", "---\nstatus: new\n---\na\n", "---\nowner: ada\n---\na\n")
    assert meta(merged) == {"owner": "ada", "status": "new"}
    assert merged is not None
    assert merged.endswith("---\na\n")


def test_no_last_newline() -> None:
    """A note that ends without a newline still does after a merge that did not touch its end."""
    base, ours, theirs = "---\na: 1\n---\nx\ny", "---\na: 2\n---\nx\ny", "---\na: 1\n---\nX\ny"
    assert merge(base, ours, theirs) == "---\na: 2\n---\nX\ny"


@pytest.mark.parametrize("line", ["x", ""])
def test_one_line_left_says_nothing_about_line_ends(line: str) -> None:
    """A side that cut a CRLF note down to one line, or to nothing, has not given it other line ends."""
    base, theirs = "y\r\n" + line, "new\r\ny\r\n" + line
    for merged in (merge(base, line, theirs), merge(base, theirs, line)):
        assert merged == "new\r\n" + line


def test_broken_frontmatter_merges_by_lines() -> None:
    """A half-typed frontmatter does not hold up a change elsewhere in the note."""
    ours = edit(TASK, ("status: pending", "status: [pending"))
    theirs = edit(TASK, ("- [ ] send it", "- [x] send it"))
    with pytest.raises(BrokenFrontmatter):
        read_meta(ours.encode())
    both = edit(ours, ("- [ ] send it", "- [x] send it"))
    assert merge(TASK, ours, theirs) == both
    assert merge(TASK, theirs, ours) == both


def test_a_repaired_frontmatter_is_not_broken_by_merging() -> None:
    """Two repairs that fit by lines but name a key twice are a conflict."""
    base = "---\na: [1\nb: 2\nc: 3\n---\nx\n"
    ours, theirs = "---\na: 1\nkey: x\nb: 2\nc: 3\n---\nx\n", "---\na: 1\nb: 2\nc: 3\nkey: y\n---\nx\n"
    assert merge(base, ours, theirs) is None


def test_lines_that_tear_a_value_are_a_conflict() -> None:
    """A key that lines would put into the middle of a text of several lines belongs to no one's version."""
    base = "---\nt:\n- a\n\nu: 1\ns:\n- b\n---\n"
    ours = edit(base, ("- a\n", "- a\nd:\n- a\n"), ("- b\n", "- b\n# end\n"))
    theirs = edit(base, ("t:\n- a\n", "t: |\n  one\n\n  two\n"), ("s:\n- b\n", "s: |\n  three\n\n"))
    assert merge_lines(*(text.encode() for text in (base, ours, theirs))) is not None
    assert merge(base, ours, theirs) is None
    assert merge(base, theirs, ours) is None


def test_a_text_does_not_grow_by_the_blank_line_below_it() -> None:
    """A text that keeps its last blank lines says the same after the merge, whoever was published."""
    base = "---\na: 1\nb: 2\n---\n"
    ours, theirs = edit(base, ("1", "|+\n  words")), edit(base, ("b:", "\nb:"))
    for merged in (merge(base, ours, theirs), merge(base, theirs, ours)):
        assert meta(merged) == {"a": meta(ours)["a"], "b": 2}


def test_two_new_notes() -> None:
    """Without a common base only equal notes are one note."""
    assert merge_notes(None, b"a\n", b"a\n") == b"a\n"
    assert merge_notes(None, b"a\n", b"b\n") is None


@pytest.mark.parametrize("start", [b"\x00\n", b"\xff\n"], ids=["NUL", "not UTF-8"])
def test_binary_content_is_never_mixed(start: bytes) -> None:
    """Binary content is taken from the one side that changed it, else it is a conflict."""
    base, ours, theirs = start + b"a\nb\nc\n", start + b"A\nb\nc\n", start + b"a\nb\nC\n"
    assert merge_notes(base, base, theirs) == theirs
    assert merge_notes(base, ours, base) == ours
    assert merge_notes(base, ours, ours) == ours
    assert merge_notes(base, ours, theirs) is None


keys = st.sampled_from(["status", "tags", "due", "title"])
values = st.sampled_from(
    [
        *("a", '"a"', "b", "[x]", "[x, y]", "[x, z]", "", "1", "a # why", "[", "\n  - x\n  - w", "\n- x\n"),
        *("|\n  a\n\n  b", "|+\n  a", "|+\n  a\n"),
    ]
)
bodies = st.lists(st.sampled_from(["", "a", "b", "- [ ] t", "- [x] t"]), max_size=5)


@st.composite
def notes(draw: st.DrawFn) -> bytes:
    entries = draw(st.one_of(st.none(), st.dictionaries(keys, values, max_size=3)))
    head = "" if entries is None else "".join(f"{key}: {value}\n" for key, value in entries.items())
    comment = draw(st.sampled_from(["", "", "", "# c\n"]))
    fenced = "" if entries is None else f"---\n{comment}{head}---\n"
    text = fenced + "".join(line + "\n" for line in draw(bodies))
    text = text.removesuffix("\n") if draw(st.integers(0, 3)) == 0 else text
    return (text.replace("\n", "\r\n") if draw(st.integers(0, 5)) == 0 else text).encode()


def words(note: bytes) -> set[str]:
    """What the note says, whatever the punctuation of its lists."""
    text = note.decode()
    for mark in '[],":|+':
        text = text.replace(mark, " ")
    return set(text.split()) - {"-"}


@given(notes(), notes())
@settings(max_examples=300)
def test_one_changed_side_is_taken(base: bytes, side: bytes) -> None:
    """What only one side changed, or both changed equally, comes out byte for byte."""
    assert merge_notes(base, base, side) == side
    assert merge_notes(base, side, base) == side
    assert merge_notes(base, side, side) == side
    assert merge_notes(None, side, side) == side


@given(notes(), notes(), notes())
@settings(max_examples=500)
def test_who_published_does_not_decide_what_merges(base: bytes, ours: bytes, theirs: bytes) -> None:
    """With the sides swapped a merge is clean as before and says the same words."""
    one, other = merge_notes(base, ours, theirs), merge_notes(base, theirs, ours)
    assert (one is None) == (other is None)
    assert one is None or other is None or words(one) == words(other)


@given(notes(), notes(), notes())
@settings(max_examples=500)
def test_nothing_is_invented_and_nothing_added_is_lost(base: bytes, ours: bytes, theirs: bytes) -> None:
    """The words of a clean result are words of the three notes, with all that a side added."""
    merged = merge_notes(base, ours, theirs)
    if merged is not None:
        assert words(merged) <= words(base) | words(ours) | words(theirs)
        assert (words(ours) | words(theirs)) - words(base) <= words(merged)


Entries = dict[str, tuple[str, str]]
entries = st.tuples(st.sampled_from(["", "", "\n", "# above\n"]), values)


@st.composite
def edited(draw: st.DrawFn, of: Entries) -> bytes:
    """A note with the entries `of`, some of them changed, added or removed, and perhaps a last comment."""
    changed = {**of, **draw(st.dictionaries(keys, entries, max_size=2))}
    gone = draw(st.sets(keys, max_size=1))
    head = "".join(f"{above}{key}: {value}\n" for key, (above, value) in changed.items() if key not in gone)
    end = draw(st.sampled_from(["", "", "# end\n"]))
    return f"---\n{head}{end}---\n".encode()


@given(st.dictionaries(keys, entries, max_size=3).flatmap(lambda of: st.tuples(*[edited(of)] * 3)))
@settings(max_examples=600)
def test_each_key_has_the_value_that_its_three_come_to(three: tuple[bytes, bytes, bytes]) -> None:
    """That of the side that changed it; of two changes the same, or all items that both sides added."""
    merged = merge_notes(*three)
    try:
        was, mine, yours = map(read_meta, three)
    except BrokenFrontmatter:
        return
    now = read_meta(merged) if merged is not None else {}
    for key in [*was, *mine, *yours, *now] if merged is not None else []:
        old, one, other, new = (repr(values.get(key, ...)) for values in (was, mine, yours, now))
        if old in (one, other) or one == other:
            assert new == (other if old == one else one)
        else:
            items = {repr(item) for values in (mine, yours) for item in _list(values[key])}
            assert {repr(item) for item in _list(now[key])} == items


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
