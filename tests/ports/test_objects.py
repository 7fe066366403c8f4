"""One suite for the ObjectStore port, over memory and over a git repository; then what only git has."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from dulwich.repo import Repo

from vaultkit.core.git.git_format import object_id
from vaultkit.core.git.tree import (
    FILE,
    FOLDER,
    Change,
    Commit,
    Entry,
    Folder,
    Oid,
    changes_between,
    find,
    find_file,
    walk,
    with_edits,
)
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.objects.loose import LooseObjects
from vaultkit.effects.repository import create_repository
from vaultkit.errors import NotAVault, VaultBusy
from vaultkit.memory.objects import MemoryObjects
from vaultkit.ports import ObjectStore

EMPTY_BLOB = Oid("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
EMPTY_FOLDER = Oid("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
NOWHERE = Oid("1" * 40)
AUTHOR = "local_agent <local_agent@vaultkit.invalid>"
SIGNATURE = b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n\nAAAA\n-----END SSH SIGNATURE-----"


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repo]:
    repo = create_repository(str(tmp_path))
    yield repo
    repo.close()


@pytest.fixture
def git_store(repo: Repo) -> GitObjects:
    return GitObjects(repo)


@pytest.fixture(params=["memory", "git"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    return MemoryObjects() if request.param == "memory" else request.getfixturevalue("git_store")


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """What real git answers; skips without git, which in CI is an error."""
    if shutil.which("git") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("git is not installed")
    command = ["git", "-c", "user.name=p", "-c", "user.email=p@x.invalid", "-C", str(folder), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr.startswith((b"warning", b"error")), done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape")


def sample_folder(store: ObjectStore) -> dict[str, Entry]:
    """Names that sort differently as files and as folders, bytes that are no UTF-8, and every mode."""
    blob, inner = store.put_blob(b"words\n"), store.put_folder({})
    return {
        "a": Entry(FOLDER, inner),
        "a.md": Entry(FILE, blob),
        "a-b": Entry(FOLDER, inner),
        "a0": Entry(0o100755, blob),
        "b \u00fc \U0001f600.md": Entry(FILE, blob),
        b"latin \xfc.md".decode("utf-8", "surrogateescape"): Entry(FILE, blob),
        "link": Entry(0o120000, blob),
        "module": Entry(0o160000, NOWHERE),
    }


def sample_commits(tree: Oid) -> list[Commit]:
    return [
        Commit(tree, (), AUTHOR, 1_700_000_000, "first\n"),
        Commit(tree, (NOWHERE,), AUTHOR, 1, "Umlaut \u00fc\n\nbody\n\nVaultkit-Change: 1\n"),
        Commit(tree, (NOWHERE, EMPTY_BLOB), AUTHOR, 2**33, "no newline at the end"),
        Commit(tree, (), AUTHOR, 5, "signed\n", SIGNATURE),
    ]


# The port


@pytest.mark.parametrize("data", [b"", b"words\n", b"\0\r\n\xff" * 1000, bytes(range(256)) * 400], ids=len)
def test_a_blob_comes_back(store: ObjectStore, data: bytes) -> None:
    """What is stored as a blob is read back byte for byte, with its size, by its hash."""
    oid = store.put_blob(data)
    assert (store.blob(oid), store.blob_size(oid), store.contains(oid)) == (data, len(data), True)


def test_a_folder_comes_back(store: ObjectStore) -> None:
    """Every name and mode a git tree can hold survives storing and reading."""
    folder = sample_folder(store)
    assert store.folder(store.put_folder(folder)) == folder


def test_commits_come_back(store: ObjectStore) -> None:
    """Every part of a commit survives, and storing what was read gives the same hash."""
    for commit in sample_commits(store.put_folder({})):
        oid = store.put_commit(commit)
        assert store.commit(oid) == commit
        assert store.put_commit(store.commit(oid)) == oid


def test_hashes_are_gits(git_store: GitObjects) -> None:
    """Both stores give every object the same hash, and it is the one git gives."""
    memory = MemoryObjects()
    assert memory.put_blob(b"") == git_store.put_blob(b"") == EMPTY_BLOB
    assert memory.put_folder({}) == git_store.put_folder({}) == EMPTY_FOLDER
    for store in (memory, git_store):
        store.put_folder(sample_folder(store))
    assert memory.put_folder(sample_folder(memory)) == git_store.put_folder(sample_folder(git_store))
    for commit in sample_commits(EMPTY_FOLDER):
        assert memory.put_commit(commit) == git_store.put_commit(commit)


def test_what_is_missing_is_a_key_error(store: ObjectStore) -> None:
    """A hash that is not there, that names another kind, or that is no hash raises KeyError."""
    blob = store.put_blob(b"words")
    for oid in (NOWHERE, Oid(""), Oid("../../config"), Oid("x" * 40)):
        assert not store.contains(oid)
        for read in (store.folder, store.blob, store.blob_size, store.commit):
            with pytest.raises(KeyError):
                read(oid)
    with pytest.raises(KeyError):
        store.folder(blob)
    with pytest.raises(KeyError):
        store.commit(blob)
    with pytest.raises(KeyError):
        store.blob_size(store.put_folder({}))


def plant(store: ObjectStore, kind: str, content: bytes) -> Oid:
    """Put an object into `store` that its own methods would never make."""
    oid = object_id(kind, content)
    if isinstance(store, MemoryObjects):
        store.stored[oid] = (kind, content)
    elif isinstance(store, GitObjects):
        LooseObjects(store.place).write(oid, kind, content)
    return oid


@pytest.mark.parametrize("content", [b"100644 a", b"100644 a\0short", b"x a\0" + bytes(20), b"\0", b"100644"])
def test_a_malformed_folder_counts_as_missing(store: ObjectStore, content: bytes) -> None:
    """A tree of senseless bytes, which anybody may push, is a KeyError like one that is not there."""
    with pytest.raises(KeyError):
        store.folder(plant(store, "tree", content))


@pytest.mark.parametrize("content", [b"", b"author a <a> 1 +0000\n\nm", b"tree\n\n", b"parent x\ntree y"])
def test_a_malformed_commit_counts_as_missing(store: ObjectStore, content: bytes) -> None:
    """A commit of senseless bytes is a KeyError like one that is not there."""
    with pytest.raises(KeyError):
        store.commit(plant(store, "commit", content))


def test_a_folder_that_was_read_cannot_be_changed(store: ObjectStore) -> None:
    """A caller cannot spoil the cache: the mapping it gets refuses to be changed."""
    folder = store.folder(store.put_folder({"a.md": Entry(FILE, EMPTY_BLOB)}))
    with pytest.raises(TypeError):
        folder["b.md"] = Entry(FILE, EMPTY_BLOB)  # type: ignore[index]


@pytest.mark.parametrize("count", [0, 1, 200, 201, 600])
def test_many_blobs_come_back_in_order(store: ObjectStore, count: int) -> None:
    """However many are stored at once, the hashes come in the order of the contents, repeats included."""
    contents = [b"note %d" % (n % 400) for n in range(count)]
    oids = list(store.put_blobs(iter(contents)))
    assert [store.blob(oid) for oid in oids] == contents
    assert [store.blob_size(oid) for oid in oids] == [len(data) for data in contents]
    assert oids == list(store.put_blobs(contents))


def test_the_head_moves_by_compare_and_swap(store: ObjectStore) -> None:
    """`main` moves only from where the caller believes it to be, also when it does not exist yet."""
    one, two, three = (store.put_commit(commit) for commit in sample_commits(store.put_folder({}))[:3])
    assert store.head() is None
    assert not store.move_head(one, two)
    assert store.head() is None
    assert store.move_head(None, one)
    assert not store.move_head(None, two)
    assert not store.move_head(three, two)
    assert store.head() == one
    assert store.move_head(one, two)
    assert store.move_head(two, two)
    assert store.head() == two


def test_tracking_is_remembered(store: ObjectStore) -> None:
    """What the remote was last seen at can be set to anything, and is independent of the head."""
    one, two = (store.put_commit(commit) for commit in sample_commits(store.put_folder({}))[:2])
    assert store.tracking() is None
    for oid in (one, two, one):
        store.set_tracking(oid)
        assert store.tracking() == oid
    assert store.head() is None


# What other git programs did here


def other_program(store: ObjectStore, *, fetched: Oid | None = None, committed: Oid | None = None) -> None:
    """Another git program fetches one commit from some address, and makes one with `git commit`."""
    if isinstance(store, MemoryObjects):
        store.fetched |= {fetched} if fetched else set()
        store.committed |= {committed} if committed else set()
        return
    assert isinstance(store, GitObjects)
    git_folder = Path(store.place).parent
    if fetched:
        (git_folder / "FETCH_HEAD").write_text(f"{fetched}\t\tbranch 'main' of elsewhere\n")
    if committed:
        (git_folder / "logs").mkdir(exist_ok=True)
        line = f"{NOWHERE} {committed} p <p@x.invalid> 1 +0000\tcommit: by hand\n"
        (git_folder / "logs/HEAD").write_text(line)


def test_what_others_fetched_was_brought_here(store: ObjectStore) -> None:
    """What the remote was seen at, and what a program fetched from elsewhere; the branch itself is not."""
    one, two, three = (store.put_commit(commit) for commit in sample_commits(store.put_folder({}))[:3])
    assert store.brought_here() == frozenset()
    store.move_head(None, one)
    assert store.brought_here() == frozenset()
    store.set_tracking(two)
    assert store.brought_here() == {two}
    other_program(store, fetched=three)
    assert store.brought_here() == {two, three}


def test_what_was_fetched_and_is_not_there_was_not_brought(store: ObjectStore) -> None:
    """A fetch that failed, or whose objects were tidied away, brought nothing."""
    other_program(store, fetched=NOWHERE)
    assert store.brought_here() == frozenset()


def test_what_others_committed_was_made_here(store: ObjectStore) -> None:
    """The log of another program names it; what was only stored, or brought, is not made here."""
    one, two = (store.put_commit(commit) for commit in sample_commits(store.put_folder({}))[:2])
    store.set_tracking(one)
    store.move_head(None, one)
    assert store.made_here() == frozenset()
    other_program(store, committed=two)
    assert store.made_here() == {two}


# Trees over the port


def tree_of(store: ObjectStore, *paths: str) -> Oid:
    """A tree whose files each hold their own path."""
    return with_edits(store, None, {path: store.put_blob(path.encode()) for path in paths})


def paths_in(store: ObjectStore, tree: Oid | None) -> list[str]:
    return sorted(path for path, _ in walk(store, tree))


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("", "+a.md", "a.md"),
        ("a.md", "+b/c/d.md", "a.md b/c/d.md"),
        ("a.md b/c.md", "-b/c.md", "a.md"),
        ("a/b/c/d.md", "-a/b/c/d.md", ""),
        ("a/b/c.md a/d.md", "-a/b/c.md", "a/d.md"),
        ("a", "+a/b.md", "a/b.md"),
        ("a/b.md a/c.md", "-a/b.md -a/c.md +a", "a"),
        ("a/b.md", "+a", "a"),
        ("a", "-a +a/b/c.md", "a/b/c.md"),
        ("a.md", "-b.md -c/d.md -a.md/e.md", "a.md"),
        ("a.md b.md", "-a.md +c/a.md", "b.md c/a.md"),
    ],
)
def test_editing_a_tree(store: ObjectStore, before: str, edits: str, after: str) -> None:
    """An edited tree is the tree one would have built at once: folders come, go and give way to files."""
    tree = tree_of(store, *before.split())
    changes = {edit[1:]: store.put_blob(b"new") if edit[0] == "+" else None for edit in edits.split()}
    edited = with_edits(store, tree, changes)
    assert paths_in(store, edited) == after.split()
    assert edited == with_edits(store, None, {path: find_file(store, edited, path) for path in after.split()})
    assert all(find_file(store, edited, path) == oid for path, oid in changes.items())


def test_an_emptied_tree_is_the_empty_folder(store: ObjectStore) -> None:
    """Removing the last note leaves git's empty tree, not none."""
    assert with_edits(store, tree_of(store, "a/b.md"), {"a/b.md": None}) == EMPTY_FOLDER
    assert with_edits(store, None, {}) == EMPTY_FOLDER


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ("", "", "", ""),
        ("a.md b/c.md", "a.md b/c.md", "", ""),
        ("a.md", "a.md b/c/d.md", "", "b/c/d.md"),
        ("a/b.md c.md", "c.md", "a/b.md", ""),
        ("a", "a/b.md", "a", "a/b.md"),
        ("a/b.md a/c.md", "a", "a/b.md a/c.md", "a"),
    ],
)
def test_comparing_trees(store: ObjectStore, old: str, new: str, removed: str, added: str) -> None:
    """The changes are exactly the paths that came or went; backwards they are the reverse."""
    before, after = tree_of(store, *old.split()), tree_of(store, *new.split())
    expected = {path: Change(find_file(store, before, path), None) for path in removed.split()}
    expected |= {path: Change(None, find_file(store, after, path)) for path in added.split()}
    assert changes_between(store, before, after) == expected
    reverse = {path: Change(change.new, change.old) for path, change in expected.items()}
    assert changes_between(store, after, before) == reverse


