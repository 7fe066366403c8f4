"""Reading from a repository that somebody else may have written into: bounded, and never by surprise.

Hostile loose files and packs are planted and read in one child process with little memory and
processor time. Honest repositories as git makes them are read back identically.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dulwich.repo import Repo

from tests.hostile_files import READABLE, loose_files, planted_packs
from tests.hostile_packs import FIRST, HONEST, HONEST_PARTS, SECOND, SOURCE
from tests.limited import run_limited
from tests.packs import Part, blob, blob_id, pack, starts_of
from tests.peers import objects_of, random_repository
from tests.servers import git
from vaultkit.core.git.bounds import LARGEST_COMMIT, LARGEST_FOLDER, LARGEST_SIGNED_COMMIT
from vaultkit.core.git.git_format import TOO_LARGE, object_id
from vaultkit.core.git.tree import FILE, Commit, Entry, Oid
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.objects.content_cache import OVERHEAD, ContentCache
from vaultkit.effects.objects.loose import LooseObjects
from vaultkit.effects.objects.pack_index import Places
from vaultkit.effects.repository import create_repository
from vaultkit.errors import VaultError
from vaultkit.memory.objects import MemoryObjects
from vaultkit.ports import ObjectStore

CPU_SECONDS = 200
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="needs pipes and links")


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repo]:
    with create_repository(str(tmp_path)) as repo:
        yield repo


@pytest.fixture
def objects(repo: Repo) -> GitObjects:
    return GitObjects(repo)


def loose_path(objects: GitObjects, oid: str) -> Path:
    path = Path(objects.place, oid[:2], oid[2:])
    path.parent.mkdir(exist_ok=True)
    return path


def plant_pack(objects: GitObjects, *parts: tuple[Part, Oid]) -> Path:
    """A pack and an index that says which object each of its entries is, true or not."""
    data, places = pack(*[part for part, _ in parts]), Places()
    starts = starts_of(*[part for part, _ in parts])
    for (_, oid), start in sorted(zip(parts, starts, strict=True), key=lambda it: it[0][1]):
        places.add(bytes.fromhex(oid), start, 0)
    path = Path(objects.place, "pack", f"pack-{data[-20:].hex()}.pack")
    path.write_bytes(data)
    with path.with_suffix(".idx").open("wb") as file:
        places.write_index(file, data[-20:])
    return path


def is_missing(objects: GitObjects, oid: Oid) -> bool:
    """Does every way of reading it say that it is not there?"""
    reads: list[Callable[[Oid], object]] = [objects.raw, objects.blob, objects.folder, objects.commit]
    return not any(returns(read, oid) for read in reads)


def returns(read: Callable[[Oid], object], oid: Oid) -> bool:
    try:
        read(oid)
    except KeyError:
        return False
    return True


# Loose files


def write_files(root: Path) -> None:
    for name, (oid, data) in loose_files().items():
        Path(root, f"{name}.loose").write_bytes(data)
        Path(root, f"{name}.oid").write_text(oid)


def read_files(root: str) -> dict[str, str]:
    """What is wrong with how each hostile file was read; nothing, one hopes."""
    results = {}
    for file in sorted(Path(root).glob("*.loose")):
        vault = file.with_suffix(".vault")
        vault.mkdir()
        with create_repository(str(vault)) as repo:
            objects, oid = GitObjects(repo), Oid(file.with_suffix(".oid").read_text())
            file.rename(loose_path(objects, oid))
            is_there = objects.contains(oid) or not is_missing(objects, oid)
            results[file.stem] = "it was read" if is_there else ""
    return results


@pytest.fixture(scope="module")
def loose_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("loose")
    write_files(root)
    return run_limited("tests.ports.test_bounded_reading:read_files", str(root), cpu_seconds=CPU_SECONDS)


@LINUX_ONLY
@pytest.mark.parametrize("name", loose_files())
def test_a_hostile_loose_file_counts_as_missing(name: str, loose_results: dict[str, str]) -> None:
    """Bombs, lies and garbage in place of an object are never read, within a small memory."""
    assert loose_results[name] == ""


@POSIX_ONLY
@pytest.mark.parametrize("odd", ["pipe", "link", "folder", "link to nothing"])
def test_only_a_regular_file_is_an_object(objects: GitObjects, tmp_path: Path, odd: str) -> None:
    """A pipe, a link or a folder under an object's name is not opened, waited for or followed."""
    oid = objects.put_blob(b"words")
    path = loose_path(objects, oid)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    if odd == "pipe":
        os.mkfifo(path)
    elif odd == "folder":
        path.mkdir()
    else:
        path.symlink_to(elsewhere if odd == "link" else tmp_path / "nothing")
    assert not objects.contains(oid)
    assert is_missing(objects, oid)
    with pytest.raises(KeyError):
        objects.blob_size(oid)
    if odd != "folder":
        assert objects.put_blob(b"words") == oid
        assert objects.blob(oid) == b"words"


