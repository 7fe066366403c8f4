"""Remotes that talk for ever, send too much, or name what they do not deliver.

Most tests run over a made-up HTTP host and over a path that somebody else writes into.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Protocol

import pytest

from tests.fake_host import FakeHost, branch, line, sending
from tests.packs import GIB, MIB, Back, Part, Raw, copy, difference, insert, pack, whole, zeros, zeros_id
from tests.servers import GitHttpServer, git, make_bare
from vaultkit.core.git.bounds import LARGEST_BLOB
from vaultkit.core.git.git_format import encode_commit, encode_folder, object_id
from vaultkit.core.git.pack_format import entry_head
from vaultkit.core.git.tree import FILE, FOLDER, Commit, Entry, Oid
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_repository
from vaultkit.effects.transport import open_transport
from vaultkit.errors import Incomplete, RemoteNotFound, RemoteUnreachable
from vaultkit.ports import Outcome, Transport

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="needs pipes and links")
NOWHERE = Oid("1" * 40)
LARGE = LARGEST_BLOB + MIB


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[GitObjects]:
    (tmp_path / "vault").mkdir()
    with create_repository(str(tmp_path / "vault")) as repo:
        yield GitObjects(repo)


def files_of(objects: GitObjects) -> set[Path]:
    """What is stored: every file below the folder of the objects, but for notes about what is missing."""
    return {path for path in Path(objects.place).rglob("*") if path.is_file() and path.parent.name != "info"}


# What a commit is made of


class History:
    """Objects with which a host can be filled, or not quite."""

    def __init__(self) -> None:
        self.raws: dict[Oid, tuple[str, bytes]] = {}

    def blob(self, content: bytes) -> Oid:
        return self._put("blob", content)

    def folder(self, **entries: Entry) -> Oid:
        return self._put("tree", encode_folder({name.replace("_", "."): e for name, e in entries.items()}))

    def commit(self, tree: Oid, *parents: Oid) -> Oid:
        return self._put("commit", encode_commit(Commit(tree, parents, "a <a@b>", 1_700_000_000, "say\n")))

    def _put(self, kind: str, content: bytes) -> Oid:
        oid = object_id(kind, content)
        self.raws[oid] = kind, content
        return oid

    def without(self, *oids: Oid) -> list[tuple[str, bytes]]:
        return [raw for oid, raw in self.raws.items() if oid not in oids]


class Host(Protocol):
    """A remote whose branch is at `head`, and what it delivers: these objects, and zeros of that size."""

    def __call__(self, head: Oid, raws: list[tuple[str, bytes]], zeros: int = 0) -> None: ...


class Remote:
    """A host that can be set, and the way to it."""

    def __init__(self, fill: Host, connect: Callable[[float], Transport]) -> None:
        self.fill = fill
        self.connect = connect


@pytest.fixture(params=["path", "http"])
def remote(request: pytest.FixtureRequest, tmp_path: Path, objects: GitObjects) -> Iterator[Remote]:
    if request.param == "path":
        bare = make_bare(tmp_path / "r.git")
        yield Remote(lambda *given, **more: fill_bare(bare, *given, **more), connected(objects, str(bare)))
        return
    says: dict[str, bytes] = {}

    def fill(head: Oid, raws: list[tuple[str, bytes]], zeros: int = 0) -> None:
        says.update(head=b"".join(branch(head)), pack=b"".join(sending(pack_of(raws, zeros))))

    with FakeHost(lambda: iter([says["head"]]), lambda: iter([says["pack"]])) as host:
        yield Remote(fill, connected(objects, host.url))


def connected(objects: GitObjects, url: str) -> Callable[[float], Transport]:
    return lambda patience: open_transport(objects, url, deadline=60, patience=patience)


def pack_of(raws: list[tuple[str, bytes]], size: int = 0) -> bytes:
    large = [Raw(entry_head(3, size) + zeros(size))] if size else []
    return pack(*[whole(kind, content) for kind, content in raws], *large)


def fill_bare(bare: Path, head: Oid, raws: list[tuple[str, bytes]], zeros: int = 0) -> None:
    """The same in a bare repository: it holds these objects and no others."""
    shutil.rmtree(bare / "objects")
    (bare / "objects/pack").mkdir(parents=True)
    (bare / "objects/info").mkdir()
    for kind, content in raws:
        plant(
            bare,
            object_id(kind, content),
            zlib.compress(b"%s %d\0" % (kind.encode(), len(content)) + content),
        )
    if zeros:
        plant(bare, zeros_id(zeros), zlib.compress(b"blob %d\0" % zeros + bytes(zeros), 1))
    (bare / "refs/heads/main").write_text(f"{head}\n")


def plant(bare: Path, oid: Oid, data: bytes) -> Path:
    path = bare / "objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


# What is named and not delivered


def lacking(what: str) -> tuple[Oid, list[tuple[str, bytes]], Oid]:
    """A head, what is delivered of it, and the hash of a folder below it that is whole."""
    made = History()
    note, inner = made.blob(b"words"), made.folder(note_md=Entry(FILE, made.blob(b"words")))
    entries = {"a": Entry(FOLDER, inner), "note_md": Entry(FILE, note)}
    gone: list[Oid] = []
    if what == "a file":
        entries["b_md"] = Entry(FILE, made.blob(b"missing"))
        gone = [made.blob(b"missing")]
    elif what == "a folder":
        gone = [made.folder(c_md=Entry(FILE, note))]
        entries["b"] = Entry(FOLDER, gone[0])
    elif what == "the whole tree":
        gone = [made.folder(**entries)]
    elif what == "a file that is a folder":
        entries["b_md"] = Entry(FILE, inner)
    elif what == "a folder that is a file":
        entries["b"] = Entry(FOLDER, note)
    elif what == "a folder of nonsense":
        entries["b"] = Entry(FOLDER, made._put("tree", b"garbage"))
    return made.commit(made.folder(**entries)), made.without(*gone), inner


KINDS_OF_LACK = ("a file", "a folder", "the whole tree")
WRONG_FOR_GOOD = ("a file that is a folder", "a folder that is a file", "a folder of nonsense")


@pytest.mark.parametrize("what", WRONG_FOR_GOOD)
def test_what_is_there_and_wrong_is_not_waited_for(remote: Remote, objects: GitObjects, what: str) -> None:
    """A hash names one content for ever: what is no folder will never be one, so the fetch goes on."""
    head, raws, inner = lacking(what)
    remote.fill(head, raws)
    remote.connect(600).fetch(head, ())
    assert "note.md" in objects.folder(objects.commit(head).tree)
    assert objects.folder(inner)


@pytest.mark.parametrize("what", KINDS_OF_LACK)
def test_what_is_missing_is_waited_for_and_then_done_without(
    remote: Remote, objects: GitObjects, what: str
) -> None:
    """Three tries are Incomplete and store nothing; the fourth takes the commit without what is missing."""
    head, raws, inner = lacking(what)
    remote.fill(head, raws)
    before = files_of(objects)
    for _ in range(3):
        with pytest.raises(Incomplete):
            remote.connect(0).fetch(head, ())
        assert files_of(objects) == before
    remote.connect(0).fetch(head, ())
    assert objects.commit(head).message == "say\n"
    if what != "the whole tree":
        assert "note.md" in objects.folder(objects.commit(head).tree)
        assert objects.folder(inner)


def test_patience_takes_its_time(remote: Remote, objects: GitObjects) -> None:
    """However often it is tried, before the time is over an incomplete head is not taken."""
    head, raws, _ = lacking("a file")
    remote.fill(head, raws)
    for _ in range(6):
        with pytest.raises(Incomplete):
            remote.connect(3600).fetch(head, ())
    remote.connect(0).fetch(head, ())


def test_another_head_is_waited_for_anew(remote: Remote) -> None:
    """Tries count for one head only."""
    for what in ("a file", "a folder", "a file"):
        head, raws, _ = lacking(what)
        remote.fill(head, raws)
        for _ in range(3):
            with pytest.raises(Incomplete):
                remote.connect(0).fetch(head, ())


def test_what_arrives_late_is_all_there(remote: Remote, objects: GitObjects) -> None:
    """A remote that was only behind is fetched whole as soon as it has caught up."""
    made = History()
    late = made.blob(b"late")
    head = made.commit(made.folder(late_md=Entry(FILE, late)))
    remote.fill(head, made.without(late))
    with pytest.raises(Incomplete):
        remote.connect(0).fetch(head, ())
    remote.fill(head, made.without())
    remote.connect(0).fetch(head, ())
    assert objects.blob(late) == b"late"


@pytest.mark.parametrize("damage", ["gone", "nonsense", "a folder"])
@pytest.mark.parametrize("which", ["head", "parent"])
def test_a_missing_commit_is_never_done_without(
    remote: Remote, objects: GitObjects, which: str, damage: str
) -> None:
    """A head or a parent that is not there, or is no commit, is Incomplete each time."""
    made = History()
    tree = made.folder(note_md=Entry(FILE, made.blob(b"words")))
    bad = {"gone": NOWHERE, "nonsense": made._put("commit", b"nonsense"), "a folder": tree}[damage]
    head = bad if which == "head" else made.commit(tree, bad)
    remote.fill(head, made.without())
    before = files_of(objects)
    for _ in range(5):
        with pytest.raises(Incomplete):
            remote.connect(0).fetch(head, ())
    assert files_of(objects) == before


def test_a_file_that_is_too_large_makes_nothing_incomplete(remote: Remote, objects: GitObjects) -> None:
    """A commit with a file that is too large to keep comes without it, at once, also when it is moved."""
    made = History()
    note = Entry(FILE, made.blob(b"words"))
    first = made.commit(made.folder(large_bin=Entry(FILE, zeros_id(LARGE)), note_md=note))
    remote.fill(first, made.without(), zeros=LARGE)
    remote.connect(3600).fetch(first, ())
    assert objects.blob(note.oid) == b"words"
    with pytest.raises(KeyError):
        objects.blob(zeros_id(LARGE))
    second = made.commit(made.folder(moved_bin=Entry(FILE, zeros_id(LARGE)), note_md=note), first)
    remote.fill(second, made.without(), zeros=LARGE)
    remote.connect(3600).fetch(second, (first,))
    assert objects.commit(second).parents == (first,)


def test_a_large_file_that_is_not_sent_again(objects: GitObjects) -> None:
    """A server sends a large file once; when it is only moved later, its absence still is understood."""
    made = History()
    large = Entry(FILE, zeros_id(LARGE))
    first = made.commit(made.folder(large_bin=large))
    later = History()
    second = later.commit(later.folder(moved_bin=large), first)
    packs = iter([pack_of(made.without(), LARGE), pack_of(later.without())])
    heads = iter([first, second])
    with FakeHost(lambda: branch(next(heads)), lambda: sending(next(packs))) as host:
        connected(objects, host.url)(3600).fetch(first, ())
        connected(objects, host.url)(3600).fetch(second, (first,))
    assert objects.commit(second)


def test_a_bomb_of_folders_is_fetched(remote: Remote, objects: GitObjects) -> None:
    """Ten entries that all name one folder, twelve deep, are thirteen objects and no more work."""
    made = History()
    folder = made.folder(note_md=Entry(FILE, made.blob(b"words")))
    for _ in range(12):
        folder = made.folder(**{f"n{number}": Entry(FOLDER, folder) for number in range(10)})
    first = made.commit(folder)
    remote.fill(first, made.without())
    remote.connect(3600).fetch(first, ())
    other = made.folder(note_md=Entry(FILE, made.blob(b"other")))
    for _ in range(12):
        other = made.folder(**{f"n{number}": Entry(FOLDER, other) for number in range(10)})
    second = made.commit(other, first)
    remote.fill(second, made.without())
    remote.connect(3600).fetch(second, (first,))
    assert objects.folder(other)


def test_a_deep_tree_is_fetched(remote: Remote, objects: GitObjects) -> None:
    """Two thousand folders in each other are fetched like others."""
    made = History()
    folder = made.folder(note_md=Entry(FILE, made.blob(b"words")))
    for _ in range(2000):
        folder = made.folder(n=Entry(FOLDER, folder))
    head = made.commit(folder)
    remote.fill(head, made.without())
    remote.connect(3600).fetch(head, ())
    assert objects.folder(folder)


@pytest.mark.unmeasured
def test_folders_that_cost_too_much_to_look_through(objects: GitObjects) -> None:
    """Where finding out what is missing would cost more than it is worth, a commit is taken at once."""
    made = History()
    one, two = bytes.fromhex(made.blob(b"one")), bytes.fromhex(made.blob(b"two"))
    large = b"".join(b"100644 n%06d.md\0" % number + one for number in range(110_000))
    ends = [
        b"".join(b"100644 o%d.md\0" % bit + (two if number >> bit & 1 else one) for bit in range(7))
        for number in range(20)
    ]
    folders = [large + end for end in ends]
    size, copies = len(folders[0]), [copy(at, 65536) for at in range(0, len(large) - 65536, 65536)]
    copies.append(copy(65536 * len(copies), len(large) - 65536 * len(copies)))
    parts: list[Part] = [whole("tree", folders[0])]
    for steps, end in enumerate(ends[1:], 1):
        delta = difference(size, size, *copies, insert(end[:120]), insert(end[120:]))
        parts.append(Back(delta, steps=steps))
    entries = {f"f{number}": Entry(FOLDER, object_id("tree", it)) for number, it in enumerate(folders)}
    head = made.commit(made.folder(**entries))
    data = pack(*[whole(kind, content) for kind, content in made.without()], *parts)
    with FakeHost(lambda: branch(head), lambda: sending(data)) as host:
        connected(objects, host.url)(3600).fetch(head, ())
    assert objects.commit(head)


def test_a_push_on_top_of_garbage(tmp_path: Path, objects: GitObjects) -> None:
    """Where the remote's own tree cannot be read, or is a bomb, an honest commit still goes on top, whole."""
    made = History()
    bomb = made.folder(note_md=Entry(FILE, made.blob(b"words")))
    for _ in range(12):
        bomb = made.folder(**{f"n{number}": Entry(FOLDER, bomb) for number in range(10)})
    trees = [NOWHERE, made._put("tree", b"garbage"), bomb, made.folder(n0=Entry(FOLDER, NOWHERE))]
    bare = make_bare(tmp_path / "r.git")
    for tree in trees:
        parent = made.commit(tree)
        fill_bare(bare, parent, made.without())
        for kind, content in made.without():
            objects.keep([(kind, content)])
        inner = objects.put_folder({"note.md": Entry(FILE, objects.put_blob(b"mine"))})
        mine = objects.put_folder({"n0": Entry(FOLDER, inner)})
        new = objects.put_commit(Commit(mine, (parent,), "a <a@b>", 1_700_000_001, "mine\n"))
        assert open_transport(objects, str(bare)).push(parent, new).outcome is Outcome.ACCEPTED
        assert git("cat-file", "-p", "main:n0/note.md", cwd=bare) == "mine"


