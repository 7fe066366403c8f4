"""Reading a tree from elsewhere: bounded whatever it holds, and one bad entry keeps no honest one out."""

from __future__ import annotations

import pytest

from vaultkit.core.git.tree import FILE, FOLDER, Change, Entry, Oid, with_edits
from vaultkit.core.history.arrival import Arrival, entry_at, read_arrival
from vaultkit.memory.objects import MemoryObjects

NOWHERE = Oid("7" * 40)


class Trees:
    def __init__(self) -> None:
        self.objects = MemoryObjects()
        self.note = self.objects.put_blob(b"words\n")
        self.other = self.objects.put_blob(b"other words\n")

    def folder(self, **entries: Entry) -> Oid:
        return self.objects.put_folder({name.replace("__", "."): entry for name, entry in entries.items()})

    def read(self, before: Oid | None, after: Oid, most: int = 1000) -> Arrival:
        return read_arrival(self.objects, before, after, most)


@pytest.fixture
def trees() -> Trees:
    return Trees()


def file(oid: Oid, mode: int = FILE) -> Entry:
    return Entry(mode, oid)


def rules(found: Arrival) -> dict[str, str]:
    return {path: refusal.rule for path, refusal in found.refused.items()}


def test_changes_are_what_differs(trees: Trees) -> None:
    """Added, changed and removed notes at any depth, and nothing of equal folders."""
    before = with_edits(
        trees.objects, None, {"A/a.md": trees.note, "A/B/b.md": trees.note, "c.md": trees.note}
    )
    after = with_edits(trees.objects, before, {"A/a.md": trees.other, "A/B/b.md": None, "D/d.md": trees.note})
    assert trees.read(before, after).changes == {
        "A/a.md": Change(trees.note, trees.other),
        "A/B/b.md": Change(trees.note, None),
        "D/d.md": Change(None, trees.note),
    }


@pytest.mark.parametrize("mode", [0o120000, 0o160000, 0o100755, 0o100664, 0o100600, 0o040755, 0])
def test_what_is_no_ordinary_file_is_refused_by_name(trees: Trees, mode: int) -> None:
    """A link, a submodule, a program, or a mode nobody knows: just that entry is refused."""
    after = trees.folder(a__md=file(trees.note), odd__md=file(trees.note, mode))
    found = trees.read(None, after)
    assert list(found.changes) == ["a.md"]
    assert rules(found) == {"odd.md": "mode"}


@pytest.mark.parametrize("mode", [0o100755, 0o100664])
def test_a_mark_on_a_note_that_stays_is_nothing(trees: Trees, mode: int) -> None:
    """A file system that marks everything executable changes no note."""
    before = trees.folder(a__md=file(trees.note))
    assert trees.read(before, trees.folder(a__md=file(trees.note, mode))) == Arrival()


def test_a_note_that_becomes_a_link_stays_as_it_was(trees: Trees) -> None:
    """The same content with a link's mode is refused, not taken for a removal."""
    before = trees.folder(a__md=file(trees.note))
    found = trees.read(before, trees.folder(a__md=file(trees.note, 0o120000)))
    assert found.changes == {}
    assert found.refused["a.md"].rule == "mode"


def test_a_folder_that_cannot_be_read_is_refused_alone(trees: Trees) -> None:
    """A folder nobody has, or that is a note, is refused by name; what was there below stays."""
    there = trees.folder(x__md=file(trees.note))
    before = trees.folder(F=Entry(FOLDER, there))
    for odd in (NOWHERE, trees.note):
        after = trees.folder(F=Entry(FOLDER, odd), G=Entry(FOLDER, odd), a__md=file(trees.note))
        found = trees.read(before, after)
        assert list(found.changes) == ["a.md"]
        assert rules(found) == {
            "F": "object",
            "G": "object",
        }


