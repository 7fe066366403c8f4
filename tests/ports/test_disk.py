"""The Disk port: one suite for the real folder and the one in memory, then what only a real one can show."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from vaultkit.effects.files import VaultFiles
from vaultkit.memory.disk import MemoryDisk
from vaultkit.ports import Disk, Kind

Put = Callable[[str, bytes], None]


@pytest.fixture(params=["real", "memory"])
def disk_and_put(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Disk, Put]:
    if request.param == "memory":
        memory = MemoryDisk()
        return memory, memory.put

    def put(path: str, data: bytes) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)

    return VaultFiles(str(tmp_path)), put


def test_items_are_what_is_directly_in_a_folder(disk_and_put: tuple[Disk, Put]) -> None:
    """A folder's items are its own files and folders, and nothing deeper."""
    disk, put = disk_and_put
    put("a.md", b"1")
    put("F/b.md", b"22")
    put("F/G/c.md", b"3")
    assert {item.name: item.kind for item in disk.items("")} == {"a.md": Kind.FILE, "F": Kind.FOLDER}
    assert {item.name: item.kind for item in disk.items("F")} == {"b.md": Kind.FILE, "G": Kind.FOLDER}
    assert disk.items("nothing") == []


def test_an_item_tells_kind_and_size(disk_and_put: tuple[Disk, Put]) -> None:
    """A single look tells what is there, or that nothing is."""
    disk, put = disk_and_put
    put("F/b.md", b"22")
    item = disk.item("F/b.md")
    assert item is not None
    assert (item.kind, item.stamp.size) == (Kind.FILE, 2)
    assert disk.item("F/x.md") is None
    assert disk.item("F/b.md/deeper.md") is None


def test_reading_gives_content_and_stamp_up_to_a_size(disk_and_put: tuple[Disk, Put]) -> None:
    """A file within the limit is read whole; a larger one, a folder or nothing is not read at all."""
    disk, put = disk_and_put
    put("F/a.md", b"hello")
    content = disk.read("F/a.md", 5)
    item = disk.item("F/a.md")
    assert content is not None
    assert item is not None
    assert content == (b"hello", item.stamp)
    assert disk.read("F/a.md", 4) is None
    assert disk.read("F", 100) is None
    assert disk.read("F/none.md", 100) is None


def test_replace_writes_only_over_what_is_expected(disk_and_put: tuple[Disk, Put]) -> None:
    """A write that expects something else changes nothing and says so."""
    disk, put = disk_and_put
    put("a.md", b"typed")
    assert disk.replace("a.md", b"old", b"new") is None
    assert disk.replace("a.md", None, b"new") is None
    assert disk.read("a.md", 100)[0] == b"typed"  # type: ignore[index]
    stamp = disk.replace("a.md", b"typed", b"new")
    assert disk.read("a.md", 100) == (b"new", stamp)


def test_replace_creates_with_its_folders_and_never_overwrites(disk_and_put: tuple[Disk, Put]) -> None:
    """Expecting nothing creates the file and the folders on the way; a second time it is refused."""
    disk, _ = disk_and_put
    assert disk.replace("A/B/c.md", None, b"one") is not None
    assert disk.replace("A/B/c.md", None, b"two") is None
    assert disk.read("A/B/c.md", 100)[0] == b"one"  # type: ignore[index]


def test_replace_through_a_file_is_refused(disk_and_put: tuple[Disk, Put]) -> None:
    """A path that leads through a file is no place to write."""
    disk, put = disk_and_put
    put("a.md", b"file")
    assert disk.replace("a.md/b.md", None, b"x") is None


def test_remove_takes_only_what_is_expected_and_folders_left_empty(disk_and_put: tuple[Disk, Put]) -> None:
    """Removing needs the expected content; folders that became empty go, top-level ones stay."""
    disk, put = disk_and_put
    put("Top/Deep/Deeper/a.md", b"x")
    assert not disk.remove("Top/Deep/Deeper/a.md", b"y")
    assert disk.remove("Top/Deep/Deeper/a.md", b"x")
    assert not disk.remove("Top/Deep/Deeper/a.md", b"x")
    assert disk.item("Top/Deep") is None
    assert disk.item("Top") is not None


