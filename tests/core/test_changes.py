"""Moves, inferred from what disappeared and what appeared; and trees compared and edited."""

from __future__ import annotations

import pytest

from tests.trees import History
from vaultkit.core.git.changes import (
    MOST_TAKEN_OVER,
    follow_moves,
    infer_moves,
    infer_successions,
    without_moves,
)
from vaultkit.core.git.tree import Change, Changes, Oid, changes_between, find, find_file, walk, with_edits
from vaultkit.memory.objects import MemoryObjects

LONG = "".join(f"line {n}\n" for n in range(20))


@pytest.mark.parametrize(
    ("gone", "came", "moves"),
    [
        ({"A/x.md": "x"}, {"B/x.md": "x"}, {("A/x.md", "B/x.md")}),
        ({"A/x.md": "x"}, {"B/x.md": "edited on the way"}, {("A/x.md", "B/x.md")}),
        ({"A/x.md": "same words"}, {"A/y.md": "same words"}, {("A/x.md", "A/y.md")}),
        ({"A/x.md": LONG}, {"A/y.md": LONG + "more\n"}, {("A/x.md", "A/y.md")}),
        ({"A/x.md": "one"}, {"A/y.md": "two"}, set()),
        ({"A/x.md": "1", "C/x.md": "2"}, {"B/x.md": "2"}, {("C/x.md", "B/x.md")}),
        (
            {"A/x.md": "1", "A/y.md": "2"},
            {"B/x.md": "1", "B/y.md": "2"},
            {("A/x.md", "B/x.md"), ("A/y.md", "B/y.md")},
        ),
        ({"A/x.md": "x"}, {"Conflicts/x.md": "x"}, set()),
        ({}, {"B/x.md": "x"}, set()),
        ({"A/x.md": f"---\nid: 1\n---\n{LONG}"}, {"A/y.md": f"---\nid: 2\n---\n{LONG}"}, set()),
        (
            {"A/x.md": f"---\nid: 1\n---\n{LONG}"},
            {"A/y.md": f"---\nid: 1\n---\n{LONG}more\n"},
            {("A/x.md", "A/y.md")},
        ),
        ({"A/x.md": "---\nid: 1\n---\nold\n"}, {"B/y.md": "---\nid: 1\n---\nnew\n"}, {("A/x.md", "B/y.md")}),
        (
            {"A/x.md": "---\nid: 1\n---\nold\n", "A/z.md": "---\nid: 1\n---\nelse\n"},
            {"B/y.md": "---\nid: 1\n---\nnew\n"},
            set(),
        ),
        ({"A/x.md": "---\nid: 1\n---\nold\n"}, {"B/x.md": "---\nid: 2\n---\nnew\n"}, set()),
        (
            {"A/x.md": "---\nid: 1\n---\nold\n", "A/y.md": "---\nid: 2\n---\nold\n"},
            {"B/x.md": "---\nid: 2\n---\nnew\n"},
            {("A/y.md", "B/x.md")},
        ),
        (
            {"A/x.md": "---\nid: 1\n---\nold\n"},
            {"A/X.md": "---\nid: 1\n---\nold\n", "B/x.md": "just a note\n"},
            {("A/x.md", "A/X.md")},
        ),
        ({"A/x.md": LONG}, {"A/y.md": LONG + "more\n", "A/z.md": LONG + "else\n"}, set()),
        ({"A/x.md": LONG + "1\n", "A/y.md": LONG + "2\n"}, {"A/z.md": LONG + "3\n"}, set()),
        ({"A/x.md": "---\n\n---\n\n\n\none\n"}, {"A/y.md": "---\n\n---\n\n\n\ntwo\n"}, set()),
    ],
)
def test_moves(gone: dict[str, str], came: dict[str, str], moves: set[tuple[str, str]]) -> None:
    """The same name (unless their `id`s differ), content or `id`, else similar content; if unambiguous."""
    objects = MemoryObjects()
    changes: Changes = {path: Change(objects.put_blob(text.encode()), None) for path, text in gone.items()}
    changes |= {path: Change(None, objects.put_blob(text.encode())) for path, text in came.items()}
    assert {(move.src, move.dst) for move in infer_moves(changes, objects.blob)} == moves


def named(number: int) -> str:
    return f"---\nid: {number}\n---\nnote {number}\n"


@pytest.mark.parametrize(
    ("before", "after", "moves", "left"),
    [
        ({"a": 1, "b": 2}, {"b": 1, "c": 2}, {"a": "b", "b": "c"}, {}),
        ({"a": 1, "b": 2}, {"b": 1}, {"a": "b"}, {"b": (2, None)}),
        ({"a": 1}, {"a": 2, "b": 1}, {"a": "b"}, {"a": (None, 2)}),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": "b", "b": "a"}, {}),
        ({"a": 1, "b": 2}, {"a": 3, "b": 2}, {}, {"a": (1, 3)}),
    ],
)
def test_a_place_that_another_note_took_over_is_an_end_of_two_moves(
    before: dict[str, int],
    after: dict[str, int],
    moves: dict[str, str],
    left: dict[str, tuple[int | None, int | None]],
) -> None:
    """Each note is followed by its `id`; a new `id` alone is an edit (seed 1154)."""
    objects = MemoryObjects()
    oids = {number: objects.put_blob(named(number).encode()) for number in (1, 2, 3)}
    trees = [
        with_edits(objects, None, {path: oids[n] for path, n in side.items()}) for side in (before, after)
    ]
    changes = changes_between(objects, *trees)
    found = infer_successions(changes, objects.blob)
    assert {move.src: move.dst for move in found} == moves
    expected = {path: tuple(oids[n] if n else None for n in pair) for path, pair in left.items()}
    assert without_moves(changes, found) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_notes_are_told_by_their_frontmatter_however_its_lines_end(end: str) -> None:
    """Also where nothing stands below it."""
    objects = MemoryObjects()
    one, two = (objects.put_blob(f"---\nid: {n}\n---".replace("\n", end).encode()) for n in (1, 2))
    found = infer_successions({"a": Change(one, two), "b": Change(two, None)}, objects.blob)
    assert [(move.src, move.dst) for move in found] == [("b", "a")]


