"""Taking in fetched packs: honest ones as git makes them, and every one in the catalogue of hostile ones.

The hostile ones are read in one child process that may take 256 MiB beyond what it begins with and
little processor time, so what is not bounded fails for real.

The ports GitStore, Arrival and Lookup, which this is about, are between the real store and the real
transports only: the ones in memory give each other whole objects and know no packs.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile_packs import CASES
from tests.limited import run_limited
from tests.packs import MIB, Back, Raw, blob, blob_id, copy, difference, named, pack, whole, zeros, zeros_id
from tests.peers import grow, objects_of, packed, random_repository
from tests.servers import git
from vaultkit.core.git.bounds import LARGEST_BLOB
from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.pack_format import entry_head
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_repository
from vaultkit.errors import Incomplete, RemoteUnreachable

CPU_SECONDS = 240
MOST_OBJECTS = 300_000
EMPTY_FOLDER = Oid("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")


def never() -> None:
    """Nobody gives up."""


# The hostile ones


def write_all(root: Path) -> None:
    """Make every case: building them takes more memory than reading them may."""
    for name, make in CASES.items():
        case = make()
        Path(root, f"{name}.pack").write_bytes(case.data)
        expected = {"kept": sorted(case.kept), "lost": sorted(case.lost), "refused": case.refused}
        Path(root, f"{name}.json").write_text(json.dumps(expected))


def take_all(root: str) -> dict[str, str]:
    """What is wrong with what became of each case; nothing, one hopes."""
    results = {}
    for file in sorted(Path(root).glob("*.pack")):
        began = time.process_time()
        results[file.stem] = take(file, json.loads(file.with_suffix(".json").read_text()))
        sys.stderr.write(f"{file.stem}: {time.process_time() - began:.1f} s\n")
    return results


def take(path: Path, expected: dict[str, Any]) -> str:
    """Receive and keep the pack in a repository of its own; what is wrong afterwards."""
    root = path.with_suffix(".vault")
    root.mkdir()
    with create_repository(str(root)) as repo, path.open("rb") as file:
        objects = GitObjects(repo)
        before = files_below(root)
        try:
            objects.receive(file, MOST_OBJECTS, never).keep()
        except Incomplete as error:
            left = files_below(root) - before
            is_right = expected["refused"] and expected["refused"] in error.message and not left
            return "" if is_right else f"{error.message}, left {left}"
        if expected["refused"]:
            return "it was taken for a pack"
        wrong = [oid for oid in expected["kept"] if not is_readable(objects, oid)]
        wrong += [oid for oid in expected["lost"] if is_readable(objects, oid)]
    shutil.rmtree(root)
    return f"{len(wrong)} are wrong, such as {wrong[:3]}" if wrong else ""


def files_below(root: Path) -> set[str]:
    return {str(path) for path in root.rglob("*")}


def is_readable(objects: GitObjects, oid: str) -> bool:
    try:
        objects.raw(oid)  # type: ignore[arg-type]
    except KeyError:
        return False
    return True


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("hostile")
    write_all(root)
    return run_limited("tests.ports.test_pack_intake:take_all", str(root), cpu_seconds=CPU_SECONDS)


@LINUX_ONLY
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_pack_is_bounded(name: str, results: dict[str, str]) -> None:
    """Within a small memory the honest objects of a pack arrive; of what is no pack nothing stays."""
    assert results[name] == ""


def take_too_much() -> int:
    """More memory than is allowed."""
    return len(bytes(300 * 1024**2))


@LINUX_ONLY
def test_the_limits_are_real() -> None:
    """The child in which all this is tried cannot take more memory than it may."""
    with pytest.raises(AssertionError, match="MemoryError"):
        run_limited("tests.ports.test_pack_intake:take_too_much", cpu_seconds=10)


# Honest ones, by git


def receive(objects: GitObjects, data: bytes, most_objects: int = MOST_OBJECTS) -> None:
    objects.receive(io.BytesIO(data), most_objects, never).keep()


def raws(objects: GitObjects, oids: Iterable[Oid]) -> dict[Oid, tuple[str, bytes]]:
    return {oid: objects.raw(oid) for oid in oids}


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[GitObjects]:
    (tmp_path / "vault").mkdir()
    with create_repository(str(tmp_path / "vault")) as repo:
        yield GitObjects(repo)


@pytest.mark.real
@pytest.mark.parametrize("offsets", [True, False], ids=["offsets", "hashes"])
@pytest.mark.parametrize("size", [3, 60], ids=["few", "many"])
def test_what_git_packs_arrives(objects: GitObjects, tmp_path: Path, size: int, offsets: bool) -> None:
    """Every object of a pack by git, with real differences of both kinds, is stored byte for byte."""
    peer = random_repository(tmp_path / "peer", size, seed=size)
    everything = objects_of(peer)
    receive(objects, packed(peer, ["main"], offsets=offsets))
    assert raws(objects, everything) == everything
    git("fsck", "--full", "--strict", "--no-dangling", cwd=tmp_path / "vault")


@pytest.mark.real
def test_a_large_pack_by_git_is_stored_as_it_came(objects: GitObjects, tmp_path: Path) -> None:
    """Where nothing is left out and nothing is missing, the stored pack is the received one, to the byte."""
    data = packed(random_repository(tmp_path / "peer", 60, seed=1), ["main"])
    receive(objects, data)
    assert [pack.read_bytes() for pack in Path(objects.place, "pack").glob("*.pack")] == [data]


@pytest.mark.real
@pytest.mark.parametrize("edits", [2, 300], ids=["few", "many"])
def test_a_thin_pack_is_completed(objects: GitObjects, tmp_path: Path, edits: int) -> None:
    """What is based on objects that we have arrives, and the repository is whole for git afterwards."""
    peer = random_repository(tmp_path / "peer", 40, seed=2)
    receive(objects, packed(peer, ["main"]))
    old = git("rev-parse", "main", cwd=peer).strip()
    grow(peer, edits, seed=3)
    data = packed(peer, ["main", f"^{old}"], thin=True)
    receive(objects, data)
    everything = objects_of(peer)
    assert raws(objects, everything) == everything
    git("fsck", "--full", "--strict", "--no-dangling", cwd=tmp_path / "vault")


@pytest.mark.real
def test_a_thin_pack_on_what_nobody_has(objects: GitObjects, tmp_path: Path) -> None:
    """Of a thin pack whose bases are not here, what stands on its own arrives and the rest is missing."""
    peer = random_repository(tmp_path / "peer", 40, seed=2)
    before = objects_of(peer)
    old = git("rev-parse", "main", cwd=peer).strip()
    grow(peer, 2, seed=3)
    receive(objects, packed(peer, ["main", f"^{old}"], thin=True))
    new = {oid: raw for oid, raw in objects_of(peer).items() if oid not in before}
    arrived = {oid for oid in new if objects.contains(oid)}
    assert raws(objects, arrived) == {oid: new[oid] for oid in arrived}
    assert 0 < len(arrived) < len(new)


def test_an_empty_pack_and_none_at_all(objects: GitObjects) -> None:
    """A server with nothing to send sends a pack of nothing, or not even that; both are fine."""
    for data in (b"", pack()):
        receive(objects, data)
    assert list(Path(objects.place, "pack").iterdir()) == []


def test_nothing_is_stored_before_it_is_kept(objects: GitObjects) -> None:
    """What arrived can be looked at, and until it is kept the store has none of it."""
    folder, commit = whole("tree", b""), whole("commit", b"tree %s\n\nwords" % EMPTY_FOLDER.encode())
    arrival = objects.receive(io.BytesIO(pack(folder, commit, blob(b"words"))), MOST_OBJECTS, never)
    oid = object_id("commit", b"tree %s\n\nwords" % EMPTY_FOLDER.encode())
    assert arrival.commit(oid).tree == EMPTY_FOLDER
    assert arrival.folder(EMPTY_FOLDER) == {}
    assert (arrival.kind(blob_id(b"words")), arrival.kind(oid)) == ("blob", "commit")
    with pytest.raises(KeyError):
        arrival.folder(oid)
    with pytest.raises(KeyError):
        arrival.kind(blob_id(b"other words"))
    assert not any(objects.contains(known) for known in (oid, EMPTY_FOLDER, blob_id(b"words")))
    arrival.keep()
    assert all(objects.contains(known) for known in (oid, EMPTY_FOLDER, blob_id(b"words")))


def test_what_is_here_can_be_seen_through_an_arrival(objects: GitObjects) -> None:
    """An arrival shows what it brings together with what is stored already."""
    note = objects.put_blob(b"words")
    arrival = objects.receive(io.BytesIO(pack(blob(b"other words"))), MOST_OBJECTS, never)
    assert (arrival.kind(note), arrival.kind(blob_id(b"other words"))) == ("blob", "blob")


def test_large_files_are_named_or_counted(objects: GitObjects) -> None:
    """Of the files too large to keep, whole ones are named, also later; what builds on them is counted."""
    size = LARGEST_BLOB + MIB
    large = Raw(entry_head(3, size) + zeros(size))
    name = zeros_id(size)
    change = difference(size, 10, copy(0, 10))
    arrival = objects.receive(
        io.BytesIO(pack(large, Back(change), named(name, change), blob(b"words"))), MOST_OBJECTS, never
    )
    assert (arrival.large, arrival.unnamed) == ({name}, 2)
    arrival.keep()
    later = objects.receive(io.BytesIO(pack(blob(b"other words"))), MOST_OBJECTS, never)
    assert (later.large, later.unnamed) == ({name}, 0)


def test_given_up_work_ends(objects: GitObjects) -> None:
    """The check that is handed in is asked on the way, and ends the reading when it raises."""

    def give_up() -> None:
        raise RemoteUnreachable("nobody waits any more")

    with pytest.raises(RemoteUnreachable):
        objects.receive(io.BytesIO(pack(blob(b"words"))), MOST_OBJECTS, give_up)


def test_a_newer_commit_is_never_there_before_an_older_one(
    objects: GitObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed anywhere while a small pack is stored, no commit is there without what it needs."""
    chain = [b"tree %s\n\nfirst" % EMPTY_FOLDER.encode()]
    for number in range(5):
        parent = object_id("commit", chain[-1]).encode()
        chain.append(b"tree %s\nparent %s\n\n%d" % (EMPTY_FOLDER.encode(), parent, number))
    data = pack(*[whole("commit", content) for content in reversed(chain)], whole("tree", b""))
    expected = [EMPTY_FOLDER, *[object_id("commit", content) for content in chain]]
    for stop in range(len(expected)):
        root = Path(objects.place, f"../{stop}")
        root.mkdir()
        with create_repository(str(root)) as repo:
            fresh = GitObjects(repo)
            with monkeypatch.context() as patch:
                fail_after(patch, stop)
                with pytest.raises(OSError):
                    receive(fresh, data)
            assert [oid for oid in expected if fresh.contains(oid)] == expected[:stop]


def fail_after(patch: pytest.MonkeyPatch, count: int) -> None:
    """Let the disk fail once so many files were put in their place."""
    replace, done = os.replace, iter(range(count))

    def replace_or_fail(source: str, target: str) -> None:
        if next(done, None) is None:
            raise OSError("the disk is gone")
        replace(source, target)

    patch.setattr(os, "replace", replace_or_fail)