def test_rename_never_overwrites(disk_and_put: tuple[Disk, Put]) -> None:
    """A move makes the folders it needs, and is refused where something is or nothing was."""
    disk, put = disk_and_put
    put("a.md", b"a")
    put("b.md", b"b")
    assert not disk.rename("a.md", "b.md")
    assert not disk.rename("none.md", "c.md")
    assert disk.rename("a.md", "New/Folder/a.md")
    assert disk.item("a.md") is None
    assert disk.read("New/Folder/a.md", 9)[0] == b"a"  # type: ignore[index]


def test_an_equal_content_is_not_written_again(disk_and_put: tuple[Disk, Put]) -> None:
    """Replacing something by itself leaves the file untouched, stamp and all."""
    disk, put = disk_and_put
    put("a.md", b"same")
    before = disk.item("a.md")
    assert before is not None
    assert disk.replace("a.md", b"same", b"same") == before.stamp


@pytest.mark.parametrize("told", [0, 30, 50])
def test_bulk_writes_are_all_there_afterwards(disk_and_put: tuple[Disk, Put], told: int) -> None:
    """Many writes made together read back like single ones, told beforehand or not."""
    disk, _ = disk_and_put
    contents = [(f"F/{n}.md", b"%d" % n) for n in range(50)]
    with disk.bulk(contents[:told]):
        assert all(disk.replace(path, None, content) for path, content in contents)
    assert [disk.read(f"F/{n}.md", 9)[0] for n in range(50)] == [b"%d" % n for n in range(50)]  # type: ignore[index]


def test_what_was_told_beforehand_is_not_written_over_what_was_typed(disk_and_put: tuple[Disk, Put]) -> None:
    """Words typed meanwhile stay; what was told and not written, or told otherwise, leaves nothing behind."""
    disk, put = disk_and_put
    put("F/typed.md", b"old")
    told = [("F/typed.md", b"new"), ("F/new.md", b"new"), ("F/other.md", b"new"), ("G/H/not.md", b"new")]
    with disk.bulk(told):
        put("F/typed.md", b"typed")
        put("F/new.md", b"typed")
        assert disk.replace("F/typed.md", b"old", b"new") is None
        assert disk.replace("F/new.md", None, b"new") is None
        assert disk.replace("F/other.md", None, b"another") is not None
    found = {name: disk.read(f"F/{name}", 9)[0] for name in ("typed.md", "new.md", "other.md")}  # type: ignore[index]
    assert found == {"typed.md": b"typed", "new.md": b"typed", "other.md": b"another"}
    assert {item.name for item in disk.items("F")} == set(found)
    assert disk.items("G/H") == []


posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX links, pipes and signals")