def test_comparing_with_no_tree(store: ObjectStore) -> None:
    """No tree counts as an empty one, on either side."""
    tree = tree_of(store, "a.md", "b/c.md")
    every = {path: entry.oid for path, entry in walk(store, tree)}
    assert changes_between(store, None, tree) == {path: Change(None, oid) for path, oid in every.items()}
    assert changes_between(store, tree, None) == {path: Change(oid, None) for path, oid in every.items()}
    assert changes_between(store, None, None) == {}


def test_a_mode_alone_is_no_change(store: ObjectStore) -> None:
    """Making a note executable changes its entry, which `find` shows, but is no change of the path."""
    blob = store.put_blob(b"words")
    plain, program = (store.put_folder({"a.md": Entry(mode, blob)}) for mode in (FILE, 0o100755))
    assert changes_between(store, plain, program) == {}
    assert find(store, program, "a.md") == Entry(0o100755, blob)


def test_finding(store: ObjectStore) -> None:
    """`find` follows folders only, and says nothing where a file is in the way."""
    tree = tree_of(store, "a/b.md", "c.md")
    assert find_file(store, tree, "a/b.md") == store.put_blob(b"a/b.md")
    assert find(store, tree, "a") == Entry(
        FOLDER, with_edits(store, None, {"b.md": store.put_blob(b"a/b.md")})
    )
    assert [find_file(store, tree, path) for path in ("a", "a/x", "c.md/x", "x/y")] == [None] * 4
    assert find(store, None, "a") is None


