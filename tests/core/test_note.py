"""The note editor: only the bytes of what is edited change, or the edit is refused."""

from __future__ import annotations

import random

import pytest
import yaml

from vaultkit.core.text.note import (
    BrokenFrontmatter,
    Note,
    Value,
    body,
    entries,
    read_meta,
    remove_values,
    set_values,
    splice,
    with_body,
)

NOTE = b"""---
# kept by the person
title: "Reply: to Ada"   # a comment
status:   pending
tags:
  - mail
  - 'ada'
due: 2026-11-23
time: 12:30
answer: no
text: |
  first
  second
---
Body with --- inside.

---
The end"""


def test_values_are_read_as_yaml_1_2_has_them() -> None:
    """Times, dates and `no` are text, as Obsidian shows them."""
    assert read_meta(NOTE) == {
        "title": "Reply: to Ada",
        "status": "pending",
        "tags": ["mail", "ada"],
        "due": "2026-11-23",
        "time": "12:30",
        "answer": "no",
        "text": "first\nsecond\n",
    }


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        (b"status:   pending", {"status": "done"}, b"status:   done"),
        (b'"Reply: to Ada"   # a comment', {"title": "Other"}, b"Other   # a comment"),
        (b"tags:\n  - mail\n  - 'ada'\n", {"tags": ["x", "no"]}, b'tags:\n  - x\n  - "no"\n'),
        (b"  - mail\n  - 'ada'\n", {"tags": ["mail", "ada", "new"]}, b"  - mail\n  - 'ada'\n  - new\n"),
        (b"tags:\n  - mail\n  - 'ada'\n", {"tags": []}, b"tags: []\n"),
        (b"text: |\n  first\n  second\n", {"text": "one"}, b"text: one\n"),
        (b"time: 12:30", {"time": "12:45"}, b'time: "12:45"'),
        (b"  second\n---\n", {"owner": "local_agent"}, b"  second\nowner: local_agent\n---\n"),
    ],
)
def test_setting_a_value_changes_only_its_bytes(
    before: bytes, values: dict[str, Value], after: bytes
) -> None:
    """Comments, spaces, order and the body stay byte for byte."""
    assert before in NOTE
    assert set_values(NOTE, values) == NOTE.replace(before, after)


@pytest.mark.parametrize(
    ("data", "after"),
    [
        (b"just text", b"---\nstatus: done\n---\njust text"),
        (b"", b"---\nstatus: done\n---\n"),
        (b"---\n---\nx", b"---\nstatus: done\n---\nx"),
        (b"\xef\xbb\xbf# BOM", b"\xef\xbb\xbf---\nstatus: done\n---\n# BOM"),
        (b"one\r\ntwo\r\n", b"---\r\nstatus: done\r\n---\r\none\r\ntwo\r\n"),
        (b"---\r\na: 1\r\n---\r\nx", b"---\r\na: 1\r\nstatus: done\r\n---\r\nx"),
        (b"---\nstatus:\n---\n", b"---\nstatus: done\n---\n"),
        (b"\xff\xfe not text", b"---\nstatus: done\n---\n\xff\xfe not text"),
        (b"----\nno frontmatter", b"---\nstatus: done\n---\n----\nno frontmatter"),
    ],
)
def test_every_form_of_note_can_be_stamped(data: bytes, after: bytes) -> None:
    """A note without frontmatter gets one; its own bytes follow unchanged."""
    assert set_values(data, {"status": "done"}) == after
    assert set_values(after, {"status": "done"}) == after


@pytest.mark.parametrize(
    "block",
    [
        b"a: [unclosed",
        b"a: 1\na: 2",
        b"- a list",
        b"just words",
        b"a: &x 1\nb: *x",
        b"<<: {a: 1}",
        b"a: !!python/object:os.system x",
        b"\ta: 1",
        b"a: \xff",
        b"a: " + b"[" * 5000,
        b"a: x" * 20_000,
        b"? [complex]\n: 1",
    ],
)
def test_frontmatter_that_is_not_plain_is_refused_with_a_reason(block: bytes) -> None:
    """Broken, aliased, tagged, duplicate, too deep or too large: nothing is guessed and nothing rewritten."""
    data = b"---\n" + block + b"\n---\nbody\n"
    for act in (read_meta, lambda d: set_values(d, {"status": "x"}), entries):
        with pytest.raises(BrokenFrontmatter) as caught:
            act(data)
        assert caught.value.reason
    assert body(data) == data