def test_a_root_that_is_no_folder_changes_nothing(trees: Trees) -> None:
    """A commit whose tree is missing is refused as a whole."""
    before = trees.folder(a__md=file(trees.note))
    assert trees.read(before, NOWHERE).refused.keys() == {""}


def test_a_bomb_of_folders_is_weighed_and_not_entered(trees: Trees) -> None:
    """Thirteen folders that name 10^12 notes are refused in as many readings; the note beside them comes."""
    inner = trees.folder(**{f"n{i}__md": file(trees.note) for i in range(10)})
    for _ in range(12):
        inner = trees.folder(**{f"d{i}": Entry(FOLDER, inner) for i in range(10)})
    after = trees.folder(a__md=file(trees.note), bomb=Entry(FOLDER, inner))
    read: list[Oid] = []
    real = trees.objects.folder
    trees.objects.folder = lambda oid: read.append(oid) or real(oid)  # type: ignore[func-returns-value, method-assign]
    found = trees.read(None, after)
    assert list(found.changes) == ["a.md"]
    assert rules(found) == {"bomb": "too-many"}
    assert len(read) < 60


def test_ten_thousand_folders_in_each_other_are_refused(trees: Trees) -> None:
    """Depth costs no stack: what is nested too deeply is refused where it becomes so."""
    inner = trees.folder(x__md=file(trees.note))
    for _ in range(10_000):
        inner = trees.folder(d=Entry(FOLDER, inner))
    found = trees.read(None, trees.folder(a__md=file(trees.note), d=Entry(FOLDER, inner)))
    assert list(found.changes) == ["a.md"]
    assert len(found.refused) == 1


def test_no_more_new_notes_than_one_commit_may_bring(trees: Trees) -> None:
    """Of too many notes in one folder the first by name come, always the same; changes are not counted."""
    names = {f"n{i:03}__md": file(trees.note) for i in range(30)}
    found = trees.read(None, trees.folder(**names), most=10)
    assert list(found.changes) == [f"n{i:03}.md" for i in range(10)]
    assert {refusal.rule for refusal in found.refused.values()} == {"too-many"}
    changed = {name: file(trees.other) for name in names}
    assert len(trees.read(trees.folder(**names), trees.folder(**changed), most=10).changes) == 30


def test_several_folders_share_what_one_commit_may_bring(trees: Trees) -> None:
    """Folders that are each light enough are refused once together they are not."""
    six = trees.folder(**{f"n{i}__md": file(trees.note) for i in range(6)})
    found = trees.read(None, trees.folder(A=Entry(FOLDER, six), B=Entry(FOLDER, six)), most=10)
    assert len(found.changes) == 10


def test_a_bad_folder_name_is_refused_once(trees: Trees) -> None:
    """A folder whose name can be no folder's is refused as one, not note by note."""
    six = trees.folder(**{f"n{i}__md": file(trees.note) for i in range(6)})
    after = trees.objects.put_folder({"..": Entry(FOLDER, six), "con": Entry(FOLDER, six)})
    found = trees.read(None, after)
    assert found.changes == {}
    assert rules(found) == {"..": "name", "con": "name"}


def test_a_note_and_a_folder_can_change_places(trees: Trees) -> None:
    """A file where a folder was removes what was below, and the reverse."""
    one = with_edits(trees.objects, None, {"x": trees.note})
    other = with_edits(trees.objects, None, {"x/a.md": trees.note})
    assert trees.read(one, other).changes == {
        "x": Change(trees.note, None),
        "x/a.md": Change(None, trees.note),
    }
    assert trees.read(other, one).changes == {
        "x": Change(None, trees.note),
        "x/a.md": Change(trees.note, None),
    }


def test_looking_up_a_path_in_a_damaged_tree_finds_nothing(trees: Trees) -> None:
    """What is below something unreadable is not there."""
    after = trees.folder(F=Entry(FOLDER, NOWHERE))
    assert entry_at(trees.objects, after, "F/x.md") is None
    assert entry_at(trees.objects, NOWHERE, "a.md") is None