def test_what_a_hostile_side_sends_is_told_apart_only_so_far() -> None:
    """Forty notes with much frontmatter are edits: reading them all would take seconds at every merge."""
    objects = MemoryObjects()

    def note(number: int) -> Oid:
        return objects.put_blob(f"---\nid: {number}\nx: {'y' * 50_000}\n---\n".encode())

    changes = {f"{n}": Change(note(n), note(n + 1)) for n in range(40)}
    assert len(infer_successions(changes, objects.blob)) == 1


@pytest.mark.parametrize(("edited", "found"), [(MOST_TAKEN_OVER, [("a", "b")]), (MOST_TAKEN_OVER + 1, [])])
def test_of_very_many_edited_notes_none_is_looked_at(edited: int, found: list[tuple[str, str]]) -> None:
    """Up to so many, a note that came to where another one was is known; of more, all are edits."""
    objects = MemoryObjects()
    one, two, old, new = (objects.put_blob(data) for data in (b"1\n", b"---\nid: 2\n---\n", b"3\n", b"4\n"))
    changes = {f"{n}": Change(old, new) for n in range(edited - 1)}
    changes |= {"a": Change(one, two), "b": Change(None, one)}
    assert [(move.src, move.dst) for move in infer_successions(changes, objects.blob)] == found


def test_moves_are_followed_from_commit_to_commit() -> None:
    """Of a note moved twice only the last place counts; what is new at a path is another note."""
    blobs = {f"{n}": f"{n} and words of its own\n".encode() for n in range(9)}

    def came(path: str, text: str) -> Changes:
        return {path: Change(None, text)}  # type: ignore[arg-type]

    def gone(path: str, text: str) -> Changes:
        return {path: Change(text, None)}  # type: ignore[arg-type]

    commits = [
        gone("A/x.md", "1") | came("B/x.md", "1"),
        gone("B/x.md", "1") | came("C/x.md", "1") | came("A/x.md", "2"),
        gone("A/x.md", "2") | came("D/x.md", "2"),
        gone("A/z.md", "3") | came("E/z.md", "3"),
        gone("E/z.md", "3"),
        gone("A/w.md", "4") | came("B/w.md", "4"),
        gone("B/w.md", "4") | came("A/w.md", "4"),
    ]
    assert follow_moves(commits, lambda oid: blobs[oid]) == {"A/x.md": "C/x.md"}


def test_comparing_opens_only_folders_that_differ() -> None:
    """The cost follows the change: equal folders are not looked into."""
    history = History({f"F{n}/x.md": "x" for n in range(50)})
    old = history.objects.commit(history.root).tree
    new = with_edits(history.objects, old, {"F7/x.md": history.oid("changed")})
    opened = []
    real = history.objects.folder
    history.objects.folder = lambda oid: opened.append(oid) or real(oid)  # type: ignore[func-returns-value, method-assign]
    assert list(changes_between(history.objects, old, new)) == ["F7/x.md"]
    assert len(opened) == 4
    opened.clear()
    assert changes_between(history.objects, new, new) == {}
    assert opened == []


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ({"a.md": "1"}, {"b/c.md": "2"}, {"a.md": "1", "b/c.md": "2"}),
        ({"a/b/c.md": "1", "x.md": "2"}, {"a/b/c.md": None}, {"x.md": "2"}),
        ({"a.md": "1"}, {"a.md": None}, {}),
        ({"a": "1"}, {"a/b.md": "2"}, {"a/b.md": "2"}),
        ({"a/b.md": "1"}, {"a": "2"}, {"a": "2"}),
        ({"a": "1"}, {"a/b.md": None}, {"a": "1"}),
        ({"a.md": "1"}, {"none/deep.md": None}, {"a.md": "1"}),
    ],
)
def test_editing_a_tree(before: dict[str, str], edits: dict[str, str | None], after: dict[str, str]) -> None:
    """Edits land, empty folders vanish, and files and folders replace each other."""
    objects = MemoryObjects()

    def tree(notes: dict[str, str]) -> str:
        return with_edits(objects, None, {p: objects.put_blob(t.encode()) for p, t in notes.items()})

    wanted = {path: objects.put_blob(t.encode()) if t is not None else None for path, t in edits.items()}
    result = with_edits(objects, tree(before), wanted)  # type: ignore[arg-type]
    assert result == tree(after)
    assert {path: objects.blob(entry.oid).decode() for path, entry in walk(objects, result)} == after


def test_finding_reads_only_the_way() -> None:
    """A path leads to its entry; through a file or past the end there is nothing."""
    history = History({"a/b.md": "x"})
    tree = history.objects.commit(history.root).tree
    assert find_file(history.objects, tree, "a/b.md") == history.oid("x")
    assert find_file(history.objects, tree, "a") is None
    assert find(history.objects, tree, "a/b.md/c") is None
    assert find(history.objects, None, "a") is None