def test_an_unclosed_block_is_broken() -> None:
    """A first line `---` without its end is told, not taken for text."""
    with pytest.raises(BrokenFrontmatter, match="no closing"):
        read_meta(b"---\nstatus: x\n")


def test_removing_and_splicing_entries() -> None:
    """Whole entries go and come with their comments; the others keep their bytes."""
    gone = remove_values(NOTE, ["tags", "text"])
    assert gone == NOTE.replace(b"tags:\n  - mail\n  - 'ada'\n", b"").replace(
        b"text: |\n  first\n  second\n", b""
    )
    raw = entries(NOTE)["tags"]
    assert splice(gone, {"tags": raw}) == gone.replace(b"answer: no\n", b"answer: no\n" + raw)
    assert b"# kept by the person" in entries(NOTE)["title"]


def test_the_body_can_be_replaced_alone() -> None:
    """Another body leaves the frontmatter as it is."""
    assert with_body(NOTE, b"new").endswith(b"  second\n---\nnew")
    assert body(NOTE).startswith(b"Body with")
    assert body(b"no frontmatter") == b"no frontmatter"


EDITS = 500
TEXTS = [
    "",
    "no",
    "12:30",
    "1_000",
    "0x10",
    "~",
    "a: b",
    "# x",
    "- x",
    "'",
    '"',
    "line\nbreak",
    "é…",
    "\u2028",
    "<<",
    "=",
    "1e3",
    "2026-11-23",
    "null",
    " x ",
    "@x",
    "%x",
    "`x",
    "!x",
    "&x",
    "*x",
    "x\ty",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_means_the_same_to_old_and_new_readers(text: str) -> None:
    """A text stays that text for a YAML 1.1 reader too; only dates are left plain for Obsidian."""
    data = set_values(b"---\nb: 1\n---\n", {"a": text})
    assert read_meta(data) == {"b": 1, "a": text}
    old = yaml.safe_load(data.split(b"---")[1])["a"]
    assert str(old) == text


@pytest.mark.unmeasured
def test_edits_one_after_the_other_damage_nothing() -> None:
    """After each of many edits the other entries and the body are byte for byte what they were."""
    chance = random.Random(3)
    keys = ["status", "owner", "tags", "title", "n", "text"]
    values: list[Value] = ["done", "in progress", "a: b # c", 7, True, None, ["x", "no"], "two\nlines", 1.5]
    starts = [
        NOTE,
        b"plain\n",
        b"\xef\xbb\xbf---\r\nstatus: x\r\n# c\r\n---\r\nb",
        b"---\n{}\n---\n",
        b"---\n# only\n---\nz",
    ]
    edits = 0
    while edits < EDITS:
        data = chance.choice(starts)
        for _ in range(20):
            key, value = chance.choice(keys), chance.choice(values)
            try:
                after = set_values(data, {key: value})
            except BrokenFrontmatter:
                edits += 1
                break
            old, new = entries(data), entries(after)
            assert read_meta(after) == {**read_meta(data), key: value}
            assert {k: v for k, v in new.items() if k != key} == {k: v for k, v in old.items() if k != key}
            assert body(after) == body(data)
            data, edits = after, edits + 1


def test_a_note_reads_synonyms_and_becomes_a_post() -> None:
    """The words this community uses are understood, and python-frontmatter gets the note as it is."""
    note = Note("a.md", b"---\naction_type: send_email\ndeadline: 2026-11-23\n---\nHello\n")
    assert note.get("action") == "send_email"
    assert note.get("expires") == "2026-11-23"
    assert note.get("nothing", 5) == 5
    assert note.with_meta(status="x").meta["status"] == "x"
    post = note.to_post()
    assert (post["action_type"], post.content) == ("send_email", "Hello\n")