class CountingObjects(MemoryObjects):
    """A memory store that counts how often a folder is opened."""

    opened = 0

    def folder(self, oid: Oid) -> Folder:
        self.opened += 1
        return super().folder(oid)


def test_only_what_differs_is_opened() -> None:
    """The cost follows the change: equal trees open nothing, one edit opens the folders on its way."""
    store = CountingObjects()
    tree = tree_of(store, *(f"f{n}/g{m}/note.md" for n in range(10) for m in range(10)))
    store.opened = 0
    assert changes_between(store, tree, tree) == {}
    assert store.opened == 0
    edited = with_edits(store, tree, {"f3/g3/note.md": EMPTY_BLOB})
    assert store.opened == 3
    assert list(changes_between(store, tree, edited)) == ["f3/g3/note.md"]
    assert store.opened == 9


# Only in a git repository


def loose_path(folder: Path, oid: Oid) -> Path:
    return folder / ".git" / "objects" / oid[:2] / oid[2:]


@pytest.mark.real
def test_git_finds_no_fault(git_store: GitObjects, tmp_path: Path) -> None:
    """Strict `git fsck` is content with trees, signed commits, loose objects and a pack of ours."""
    blobs = list(git_store.put_blobs(b"note %d" % n for n in range(300)))
    edits: dict[str, Oid | None] = {f"n/{n % 7}/{n}.md": oid for n, oid in enumerate(blobs)}
    tree = with_edits(git_store, git_store.put_folder(sample_folder(git_store)), edits)
    first = git_store.put_commit(Commit(tree, (), AUTHOR, 1_700_000_000, "first\n"))
    second = git_store.put_commit(Commit(tree, (first,), AUTHOR, 1_700_000_001, "second\n", SIGNATURE))
    assert git_store.move_head(None, second)
    assert git(tmp_path, "fsck", "--strict", "--full", "--no-dangling") == ""
    assert git(tmp_path, "rev-list", "--count", "HEAD") == "2\n"
    assert git(tmp_path, "log", "-1", "--format=%an %ae %at %cI %s") == (
        "local_agent local_agent@vaultkit.invalid 1700000001 2023-11-14T22:13:21+00:00 second\n"
    )
    assert git(tmp_path, "reflog", "main").count("vaultkit") == 1