@posix
def test_many_contents_are_synced_before_the_first_of_them_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands at each path, and under hidden names beside it, when the system is synced: twice in all."""
    found: list[tuple[set[bytes], list[bytes]]] = []

    def look() -> None:
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        hidden = sorted(data for name, data in files.items() if name.startswith("."))
        found.append(({data for name, data in files.items() if not name.startswith(".")}, hidden))

    monkeypatch.setattr(os, "sync", look)
    disk = VaultFiles(str(tmp_path))
    (tmp_path / "a.md").write_bytes(b"old")
    with disk.bulk([("a.md", b"new a"), ("b.md", b"new b")]):
        assert disk.replace("a.md", b"old", b"new a")
        assert disk.replace("b.md", None, b"new b")
    assert found == [({b"old"}, [b"new a", b"new b"]), ({b"new a", b"new b"}, [])]


@posix
def test_a_folder_that_is_a_link_is_never_followed(tmp_path: Path) -> None:
    """Nothing outside the vault is read, listed, written, moved or removed through a linked folder."""
    outside, root = tmp_path / "outside", tmp_path / "vault"
    outside.mkdir()
    root.mkdir()
    (outside / "private.md").write_bytes(b"private")
    (root / "Link").symlink_to(outside)
    (root / "note.md").write_bytes(b"note")
    disk = VaultFiles(str(root))
    assert disk.items("Link") == []
    assert disk.read("Link/private.md", 100) is None
    assert disk.replace("Link/new.md", None, b"x") is None
    assert disk.replace("Link/private.md", b"private", b"x") is None
    assert not disk.rename("note.md", "Link/note.md")
    disk.remove("Link/private.md", b"private")
    assert sorted(p.name for p in outside.iterdir()) == ["private.md"]
    assert (outside / "private.md").read_bytes() == b"private"


@posix
def test_links_and_pipes_are_seen_but_never_opened(tmp_path: Path) -> None:
    """A link or a pipe is reported as something else, cannot be read, and blocks nobody."""
    (tmp_path / "target.md").write_bytes(b"t")
    (tmp_path / "link.md").symlink_to("target.md")
    os.mkfifo(tmp_path / "pipe.md")
    disk = VaultFiles(str(tmp_path))
    kinds = {item.name: item.kind for item in disk.items("")}
    assert kinds == {"target.md": Kind.FILE, "link.md": Kind.OTHER, "pipe.md": Kind.OTHER}
    assert disk.read("link.md", 100) is None
    assert disk.read("pipe.md", 100) is None
    assert disk.replace("link.md", b"t", b"x") is None
    assert (tmp_path / "target.md").read_bytes() == b"t"


@posix
def test_a_name_that_is_not_utf8_is_listed_with_surrogates(tmp_path: Path) -> None:
    """Such a name neither stops the listing nor loses a byte."""
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.md"), "wb") as file:
        file.write(b"x")
    names = [item.name for item in VaultFiles(str(tmp_path)).items("")]
    assert [name.encode("utf-8", "surrogateescape") for name in names] == [b"caf\xe9.md"]


@posix
def test_replacing_keeps_the_permissions_of_a_note(tmp_path: Path) -> None:
    """A note that only its owner may read stays so."""
    (tmp_path / "a.md").write_bytes(b"1")
    (tmp_path / "a.md").chmod(0o600)
    assert VaultFiles(str(tmp_path)).replace("a.md", b"1", b"2")
    assert (tmp_path / "a.md").stat().st_mode & 0o777 == 0o600


@posix
def test_a_kill_at_any_moment_leaves_an_old_or_a_new_whole_content(tmp_path: Path) -> None:
    """A process killed while it replaces a note never leaves it torn, empty or gone."""
    one, two = b"1" * 200_000, b"2" * 200_000
    (tmp_path / "n.md").write_bytes(one)
    program = f"""
        from vaultkit.effects.files import VaultFiles
        disk, one, two = VaultFiles({str(tmp_path)!r}), b"1" * 200_000, b"2" * 200_000
        print("go", flush=True)
        while True:
            disk.replace("n.md", one, two)
            disk.replace("n.md", two, one)
    """
    chance = random.Random(7)
    for _ in range(20):
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        try:
            child.wait(chance.uniform(0.0, 0.05))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        child.communicate()
        assert (tmp_path / "n.md").read_bytes() in (one, two)


@posix
def test_a_note_dragged_away_as_soon_as_it_is_written_was_written(tmp_path: Path) -> None:
    """A person who drags a note the moment it appears does not make its writing look failed."""
    import threading

    disk, stop = VaultFiles(str(tmp_path)), threading.Event()
    (tmp_path / "New").mkdir()
    (tmp_path / "Old").mkdir()

    def drag_at_once() -> None:
        while not stop.is_set():
            for name in os.listdir(tmp_path / "New"):
                if not name.startswith("."):
                    (tmp_path / "New" / name).rename(tmp_path / "Old" / name)

    dragging = threading.Thread(target=drag_at_once)
    dragging.start()
    try:
        assert all(disk.replace(f"New/{n}.md", None, b"new") for n in range(300))
    finally:
        stop.set()
        dragging.join()


def test_what_people_did_is_made_durable_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note and the folders of both ends of a drag are synced; of a folder that is gone, the one above."""
    synced: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append((os.fstat(fd).st_dev, os.fstat(fd).st_ino)))
    for folder in ("A", "B"):
        (tmp_path / folder).mkdir()
    (tmp_path / "B/n.md").write_text("dragged here")
    (tmp_path / "link").symlink_to(tmp_path / "B")
    VaultFiles(str(tmp_path)).keep(["A/n.md", "B/n.md", "Gone/deep/n.md", "link/n.md"])
    there = {path: path.stat() for path in (tmp_path, tmp_path / "A", tmp_path / "B", tmp_path / "B/n.md")}
    assert set(synced) == {(info.st_dev, info.st_ino) for info in there.values()}