# Hosts that do not stop


def refs_for_ever(head: Oid) -> Iterator[bytes]:
    yield line(b"# service=git-upload-pack\n") + b"0000"
    yield from repeat(line(f"{head} refs/heads/a".encode() + b"a" * 4000 + b"\0\n") * 100)


def test_refs_for_ever_are_cut_off(objects: GitObjects) -> None:
    """A host that never stops naming branches is cut off by the amount."""
    with FakeHost(lambda: refs_for_ever(NOWHERE)) as host, pytest.raises(RemoteUnreachable, match="16 MiB"):
        open_transport(objects, host.url, deadline=60).look()


def test_progress_for_ever_is_cut_off(objects: GitObjects) -> None:
    """A host that never stops telling how far it is, is cut off by the amount."""
    progress = line(b"\x02counting" + b" " * 60_000)

    def talk() -> Iterator[bytes]:
        yield line(b"NAK\n")
        yield from repeat(progress)

    with FakeHost(lambda: branch(NOWHERE, "side-band-64k"), talk) as host:
        transport = open_transport(objects, host.url, deadline=60)
        with pytest.raises(RemoteUnreachable, match="16 MiB"):
            transport.fetch(NOWHERE, ())


def test_a_pack_for_ever_is_cut_off(objects: GitObjects) -> None:
    """A host that never stops sending a pack is cut off at the limit, and nothing is stored."""

    def endless() -> Iterator[bytes]:
        yield line(b"NAK\n")
        yield from repeat(bytes(100_000))

    before = files_of(objects)
    with FakeHost(lambda: branch(NOWHERE), endless) as host:
        transport = open_transport(objects, host.url, deadline=60, most_pack_bytes=20 * MIB)
        with pytest.raises(RemoteUnreachable, match="pack of more than 20 MiB"):
            transport.fetch(NOWHERE, ())
    assert files_of(objects) == before


