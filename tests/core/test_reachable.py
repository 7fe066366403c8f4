"""What a commit needs that others do not have, in honest histories and in such as only an enemy makes."""

from __future__ import annotations

from collections import Counter

import pytest

from vaultkit.core.git.reachable import Needed, new_below, new_commits
from vaultkit.core.git.tree import FILE, FOLDER, Commit, Entry, Folder, Oid
from vaultkit.memory.objects import MemoryObjects

NOWHERE = Oid("1" * 40)


class Counting(MemoryObjects):
    """Counts how often each object is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: Counter[Oid] = Counter()

    def folder(self, oid: Oid) -> Folder:
        self.reads[oid] += 1
        return super().folder(oid)

    def commit(self, oid: Oid) -> Commit:
        self.reads[oid] += 1
        return super().commit(oid)


class Graph:
    """Commits by short names, as `name: parents`; times as given, or rising."""

    def __init__(self, text: str, times: dict[str, int] | None = None) -> None:
        self.objects = Counting()
        self.oids: dict[str, Oid] = {}
        tree = self.objects.put_folder({})
        for number, line in enumerate(text.split(";")):
            name, _, parents = line.strip().partition(":")
            time = (times or {}).get(name, 1_700_000_000 + number)
            commit = Commit(tree, tuple(self.oids[p] for p in parents.split()), "a <a@b>", time, name)
            self.oids[name] = self.objects.put_commit(commit)

    def new(self, head: str, known: str, boundary: str = "") -> str:
        oids = new_commits(
            self.objects,
            self.oids[head],
            [self.oids[name] for name in known.split()],
            [self.oids[name] for name in boundary.split()],
        )
        names = {oid: name for name, oid in self.oids.items()}
        return " ".join(names[oid] for oid in oids)


LINE = "a:; b: a; c: b; d: c"
DIAMOND = "a:; b: a; c: a; d: b c; e: d"
TWO_ROOTS = "a:; b: a; x:; y: x; m: b y"


@pytest.mark.parametrize(
    ("graph", "head", "known", "expected"),
    [
        (LINE, "d", "", "a b c d"),
        (LINE, "d", "b", "c d"),
        (LINE, "d", "d", ""),
        (LINE, "d", "a c", "d"),
        (LINE, "b", "d", ""),
        (DIAMOND, "e", "b", "c d e"),
        (DIAMOND, "e", "c", "b d e"),
        (DIAMOND, "e", "d", "e"),
        (DIAMOND, "b", "c", "b"),
        (DIAMOND, "a", "e", ""),
        (TWO_ROOTS, "m", "b", "x y m"),
        (TWO_ROOTS, "y", "b", "x y"),
    ],
)
def test_new_commits(graph: str, head: str, known: str, expected: str) -> None:
    """All that is below the head and not below what is known, each commit after its parents."""
    found = Graph(graph).new(head, known)
    assert sorted(found.split()) == sorted(expected.split())
    parents = {part.split(":")[0].strip(): part.split(":")[1].split() for part in graph.split(";")}
    for place, name in enumerate(found.split()):
        assert not set(parents[name]) & set(found.split()[place:])


def test_a_wrong_clock_only_makes_it_look_further() -> None:
    """Whatever times commits claim, all that is new is found and nothing known is missing from it."""
    for times in ({"d": 0, "e": 0}, {"b": 0}, {"a": 2**33}, {"c": 2**33, "e": 1}):
        found = set(Graph(DIAMOND, times).new("e", "b").split())
        assert {"c", "d", "e"} <= found


def test_a_long_history_is_not_walked_for_one_commit() -> None:
    """The cost follows what is new: of ten thousand known commits a few are looked at."""
    graph = Graph("; ".join(f"c{n}: c{n - 1}" if n else "c0:" for n in range(10_000)))
    assert graph.new("c9999", "c9997") == "c9998 c9999"
    assert sum(graph.objects.reads.values()) < 5
    side = Graph(
        "; ".join(f"c{n}: c{n - 1}" if n else "c0:" for n in range(10_000)) + "; s: c9990; m: c9999 s"
    )
    assert side.new("m", "c9999").split() == ["s", "m"]
    assert sum(side.objects.reads.values()) < 30


def test_what_lies_beyond_a_boundary_is_not_looked_for() -> None:
    """A repository without its past has commits whose parents are nowhere."""
    objects = MemoryObjects()
    first = objects.put_commit(Commit(objects.put_folder({}), (NOWHERE,), "a <a@b>", 1, "first"))
    second = objects.put_commit(Commit(objects.put_folder({}), (first,), "a <a@b>", 2, "second"))
    assert new_commits(objects, second, [], [first]) == [first, second]
    with pytest.raises(KeyError):
        new_commits(objects, second, [])
    merge = objects.put_commit(Commit(objects.put_folder({}), (second, first), "a <a@b>", 3, "merge"))
    assert new_commits(objects, merge, [second]) == [merge]


# Trees


def needed(objects: MemoryObjects, tree: Oid, before: Oid | None = None) -> set[Needed]:
    found = list(new_below(objects, tree, before, set()))
    assert len({it for it in found if it.is_folder}) == len([it for it in found if it.is_folder])
    return set(found)


def test_only_what_is_not_there_already() -> None:
    """Files and folders that stand at the same place before are not needed, others are, also if moved."""
    objects = MemoryObjects()
    one, two = objects.put_blob(b"one"), objects.put_blob(b"two")
    inner = objects.put_folder({"one.md": Entry(FILE, one)})
    before = objects.put_folder({"a": Entry(FOLDER, inner), "one.md": Entry(FILE, one)})
    changed = objects.put_folder({"one.md": Entry(FILE, one), "two.md": Entry(FILE, two)})
    after = objects.put_folder({"a": Entry(FOLDER, changed), "b.md": Entry(FILE, one)})
    assert needed(objects, after, before) == {
        Needed(after, True),
        Needed(changed, True),
        Needed(two, False),
        Needed(one, False),
    }
    assert needed(objects, before, before) == set()
    assert needed(objects, before) == {Needed(before, True), Needed(inner, True), Needed(one, False)}


def test_submodules_are_nobodys_objects() -> None:
    """A submodule's commit is elsewhere; where its hash is a file's before, that file still is needed."""
    objects = MemoryObjects()
    blob = objects.put_blob(b"words")
    before = objects.put_folder({"x": Entry(0o160000, blob)})
    after = objects.put_folder({"x": Entry(FILE, blob)})
    assert needed(objects, before) == {Needed(before, True)}
    assert needed(objects, after, before) == {Needed(after, True), Needed(blob, False)}


def test_what_is_missing_is_said() -> None:
    """A folder that is not there, or is a file, is needed and cannot be read; one before counts as empty."""
    objects = MemoryObjects()
    blob = objects.put_blob(b"words")
    tree = objects.put_folder({"a": Entry(FOLDER, NOWHERE), "b": Entry(FOLDER, blob), "c": Entry(FILE, blob)})
    assert needed(objects, tree, NOWHERE) == {
        Needed(tree, True),
        Needed(NOWHERE, True, False),
        Needed(blob, True, False),
        Needed(blob, False),
    }


def test_a_bomb_of_folders_is_walked_once() -> None:
    """Ten entries that name one folder, twelve deep: a million million paths, thirteen reads."""
    objects = Counting()

    def bomb(core: bytes) -> Oid:
        oid = objects.put_folder({"x.md": Entry(FILE, objects.put_blob(core))})
        for _ in range(12):
            oid = objects.put_folder({f"{n}": Entry(FOLDER, oid) for n in range(10)})
        return oid

    one, two = bomb(b"one"), bomb(b"two")
    assert len(needed(objects, one)) == 14
    assert len(needed(objects, two, one)) == 14
    assert sum(objects.reads.values()) <= 13 * 3


def test_depth_is_no_matter() -> None:
    """A hundred thousand folders in each other are walked like others."""
    objects = MemoryObjects()
    oid = objects.put_folder({})
    for _ in range(100_000):
        oid = objects.put_folder({"a": Entry(FOLDER, oid)})
    assert len(needed(objects, oid)) == 100_001