@pytest.mark.real
def test_what_git_wrote_is_read(git_store: GitObjects, tmp_path: Path) -> None:
    """A commit by plain git is read with its author and parents, before and after git packs it all."""
    (tmp_path / "a b.md").write_text("one\n" * 500)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "by hand")
    (tmp_path / "a b.md").write_text("one\n" * 500 + "two\n")
    git(tmp_path, "commit", "-q", "-a", "-m", "again")
    head = git_store.head()
    assert head
    commit = git_store.commit(head)
    versions = [find_file(git_store, git_store.commit(oid).tree, "a b.md") for oid in (head, *commit.parents)]
    assert (commit.author, commit.message) == ("p <p@x.invalid>", "again\n")
    git(tmp_path, "gc", "-q", "--prune=now")
    assert not loose_path(tmp_path, head).exists()
    assert git_store.head() == head
    assert git_store.commit(head) == commit
    for oid, content in zip(versions, (b"one\n" * 500 + b"two\n", b"one\n" * 500), strict=True):
        assert oid
        assert (git_store.blob(oid), git_store.blob_size(oid)) == (content, len(content))
    assert git_store.move_head(head, commit.parents[0])
    assert git(tmp_path, "rev-parse", "HEAD").strip() == commit.parents[0]


@pytest.mark.real
def test_packs_of_others_are_found(git_store: GitObjects, tmp_path: Path) -> None:
    """An object that arrives in a pack after a first look in vain is found at the next look."""
    list(git_store.put_blobs(b"ours %d" % n for n in range(300)))
    oid = MemoryObjects().put_blob(b"theirs")
    assert not git_store.contains(oid)
    git(tmp_path, "hash-object", "-w", "--stdin", given=b"theirs")
    git(tmp_path, "pack-objects", "-q", ".git/objects/pack/pack", given=f"{oid}\n".encode())
    loose_path(tmp_path, oid).unlink()
    assert git_store.contains(oid)
    assert git_store.blob(oid) == b"theirs"


