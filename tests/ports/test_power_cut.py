"""What the disk in memory makes of a power cut: all that may happen does happen, and nothing else.

The real disk's part, that nothing is published before it is synced, is in tests/kills.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from vaultkit.memory.disk import MemoryDisk

CUTS = 200
OLD, NEW = b"old content", b"new content, and more of it"
Act = Callable[[MemoryDisk], object]


def disk_with_notes() -> MemoryDisk:
    """A disk with two notes that are durable."""
    disk = MemoryDisk()
    disk.put("F/a.md", OLD)
    disk.put("F/b.md", OLD)
    disk.flush()
    return disk


def after_cuts(act: Act) -> Counter[tuple[tuple[str, bytes | None], ...]]:
    """What is on the disk after many power cuts that follow `act`, and how often."""
    found: Counter[tuple[tuple[str, bytes | None], ...]] = Counter()
    for seed in range(CUTS):
        disk = disk_with_notes()
        act(disk)
        disk.power_cut(Random(seed))
        found[tuple(sorted((path, file.data) for path, file in disk.files.items()))] += 1
    return found


def contents(act: Act, path: str) -> set[bytes | None]:
    return {dict(ending).get(path) for ending in after_cuts(act)}


def test_a_saved_note_is_kept_lost_or_torn() -> None:
    """What a program wrote in place and nobody synced: the new words, the old ones, or part of the new."""
    found = contents(lambda disk: disk.put("F/a.md", NEW), "F/a.md")
    torn = found - {OLD, NEW}
    assert {OLD, NEW} < found
    assert b"" in torn
    assert len(torn) > 10
    assert all(data is not None and NEW.startswith(data) for data in torn)


def test_a_new_notes_name_is_kept_or_dropped() -> None:
    """The entry in its folder is there or not; if it is, the content may be torn."""
    found = contents(lambda disk: disk.put("F/new.md", NEW), "F/new.md")
    assert {None, NEW, b""} < found


def test_a_removed_notes_name_is_dropped_or_kept() -> None:
    """A removal may be undone; the note is then what it was."""
    assert contents(lambda disk: disk.take("F/a.md"), "F/a.md") == {None, OLD}


def test_a_rename_is_done_at_both_ends_or_at_neither() -> None:
    """The note is at its old or at its new place, whole, never at both and never at none."""
    found = after_cuts(lambda disk: disk.move("F/a.md", "G/a.md"))
    assert {tuple(path for path, _ in ending) for ending in found} == {
        ("F/a.md", "F/b.md"),
        ("F/b.md", "G/a.md"),
    }
    assert {data for ending in found for _, data in ending} == {OLD}


def test_what_was_saved_and_then_renamed_may_be_torn_where_it_is() -> None:
    """A rename makes nothing durable: the new words share the fate of the new name."""

    def save_and_rename(disk: MemoryDisk) -> None:
        disk.put("F/a.md", NEW)
        disk.move("F/a.md", "G/a.md")

    assert {NEW, b"", None} < contents(save_and_rename, "G/a.md")
    assert contents(save_and_rename, "F/a.md") == {OLD, None}


def test_each_note_has_a_fate_of_its_own() -> None:
    """Of two notes saved one after the other, either may be lost without the other."""

    def save_both(disk: MemoryDisk) -> None:
        disk.put("F/a.md", NEW)
        disk.put("F/b.md", NEW)

    endings = {tuple(data for _, data in ending) for ending in after_cuts(save_both)}
    assert {(OLD, OLD), (OLD, NEW), (NEW, OLD), (NEW, NEW)} < endings


SYNCED: dict[str, Act] = {
    "replace": lambda disk: disk.replace("F/a.md", OLD, NEW),
    "create": lambda disk: disk.replace("G/H/new.md", None, NEW),
    "remove": lambda disk: disk.remove("F/a.md", OLD),
    "rename": lambda disk: disk.rename("F/a.md", "G/a.md"),
    "flush": lambda disk: (disk.put("F/a.md", NEW), disk.take("F/b.md"), disk.flush()),
    "keep": lambda disk: (disk.put("F/a.md", NEW), disk.take("F/b.md"), disk.keep(["F/a.md", "F/b.md"])),
    "keep a drag": lambda disk: (disk.move("F/a.md", "G/a.md"), disk.keep(["G/a.md"])),
    "write over what was typed": lambda disk: (disk.put("F/a.md", OLD), disk.replace("F/a.md", OLD, NEW)),
}


@pytest.mark.parametrize("act", SYNCED.values(), ids=SYNCED)
def test_what_was_synced_survives_every_power_cut(act: Act) -> None:
    """What the port wrote, removed or renamed, and what was flushed, is there after every cut."""
    disk = disk_with_notes()
    act(disk)
    notes = tuple(sorted((path, file.data) for path, file in disk.files.items()))
    assert set(after_cuts(act)) == {notes}


def test_a_second_power_cut_takes_nothing_more() -> None:
    """What a restart finds after a cut is durable."""
    disk = disk_with_notes()
    disk.put("F/a.md", NEW)
    disk.power_cut(Random(1))
    left = disk.files["F/a.md"].data
    for seed in range(CUTS):
        disk.power_cut(Random(seed))
        assert disk.files["F/a.md"].data == left


def write_in_bulk(disk: MemoryDisk, *, fail: bool = False) -> None:
    with disk.bulk([("F/a.md", NEW), ("F/new.md", NEW)]):
        disk.replace("F/a.md", OLD, NEW)
        disk.replace("F/new.md", None, NEW)
        disk.remove("F/b.md", OLD)
        if fail:
            raise OSError


BULK = {"F/a.md": (OLD, NEW), "F/new.md": (None, NEW), "F/b.md": (OLD, None)}


@pytest.mark.parametrize("path", BULK)
def test_bulk_writes_are_durable_once_they_end_well(path: str) -> None:
    """All of them at the end; while they go on, each note is as it was or as it is to be, never torn."""

    def cut_short(disk: MemoryDisk) -> None:
        with pytest.raises(OSError):
            write_in_bulk(disk, fail=True)

    assert contents(write_in_bulk, path) == {BULK[path][1]}
    assert contents(cut_short, path) == set(BULK[path])


def test_only_what_nobody_could_keep_counts_as_unsaved() -> None:
    """What a person typed a moment ago is; what vaultkit wrote, and what was only dragged, is not."""
    disk = disk_with_notes()
    disk.put("F/b.md", b"typed")
    disk.move("F/a.md", "G/a.md")
    disk.replace("F/new.md", None, NEW)
    assert disk.unsaved() == b"typed"