def test_a_pack_may_be_longer_than_the_talk(objects: GitObjects) -> None:
    """What arrives of a pack does not count as talk: twenty mebibytes of it are fine."""
    made = History()
    note = made.blob(os.urandom(20 * MIB))
    head = made.commit(made.folder(note_bin=Entry(FILE, note)))
    data = pack_of(made.without())
    bands = [line(b"\x01" + data[at : at + 1000]) for at in range(0, len(data), 1000)]
    with FakeHost(
        lambda: branch(head, "side-band-64k"), lambda: iter([line(b"NAK\n"), *bands, b"0000"])
    ) as host:
        open_transport(objects, host.url, deadline=60).fetch(head, ())
    assert objects.blob_size(note) == 20 * MIB


@pytest.mark.real
@pytest.mark.parametrize(
    ("limit", "told"), [({"most_pack_bytes": 500}, "500 bytes"), ({"most_pack_objects": 5}, "5 objects")]
)
def test_a_limit_is_told_and_nothing_is_stored(
    tmp_path: Path, objects: GitObjects, limit: dict[str, int], told: str
) -> None:
    """More than may come in one fetch, from a real server, is an error that names the limit."""
    made = History()
    notes = {f"n{number}_md": Entry(FILE, made.blob(os.urandom(100))) for number in range(10)}
    head = made.commit(made.folder(**notes))
    fill_bare(make_bare(tmp_path / "r.git"), head, made.without())
    before = files_of(objects)
    with GitHttpServer(tmp_path) as server, pytest.raises(RemoteUnreachable, match=told):
        open_transport(objects, server.url("r.git"), **limit).fetch(head, ())
    assert files_of(objects) == before
    with GitHttpServer(tmp_path) as server:
        open_transport(objects, server.url("r.git")).fetch(head, ())
    assert objects.commit(head)