@pytest.mark.parametrize(
    "damage",
    [b"", zlib.compress(b"blob 5\0words")[:-3], zlib.compress(b"blob 5\0wordy"), b"\0" * 40],
    ids=["empty", "torn", "other content", "zeros"],
)
def test_a_damaged_object_counts_as_missing_and_is_healed(
    git_store: GitObjects, tmp_path: Path, damage: bytes
) -> None:
    """What a power cut leaves of an object is never taken for it, and storing it again makes it whole."""
    oid = git_store.put_blob(b"words")
    path = loose_path(tmp_path, oid)
    path.chmod(0o644)
    path.write_bytes(damage)
    assert not git_store.contains(oid)
    with pytest.raises(KeyError):
        git_store.blob(oid)
    assert git_store.put_blob(b"words") == oid
    assert git_store.blob(oid) == b"words"
    assert zlib.decompress(path.read_bytes()) == b"blob 5\0words"


def test_nothing_is_left_of_an_import_that_fails(git_store: GitObjects, tmp_path: Path) -> None:
    """If reading the notes fails half way, no pack and no temporary file stays behind."""

    def contents() -> Iterator[bytes]:
        for n in range(500):
            yield b"note %d" % n
        raise OSError("the disk is gone")

    with pytest.raises(OSError):
        git_store.put_blobs(contents())
    assert list((tmp_path / ".git/objects/pack").iterdir()) == []


