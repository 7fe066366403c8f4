"""The editor and the tricky forms one by one: each is edited with care, or refused with its reason."""

from __future__ import annotations

import pytest
import yaml

from vaultkit.core.text.note import BrokenFrontmatter, Value, read_meta, remove_values, set_values


def note(block: str) -> bytes:
    return f"---\n{block}---\nbody".encode()


EDITED = {
    "an item more in a block list": (
        "tags: # all: topics\n  - 'a' # why\n  # about b\n  - b\n",
        {"tags": ["a", "b", "c d"]},
        "tags: # all: topics\n  - 'a' # why\n  # about b\n  - b\n  - c d\n",
    ),
    "an item less, with the comment above it": (
        "tags:\n- 'a' # why\n# about b\n- b\n- c\nx: 1\n",
        {"tags": ["a", "c"]},
        "tags:\n- 'a' # why\n- c\nx: 1\n",
    ),
    "items in another order": (
        "tags:\n  - 'a' # why\n  - \"b\"\n",
        {"tags": ["b", "new", "a"]},
        "tags:\n  - \"b\"\n  - new\n  - 'a' # why\n",
    ),
    "an item more in a flow list over lines": (
        "tags: ['a', # why\n  \"b\", ]\n",
        {"tags": ["a", "b", "no"]},
        'tags: [\'a\', # why\n  "b", "no", ]\n',
    ),
    "an item less in a flow list": (
        "tags: [ 'a', \"b\", c]  # c\n",
        {"tags": ["b", "x"]},
        'tags: ["b", x]  # c\n',
    ),
    "a block list that becomes one word, its comment behind the key": (
        "tags: # topics\n- a\nx: 1\n",
        {"tags": "none"},
        "tags: # topics\n  none\nx: 1\n",
    ),
    "blank lines below a block scalar": ("x: |\n  a\n\n\ny: 1\n", {"x": "b"}, "x: b\n\n\ny: 1\n"),
    "blank lines of a block scalar that keeps them": ("x: |+\n  a\n\ny: 1\n", {"x": "b"}, "x: b\ny: 1\n"),
    "keys that are indented": ("  a: 1\n  b: 2\n", {"c": 3}, "  a: 1\n  b: 2\n  c: 3\n"),
    "a key with a question mark": ("? a\n: 1\nb: 2\n", {"a": 3}, "? a\n: 3\nb: 2\n"),
    "a document end that nothing follows": ("a: 1\n...\n", {"a": 2}, "a: 2\n...\n"),
    "an empty value before a comment": ("a: # todo\nb:\n", {"a": 1, "b": 2}, "a: 1 # todo\nb: 2\n"),
    "a nested mapping": ("a:\n  b: 1\n\n# c\nd: 2\n", {"a": {"b": 2}}, 'a: {"b": 2}\n\n# c\nd: 2\n'),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("before", "values", "after"), EDITED.values(), ids=EDITED)
def test_tricky_forms_are_edited_where_the_value_is(
    before: str, values: dict[str, Value], after: str, newline: str
) -> None:
    """Lists keep style, quotes and comments of the items that stay; blank lines and comments stay."""
    data, expected = (note(text).replace(b"\n", newline.encode()) for text in (before, after))
    assert set_values(data, values) == expected
    assert set_values(expected, values) == expected


REFUSED = {
    "a comment within a mapping": ("a:\n  b: 1 # why\n", {"a": 1}, "a comment inside"),
    "a comment within a list that goes": (
        "a:\n  # why\n  - x\n  # and\n  - y\n",
        {"a": None},
        "a comment inside",
    ),
    "a comment behind a |": ("a: | # words\n  x\n", {"a": "y"}, "a comment inside"),
    "a comment within a flow list": ("a: [x, # why\n  y]\n", {"a": ["y"]}, "a comment inside"),
    "a new key behind a document end": ("a: 1\n...\n", {"b": 1}, "break the frontmatter"),
    "half a character": ("a: 1\n", {"a": "\ud800"}, "half a character"),
    "a key too long for YAML": ("a: 1\n", {"k" * 2000: 1}, "break the frontmatter"),
    "a number with too many digits": ("a: 1\n", {"a": 10**50}, "change something else"),
    "all in one {...}": ("{a: 1}\n", {"a": 2}, "as one"),
}


@pytest.mark.parametrize(("before", "values", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_would_lose_words_is_refused_with_the_reason(
    before: str, values: dict[str, Value], reason: str
) -> None:
    """A comment inside of a value that goes, or a value that YAML cannot hold: told, and nothing changed."""
    with pytest.raises(BrokenFrontmatter, match=reason):
        set_values(note(before), values)


def test_a_removed_key_leaves_the_comments_above_it() -> None:
    """A stamp that goes takes no words of the person with it; without the key nothing changes at all."""
    data = note("# my notes\n\n# first\nstatus: x # gone\ntags: [a]\n# end\n")
    assert remove_values(data, ["status", "absent"]) == note("# my notes\n\n# first\ntags: [a]\n# end\n")
    for untouched in (b"plain text", b"", data):
        assert remove_values(untouched, ["absent"]) == untouched


@pytest.mark.parametrize("escape", ["\\UFFFFFFFF", "\\U00110000", "\\ud800", "\\udfff\\ud800"])
def test_escapes_of_no_character_are_refused(escape: str) -> None:
    """Whatever somebody writes, reading it ends in a reason, never in another error; also for a key."""
    for block in (f'a: "{escape}"\n', f'"{escape}": 1\n'):
        with pytest.raises(BrokenFrontmatter, match="an escape names"):
            read_meta(note(block))


def test_escapes_as_json_has_them_are_one_character() -> None:
    """Programs that write JSON into frontmatter write an emoji as two escapes."""
    assert read_meta(note('a: "\\ud83d\\ude00"\n')) == {"a": "😀"}


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_a_line_ends_only_where_yaml_1_2_has_it(mark: str) -> None:
    """What only an old reader takes for a line end cannot smuggle in a key that nobody sees."""
    assert read_meta(note(f"a: x{mark}y\n# c{mark}status: approved\n")) == {"a": f"x{mark}y"}


@pytest.mark.parametrize("value", [1e16, 1e-7, 1.5e300, 0.1, float("inf"), float("-inf")])
def test_numbers_are_numbers_for_old_readers_too(value: float) -> None:
    """YAML 1.1 takes an exponent without a point for text, so a point is written."""
    data = set_values(note(""), {"a": value})
    assert repr(read_meta(data)["a"]) == repr(yaml.safe_load(data[4:-8])["a"]) == repr(value)


@pytest.mark.parametrize(
    "text", ["2026-13-45", "2026-02-30", "2026-11-23T25:00:00", "2026-11-23T10:00:00+99:00"]
)
def test_what_only_looks_like_a_date_is_quoted(text: str) -> None:
    """An old reader would refuse the whole frontmatter for a date that is none."""
    data = set_values(note(""), {"a": text})
    assert read_meta(data) == yaml.safe_load(data[4:-8]) == {"a": text}


def test_a_date_as_a_key_is_text_for_old_readers() -> None:
    """Keys are quoted where an old reader would have a date, a number or a yes."""
    data = set_values(note(""), {"2026-11-23": 1, "12": 2, "yes": 3})
    assert yaml.safe_load(data[4:-8]) == {"2026-11-23": 1, "12": 2, "yes": 3}