def test_a_damaged_pack_is_incomplete(objects: GitObjects) -> None:
    """Garbage in place of a pack is told as such, and nothing is stored."""
    before = files_of(objects)
    for garbage in (b"garbage", pack()[:-1] + b"x", pack(count=7)):
        host = FakeHost(lambda: branch(NOWHERE), partial(sending, garbage))
        with host, pytest.raises(Incomplete, match="damaged pack"):
            open_transport(objects, host.url).fetch(NOWHERE, ())
    assert files_of(objects) == before


def test_a_host_that_speaks_no_git_is_asked_once(objects: GitObjects) -> None:
    """A plain web server is no git server: nothing is fetched from it file by file."""
    with FakeHost(
        lambda: iter([f"{NOWHERE}\trefs/heads/main\n".encode()]), content_type="text/plain"
    ) as host:
        with pytest.raises(RemoteNotFound):
            open_transport(objects, host.url).fetch(NOWHERE, ())
        assert len(host.asked) == 1


def test_a_host_cannot_send_us_elsewhere(objects: GitObjects) -> None:
    """A host that offers a pack at another address is not followed there."""
    ours = [line(b"version 2\n"), line(b"ls-refs\n"), line(b"fetch\n"), b"0000"]
    answers = iter(
        [
            line(f"{NOWHERE} refs/heads/main\n".encode()) + b"0000",
            line(b"packfile-uris\n")
            + line(b"https://127.0.0.1:1/x.pack sha1 " + b"1" * 40)
            + line(b"packfile\n"),
        ]
    )
    with FakeHost(lambda: iter(ours), lambda: iter([next(answers)])) as host:
        with pytest.raises(RemoteNotFound):
            open_transport(objects, host.url).fetch(NOWHERE, ())
        assert len(host.asked) == 3