def test_what_is_stored_already_is_not_packed_again(git_store: GitObjects, tmp_path: Path) -> None:
    """Importing the same notes twice writes one pack."""
    for _ in range(2):
        list(git_store.put_blobs(b"note %d" % n for n in range(500)))
    assert len(list((tmp_path / ".git/objects/pack").glob("*.pack"))) == 1


def test_large_contents_go_into_a_pack_too(git_store: GitObjects, tmp_path: Path) -> None:
    """A dozen large notes are not kept in memory until they can be counted: they are packed as they come."""
    contents = [bytes([n]) * 1_000_000 for n in range(12)]
    assert [git_store.blob_size(oid) for oid in git_store.put_blobs(contents)] == [1_000_000] * 12
    assert len(list((tmp_path / ".git/objects/pack").glob("*.pack"))) == 1


def test_more_folders_than_the_cache_holds(git_store: GitObjects) -> None:
    """Folders beyond what the cache keeps are read again and are the same."""
    folders = [{f"{n}-{m}.md": Entry(FILE, EMPTY_BLOB) for m in range(5000)} for n in range(6)]
    oids = [git_store.put_folder(folder) for folder in folders]
    for _ in range(2):
        assert [git_store.folder(oid) for oid in oids] == folders


def test_a_locked_branch_is_busy(git_store: GitObjects, tmp_path: Path) -> None:
    """While another git program holds the branch it does not move, and the error names the lock."""
    commit = git_store.put_commit(sample_commits(git_store.put_folder({}))[0])
    lock = tmp_path / ".git/refs/heads/main.lock"
    lock.touch()
    with pytest.raises(VaultBusy) as caught:
        git_store.move_head(None, commit)
    assert "main.lock" in caught.value.hint
    lock.unlink()
    assert git_store.head() is None
    assert git_store.move_head(None, commit)


def test_an_empty_branch_file_is_an_error(git_store: GitObjects, tmp_path: Path) -> None:
    """A branch file that a power cut left empty is reported, never taken for an older value or for none."""
    commit = git_store.put_commit(sample_commits(git_store.put_folder({}))[0])
    assert git_store.move_head(None, commit)
    (tmp_path / ".git/packed-refs").write_text(f"{NOWHERE} refs/heads/main\n")
    (tmp_path / ".git/refs/heads/main").write_bytes(b"")
    with pytest.raises(NotAVault) as caught:
        git_store.head()
    assert "logs/refs/heads/main" in caught.value.hint.replace(os.sep, "/")
    assert commit in (tmp_path / ".git/logs/refs/heads/main").read_text()
    assert not git_store.move_head(commit, commit)
