"""Files that Obsidian reads as a whole: a merge by lines never breaks what both sides could open."""

from __future__ import annotations

import json

import pytest

from vaultkit.core.merging.file_merge import merge_files

NODE = '\t\t{{"id":"{0}","type":"text","text":"{0}"}}'


def canvas(*names: str) -> bytes:
    """As Obsidian writes it: a node a line, a comma after each but the last."""
    return ('{\n\t"nodes":[\n' + ",\n".join(NODE.format(name) for name in names) + "\n\t]\n}\n").encode()


BASE = b'filters:\n  and:\n    - file.inFolder("A")\nviews:\n  - type: table\n    name: One\n'


def test_a_canvas_to_which_both_add_can_still_be_opened() -> None:
    """Both put a node at the end: whatever comes of it is JSON, or is set aside; never broken."""
    merged = merge_files("a.canvas", canvas("a"), canvas("a", "b"), canvas("a", "c"))
    assert merged is None or {node["id"] for node in json.loads(merged)["nodes"]} == {"a", "b", "c"}


def test_changes_in_two_places_of_a_canvas_merge() -> None:
    """One side moves the first node, the other rewords the last."""
    base, ours = canvas("a", "b", "c", "d", "e"), canvas("x", "b", "c", "d", "e")
    merged = merge_files("a.canvas", base, ours, canvas("a", "b", "c", "d", "y"))
    assert merged == canvas("x", "b", "c", "d", "y")


@pytest.mark.parametrize("name", ["a.canvas", "A.CANVAS"])
def test_a_merge_that_is_no_json_is_a_conflict(name: str) -> None:
    """Both add an entry of one name, at the top and at the end: one of the two would be lost."""
    broken = b'{\n"a":1,\n"b":2,\n"c":3,\n"d":4\n}\n'
    merged = merge_files(
        name, broken, broken.replace(b"{\n", b'{\n"x":1,\n'), broken.replace(b"4\n", b'4,\n"x":2\n')
    )
    assert merged is None


def test_the_same_text_merges_in_a_note() -> None:
    """Only what is read as a whole is judged so."""
    broken = b'{\n"a":1,\n"b":2,\n"c":3,\n"d":4\n}\n'
    ours, theirs = broken.replace(b"{\n", b'{\n"x":1,\n'), broken.replace(b"4\n", b'4,\n"x":2\n')
    assert merge_files("a.md", broken, ours, theirs) == ours.replace(b"4\n", b'4,\n"x":2\n')


def test_a_base_that_would_have_one_key_twice_is_a_conflict() -> None:
    """Both add a section of one name, at the top and at the end."""
    ours, theirs = b"formulas:\n  a: 1\n" + BASE, BASE + b"formulas:\n  b: 2\n"
    assert merge_files("a.base", BASE, ours, theirs) is None
    assert merge_files("a.txt", BASE, ours, theirs) == ours + b"formulas:\n  b: 2\n"


def test_what_was_broken_before_merges_as_text() -> None:
    """A canvas that nobody could open is a text like any other."""
    base = b"{\n1\n2\n3\n4\n"
    assert merge_files("a.canvas", base, b"0" + base, base + b"5\n") == b"0" + base + b"5\n"


def test_depth_is_no_matter() -> None:
    """A canvas of a hundred thousand brackets is only not JSON."""
    base = b"[" * 100_000 + b"\n1,\n2,\n3,\n4\n"
    ours, theirs = base.replace(b"1,", b"0,\n1,"), base + b"5\n"
    assert merge_files("a.canvas", base, ours, theirs) == ours + b"5\n"