@POSIX_ONLY
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_ssh_host_that_talks_for_ever(
    objects: GitObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    """Over ssh too, what never ends is cut off by the amount."""
    program = tmp_path / "bin/ssh"
    program.parent.mkdir()
    said = line(b"1" * 40 + b" refs/heads/" + b"a" * 4000 + b"\0\n")
    close = "import os; os.close(1)" if stream == "stderr" else ""
    program.write_text(
        f"#!{sys.executable}\nimport sys\n{close}\nwhile 1: sys.{stream}.buffer.write({said!r})\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(RemoteUnreachable, match="16 MiB" if stream == "stdout" else None):
        open_transport(objects, "ssh://host/r.git", deadline=60).look()


# A path that somebody else writes into


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_bare(tmp_path / "r.git")


def honest(bare: Path) -> tuple[Oid, Oid]:
    """A commit with one note in the bare repository; its hash and the note's."""
    made = History()
    note = made.blob(b"words")
    head = made.commit(made.folder(note_md=Entry(FILE, note)))
    fill_bare(bare, head, made.without())
    return head, note


@POSIX_ONLY
def test_a_pipe_for_an_object_is_not_waited_for(bare: Path, objects: GitObjects) -> None:
    """A pipe planted in place of a note is a note that is missing, at once."""
    head, note = honest(bare)
    path = bare / "objects" / note[:2] / note[2:]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Incomplete):
        open_transport(objects, str(bare), deadline=300).fetch(head, ())


@POSIX_ONLY
@pytest.mark.parametrize("name", ["config", "HEAD", "packed-refs", "refs/heads/main", "shallow"])
@pytest.mark.parametrize("odd", ["a pipe", "endless", "huge"])
def test_odd_files_of_a_remote_are_told(bare: Path, objects: GitObjects, name: str, odd: str) -> None:
    """A pipe, a device or a giant where a small file of a repository should be is an error with its name."""
    honest(bare)
    path = bare / name
    path.unlink(missing_ok=True)
    if odd == "a pipe":
        os.mkfifo(path)
    elif odd == "endless":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(10 * GIB)
    with pytest.raises(RemoteUnreachable, match=path.name):
        open_transport(objects, str(bare), deadline=300).look()


@POSIX_ONLY
def test_a_remote_that_hangs_is_given_up(bare: Path, objects: GitObjects) -> None:
    """What cannot be opened without waiting, a pipe for the index of a pack, is given up when time is up."""
    head, _ = honest(bare)
    os.mkfifo(bare / "objects/pack/pack-x.idx")
    (bare / "objects/pack/pack-x.pack").touch()
    note = objects.put_commit(Commit(objects.put_folder({}), (head,), "a <a@b>", 1, "mine"))
    transport = open_transport(objects, str(bare), deadline=0.5)
    with pytest.raises(RemoteUnreachable, match=r"no answer within 0\.5 s"):
        transport.push(head, note)
    transport.interrupt()
    with pytest.raises(RemoteUnreachable):
        transport.push(head, note)


def test_a_remotes_configuration_includes_nothing(bare: Path, objects: GitObjects) -> None:
    """What the configuration of somebody else's repository includes is not read."""
    honest(bare)
    with (bare / "config").open("a") as file:
        file.write("[include]\n\tpath = /dev/zero\n")
    assert open_transport(objects, str(bare), deadline=30).look()


def test_an_unknown_kind_of_repository_is_told(bare: Path, objects: GitObjects) -> None:
    """A remote with other hashes, or another way to keep its branches, is not misread."""
    with (bare / "config").open("a") as file:
        file.write("[extensions]\n\tobjectFormat = sha256\n")
    with pytest.raises(RemoteUnreachable, match="objectformat"):
        open_transport(objects, str(bare)).look()


def test_a_bomb_on_a_path_is_a_file_that_is_missing(bare: Path, objects: GitObjects) -> None:
    """A file that inflates to a gigabyte under the hash of a note is not fetched."""
    head, note = honest(bare)
    plant(bare, note, zeros(GIB))
    for _ in range(3):
        with pytest.raises(Incomplete):
            open_transport(objects, str(bare), patience=0).fetch(head, ())
    open_transport(objects, str(bare), patience=0).fetch(head, ())
    assert not objects.contains(note)


def test_an_abandoned_lock_is_cleared(bare: Path, objects: GitObjects) -> None:
    """A lock that a killed program left on the branch is cleared once it is old; a young one stays."""
    head, _ = honest(bare)
    objects.keep([("commit", encode_commit(Commit(objects.put_folder({}), (), "a <a@b>", 1, "x")))])
    new = objects.put_commit(Commit(objects.put_folder({}), (head,), "a <a@b>", 1, "mine"))
    open_transport(objects, str(bare)).fetch(head, ())
    lock = bare / "refs/heads/main.lock"
    lock.touch()
    assert open_transport(objects, str(bare)).push(head, new).outcome is Outcome.LOST
    assert lock.exists()
    os.utime(lock, (1, 1))
    assert open_transport(objects, str(bare)).push(head, new).outcome is Outcome.LOST
    assert open_transport(objects, str(bare)).push(head, new).outcome is Outcome.ACCEPTED


@POSIX_ONLY
@pytest.mark.parametrize("count", [3, 300], ids=["few", "many"])
def test_a_shared_remote_stays_shared(bare: Path, objects: GitObjects, count: int) -> None:
    """Where a group uses the remote, what is pushed can be read by all of it, and its folders written."""
    git("config", "core.sharedRepository", "group", cwd=bare)
    notes = {f"{number}.md": Entry(FILE, objects.put_blob(b"%d" % number)) for number in range(count)}
    new = objects.put_commit(Commit(objects.put_folder(notes), (), "a <a@b>", 1, "mine"))
    assert open_transport(objects, str(bare)).push(None, new).outcome is Outcome.ACCEPTED
    stored = [path for path in (bare / "objects").rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & stat.S_IRGRP for path in stored)
    made = {path.parent for path in stored} - {bare / "objects/pack"}
    assert all(path.stat().st_mode & stat.S_IWGRP for path in made)
    git("fsck", "--strict", "--full", cwd=bare)


@pytest.mark.real
def test_a_remote_that_borrows_is_read(tmp_path: Path, bare: Path, objects: GitObjects) -> None:
    """A remote that keeps its objects in another repository is fetched whole."""
    head, note = honest(bare)
    git("clone", "-q", "--bare", "--shared", bare, tmp_path / "borrower.git")
    open_transport(objects, str(tmp_path / "borrower.git")).fetch(head, ())
    assert objects.blob(note) == b"words"


@pytest.mark.real
def test_what_cannot_be_published_is_told(tmp_path: Path, bare: Path, objects: GitObjects) -> None:
    """A history with a file that is too large, or with a hole, is not pushed, and the reason is given."""
    large = Path(objects.place, zeros_id(LARGE)[:2], zeros_id(LARGE)[2:])
    large.parent.mkdir(exist_ok=True)
    large.write_bytes(zlib.compress(b"blob %d\0" % LARGE + bytes(LARGE), 1))
    for oid, told in ((zeros_id(LARGE), "too large"), (NOWHERE, "missing")):
        tree = objects.put_folder({"x.bin": Entry(FILE, oid)})
        new = objects.put_commit(Commit(tree, (), "a <a@b>", 1, "mine"))
        with pytest.raises(RemoteUnreachable, match=told) as caught:
            open_transport(objects, str(bare)).push(None, new)
        assert caught.value.hint
        with GitHttpServer(tmp_path) as server, pytest.raises(RemoteUnreachable, match=told):
            open_transport(objects, server.url("r.git")).push(None, new)