# Packs


def read_packs(root: str) -> dict[str, str]:
    """What is wrong with how each planted pack was read."""
    results = {}
    for folder in sorted(path for path in Path(root).iterdir() if path.is_dir()):
        with Repo(str(folder)) as repo:
            began = time.process_time()
            results[folder.name] = "; ".join(
                faults(GitObjects(repo), json.loads((folder / "x.json").read_text()))
            )
            sys.stderr.write(f"{folder.name}: {time.process_time() - began:.1f} s\n")
    return results


def faults(objects: GitObjects, expected: dict[str, list[Oid]]) -> Iterator[str]:
    for oid in expected["lost"]:  # before a look at the others can have helped
        if returns(objects.raw, oid) or returns(objects.blob, oid):
            yield f"{oid} was read"
        returns(objects.weigh, oid)
    for oid in expected["kept"]:
        if not returns(objects.raw, oid):
            yield f"{oid} was not read"


def write_packs(root: Path) -> None:
    for name, parts in planted_packs().items():
        folder = root / name
        folder.mkdir()
        with create_repository(str(folder)) as repo:
            plant_pack(
                GitObjects(repo), *zip(HONEST_PARTS, (blob_id(FIRST), blob_id(SECOND)), strict=True), *parts
            )
        readable = READABLE.get(name, set()) | {blob_id(SOURCE)}
        oids = [oid for _, oid in parts]
        kept = [*HONEST, *[oid for oid in oids if oid in readable]]
        lost = [oid for oid in oids if oid not in readable]
        (folder / "x.json").write_text(
            json.dumps({"kept": kept[:: max(1, len(kept) // 50)], "lost": lost[:: max(1, len(lost) // 50)]})
        )


@pytest.fixture(scope="module")
def pack_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("packs")
    write_packs(root)
    return run_limited("tests.ports.test_bounded_reading:read_packs", str(root), cpu_seconds=CPU_SECONDS)


@LINUX_ONLY
@pytest.mark.parametrize("name", planted_packs())
def test_a_planted_pack_is_bounded(name: str, pack_results: dict[str, str]) -> None:
    """What a pack holds beyond bounds or sense counts as missing; honest objects in it are read."""
    assert pack_results[name] == ""


@POSIX_ONLY
def test_a_pipe_in_place_of_a_pack_is_no_pack(objects: GitObjects) -> None:
    """A pack that became a pipe is not waited for; what it held counts as missing."""
    path = plant_pack(objects, (blob(b"words"), blob_id(b"words")))
    assert objects.blob(blob_id(b"words")) == b"words"
    path.unlink()
    os.mkfifo(path)
    assert is_missing(objects, blob_id(b"words"))


@pytest.mark.parametrize("damage", ["empty", "no table", "table", "names", "offsets", "version"])
def test_a_damaged_index_has_nothing(objects: GitObjects, damage: str) -> None:
    """An index of garbage is no error: what it should tell counts as missing, and other packs are read."""
    path = plant_pack(objects, (blob(b"words"), blob_id(b"words"))).with_suffix(".idx")
    data = bytearray(path.read_bytes())
    if damage == "table":
        data[8:1032] = b"\xff\xff\xff\xff\x00\x00\x00\x01" * 128
    elif damage == "names":
        data[1032:1052] = bytes(20)
    elif damage == "offsets":
        data[1056:1060] = b"\xff\xff\xff\xff"
    elif damage == "version":
        data[4:8] = b"\x00\x00\x00\x09"
    path.unlink()
    path.write_bytes(b"" if damage == "empty" else data[:40] if damage == "no table" else data)
    plant_pack(objects, (blob(b"other words"), blob_id(b"other words")))
    assert is_missing(objects, blob_id(b"words"))
    assert objects.blob(blob_id(b"other words")) == b"other words"


def test_a_damaged_copy_does_not_hide_a_good_one(objects: GitObjects) -> None:
    """Where one pack holds garbage for an object and another one the object, it is read."""
    plant_pack(objects, (blob(b"garbage"), blob_id(b"words")))
    plant_pack(objects, (blob(b"words"), blob_id(b"words")), (blob(b"more"), blob_id(b"more")))
    plant_pack(objects, (blob(b"rubbish"), blob_id(b"words")))
    assert objects.blob(blob_id(b"words")) == b"words"


def test_a_cache_forgets_the_oldest_first() -> None:
    """Contents are remembered up to an amount; the newest one however large, unless room is asked for."""
    cache: ContentCache[int] = ContentCache(3 * (100 + OVERHEAD))
    for number in range(4):
        cache.put(number, "blob", b"%d" % number * 100)
        assert cache.get(0) or number == 3
    assert [number for number in range(4) if cache.get(number)] == [0, 2, 3]
    cache.put(9, "blob", bytes(10_000))
    assert [number for number in range(10) if cache.get(number)] == [9]
    cache.make_room(1)
    assert cache.get(9) is None


# The limits themselves


@pytest.fixture(params=["memory", "git"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    return MemoryObjects() if request.param == "memory" else request.getfixturevalue("objects")


def plant(store: ObjectStore, kind: str, content: bytes) -> Oid:
    """Put an object into `store` that its own methods would refuse."""
    oid = object_id(kind, content)
    if isinstance(store, MemoryObjects):
        store.stored[oid] = (kind, content)
    elif isinstance(store, GitObjects):
        LooseObjects(store.place).write(oid, kind, content)
    return oid


def test_a_folder_up_to_the_limit_is_read(store: ObjectStore) -> None:
    """The largest folder is one of exactly so many bytes; one entry more, and it counts as missing."""
    entry = len(b"100644 %08d.md\0" % 0) + 20
    lines = [b"100644 %08d.md\0" % number + bytes(20) for number in range(LARGEST_FOLDER // entry + 1)]
    assert len(store.folder(plant(store, "tree", b"".join(lines[:-1])))) == len(lines) - 1
    with pytest.raises(KeyError):
        store.folder(plant(store, "tree", b"".join(lines)))


def test_a_commit_up_to_the_limit_is_read(store: ObjectStore) -> None:
    """The largest commit is one of exactly so many bytes; a large one counts as nobody's."""
    head = b"tree %s\n\n" % (b"1" * 40)
    for size, signature in ((LARGEST_SIGNED_COMMIT, b""), (LARGEST_COMMIT, TOO_LARGE)):
        commit = store.commit(plant(store, "commit", head + b"x" * (size - len(head))))
        assert (commit.tree, commit.signature) == ("1" * 40, signature)
    with pytest.raises(KeyError):
        store.commit(plant(store, "commit", head + b"x" * (LARGEST_COMMIT - len(head) + 1)))


def test_what_could_never_be_read_is_not_stored(store: ObjectStore) -> None:
    """A folder or a commit beyond its limit is an error when it is made, with words, not afterwards."""
    folder = {f"{number:0100d}.md": Entry(FILE, Oid("1" * 40)) for number in range(40_000)}
    with pytest.raises(VaultError, match="cannot be kept") as caught:
        store.put_folder(folder)
    assert "folders" in caught.value.hint
    with pytest.raises(VaultError, match="cannot be kept"):
        store.put_commit(Commit(Oid("1" * 40), (), "a <a@b>", 1, "x" * LARGEST_COMMIT))


# Honest repositories, by git


@pytest.mark.real
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("offsets", ["true", "false"], ids=["offsets", "hashes"])
def test_everything_git_packed_is_read(tmp_path: Path, seed: int, offsets: str) -> None:
    """Every object of an aggressively packed history reads as git reads it, however bases are named."""
    peer = random_repository(tmp_path / "peer", 80, seed)
    git("config", "repack.useDeltaBaseOffset", offsets, cwd=peer)
    git("repack", "-q", "-a", "-d", "-f", "--depth=50", cwd=peer)
    with Repo(str(peer)) as repo:
        objects = GitObjects(repo)
        everything = objects_of(peer)
        assert {oid: objects.raw(oid) for oid in everything} == everything
        assert {oid: objects.weigh(oid) for oid in everything} == {
            oid: (kind, len(content)) for oid, (kind, content) in everything.items()
        }
        assert all(objects.kind(oid) == kind for oid, (kind, _) in everything.items())


@pytest.mark.real
def test_what_is_borrowed_is_read(tmp_path: Path, objects: GitObjects) -> None:
    """Objects of the repositories that this one borrows from are read, also of those they borrow from."""
    peer = random_repository(tmp_path / "peer", 5, seed=1)
    git("clone", "-q", "--bare", "--shared", peer, tmp_path / "middle")
    lenders = Path(objects.place, "info/alternates")
    lenders.write_text(f"# mine\n{tmp_path / 'middle/objects'}\n{tmp_path / 'nowhere'}\n{objects.place}\n")
    everything = objects_of(peer)
    assert {oid: objects.raw(oid) for oid in everything} == everything
    assert all(objects.contains(oid) for oid in everything)
    assert objects.put_blob(next(content for kind, content in everything.values() if kind == "blob"))
    assert not list(Path(objects.place).glob("??/*"))


def test_borrowing_in_a_circle_ends(tmp_path: Path, objects: GitObjects) -> None:
    """Repositories that borrow from each other, or from thousands of others, are looked through once."""
    other = tmp_path / "other/objects"
    for folder, names in (
        (Path(objects.place), f"{other}\n"),
        (other, "".join(f"../{n}\n" for n in range(9000))),
    ):
        (folder / "info").mkdir(parents=True, exist_ok=True)
        (folder / "info/alternates").write_text(f"{objects.place}\n{other}\n{names}")
    assert not objects.contains(blob_id(b"words"))
    assert is_missing(objects, blob_id(b"words"))
