"""The index writer, with real git as the judge of what it wrote."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dulwich.repo import Repo

from vaultkit.core.git.tree import FILE, Commit, Oid, with_edits
from vaultkit.effects.git_index import Line, patch_index, write_index
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_repository
from vaultkit.ports import Stamp

UNKNOWN = Stamp(0, 0, 0, 0)
NAMES = [
    "a b.md",
    "a/b.md",
    "a.md",
    "a-b/c.md",
    "Äpfel/日本 \U0001f600.md",
    "x" * 150 + "/" + "y" * 200 + ".md",
]
LONG_NAMES = ["/".join(["z" * 200] * 20) + "/1.md", "/".join(["z" * 200] * 20) + "/2.md"]


class Vault:
    """A folder with notes, all committed."""

    def __init__(self, root: Path, names: list[str]) -> None:
        self.root = root
        self.repo = create_repository(str(root))
        self.objects = GitObjects(self.repo)
        self.tree: Oid | None = None
        self.save(dict.fromkeys(names, "words\n"))

    def save(self, contents: dict[str, str | None]) -> None:
        """Write notes (None: remove them) and commit them, without the index."""
        for name, text in contents.items():
            if text is None:
                (self.root / name).unlink()
            else:
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).write_text(text, newline="")
        oids = self.objects.put_blobs((text or "").encode() for text in contents.values())
        edits = {
            name: oid if contents[name] is not None else None
            for name, oid in zip(contents, oids, strict=True)
        }
        self.tree, head = with_edits(self.objects, self.tree, edits), self.objects.head()
        parents = (head,) if head else ()
        commit = self.objects.put_commit(
            Commit(self.tree, parents, "p <p@x.invalid>", 1_700_000_000, "notes\n")
        )
        assert self.objects.move_head(head, commit)

    def line(self, name: str) -> tuple[Oid, Stamp]:
        """A note's content and what `stat` says about it."""
        info = (self.root / name).stat()
        oid = self.objects.put_blob((self.root / name).read_bytes())
        return oid, Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)

    def lines(self, names: list[str]) -> list[Line]:
        return [(name, *self.line(name), FILE) for name in names]

    @property
    def index(self) -> Path:
        return self.root / ".git" / "index"

    def git(self, *arguments: str) -> str:
        """What real git answers; skips without git, which in CI is an error."""
        if shutil.which("git") is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)("git is not installed")
        identity = ["-c", "user.name=p", "-c", "user.email=p@x.invalid", "-c", "core.quotepath=false"]
        command = ["git", *identity, "-C", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape")

    def assert_clean(self) -> None:
        """Git sees no difference anywhere, and believes the stamps without reading a note."""
        assert self.git("diff-files") == ""
        assert self.git("diff-index", "--cached", "HEAD") == ""
        assert self.git("status", "--porcelain") == ""
        assert self.git("fsck", "--strict", "--no-dangling") == ""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(tmp_path, NAMES)
    yield vault
    vault.repo.close()


@pytest.mark.real
def test_a_written_index_is_clean(vault: Vault) -> None:
    """After a whole writing, in any order, git finds the vault clean and need not refresh a single entry."""
    assert write_index(vault.repo, reversed(vault.lines(NAMES)))
    vault.assert_clean()
    before = vault.index.read_bytes()
    vault.git("update-index", "--refresh")
    assert vault.index.read_bytes()[12:].startswith(before[12:-20])


@pytest.mark.real
def test_five_thousand_notes(tmp_path: Path) -> None:
    """A large index is clean too, and stays so when a few entries are patched."""
    names = [f"{n % 50}/note {n}.md" for n in range(5000)]
    vault = Vault(tmp_path, names)
    assert write_index(vault.repo, vault.lines(names))
    vault.assert_clean()
    changed: dict[str, str | None] = {names[n]: f"changed {n}\n" for n in range(0, 5000, 500)}
    vault.save({**changed, names[7]: None, "new.md": "new\n"})
    patch = {name: vault.line(name) for name in [*changed, "new.md"]}
    assert patch_index(vault.repo, {**patch, names[7]: None})
    vault.assert_clean()
    vault.repo.close()


@pytest.mark.real
def test_without_stamps_git_looks_for_itself(vault: Vault) -> None:
    """An entry whose stamp is unknown makes git read the note: equal is clean, different is modified."""
    assert write_index(vault.repo, ((name, vault.line(name)[0], UNKNOWN, FILE) for name in NAMES))
    (vault.root / "a.md").write_text("other\n")
    assert vault.git("status", "--porcelain") == " M a.md\n"


@pytest.mark.real
@pytest.mark.parametrize(
    "changes",
    [
        {"a.md": "edited\n"},
        {"a b.md": None},
        {"0.md": "first\n", "~.md": "last\n", "a/0.md": "between\n"},
        {"a/b.md": None, "a.md": None, "Äpfel/neu.md": "neu\n", "a b.md": "edited\n"},
        dict.fromkeys(NAMES),
        {"a b.md": None, "a b.md/c.md": "now a folder\n"},
        {},
    ],
    ids=["replace", "remove", "add", "all three", "remove all", "file to folder", "nothing"],
)
def test_a_patch_leaves_the_vault_clean(vault: Vault, changes: dict[str, str | None]) -> None:
    """Replacing, adding and removing entries gives the very bytes that writing it whole would give."""
    assert write_index(vault.repo, vault.lines(NAMES))
    vault.save(changes)
    assert patch_index(
        vault.repo, {name: vault.line(name) if text else None for name, text in changes.items()}
    )
    patched = vault.index.read_bytes()
    vault.assert_clean()
    left = [name for name in {**dict.fromkeys(NAMES, ""), **changes} if changes.get(name, "") is not None]
    assert write_index(vault.repo, vault.lines(left))
    assert vault.index.read_bytes() == patched


@pytest.mark.real
def test_an_index_of_gits_own_is_patched(vault: Vault) -> None:
    """A patch leaves git's entries, and what was staged by hand, as they are, and drops git's caches."""
    vault.git("read-tree", "HEAD")
    vault.git("update-index", "-q", "--refresh")
    assert b"TREE" in vault.index.read_bytes()
    (vault.root / "staged.txt").write_text("by hand\n")
    vault.git("add", "staged.txt")
    vault.save({"a.md": "edited\n"})
    assert patch_index(vault.repo, {"a.md": vault.line("a.md"), "not there.md": None})
    assert b"TREE" not in vault.index.read_bytes()
    assert vault.git("status", "--porcelain") == "A  staged.txt\n"


@pytest.mark.real
def test_a_conflict_is_resolved_by_a_patch(vault: Vault) -> None:
    """The entries that a merge by hand left for one note are all replaced by the one that is true now."""
    oid = vault.line("a.md")[0]
    vault.git("reset", "-q")
    info = "".join(f"100644 {oid} {stage}\ta.md\n" for stage in (1, 2, 3))
    subprocess.run(
        ["git", "-C", vault.root, "update-index", "--index-info"],
        input=f"0 {'0' * 40}\ta.md\n{info}".encode(),
        check=True,
    )
    assert vault.git("status", "--porcelain") == "UU a.md\n"
    assert patch_index(vault.repo, {"a.md": vault.line("a.md")})
    vault.assert_clean()


@pytest.mark.real
@pytest.mark.parametrize(
    "setting",
    [("update-index", "--index-version", "4"), ("update-index", "--split-index")],
    ids=["v4", "split"],
)
def test_other_kinds_of_index_are_written_whole(vault: Vault, setting: tuple[str, ...]) -> None:
    """An index that a splice would break is refused unchanged, and replaced by a whole writing."""
    vault.git("reset", "-q")
    vault.git(*setting)
    before = vault.index.read_bytes()
    assert not patch_index(vault.repo, {"a.md": None})
    assert vault.index.read_bytes() == before
    assert write_index(vault.repo, vault.lines(NAMES))
    vault.assert_clean()


@pytest.mark.parametrize("damage", [b"", b"DIRC", b"DIRC\0\0\0\2\0\0\0\7" + bytes(400), bytes(60)])
def test_a_damaged_index_is_not_patched(vault: Vault, damage: bytes) -> None:
    """A missing, torn or senseless index is refused by the patch and healed by a whole writing."""
    assert not patch_index(vault.repo, {"a.md": None})
    vault.index.write_bytes(damage)
    assert not patch_index(vault.repo, {"a.md": None})
    vault.index.write_bytes(damage + hashlib.sha1(damage).digest())
    assert not patch_index(vault.repo, {"a.md": None})
    assert not vault.index.with_name("index.lock").exists()
    assert write_index(vault.repo, vault.lines(NAMES))
    assert patch_index(vault.repo, {"a.md": None})


def test_a_locked_index_is_left_alone(vault: Vault) -> None:
    """While another git program holds the index both ways of writing decline, and its lock stays."""
    assert write_index(vault.repo, vault.lines(NAMES))
    before, lock = vault.index.read_bytes(), vault.index.with_name("index.lock")
    lock.write_bytes(b"theirs")
    assert not write_index(vault.repo, [])
    assert not patch_index(vault.repo, {"a.md": None})
    assert (vault.index.read_bytes(), lock.read_bytes()) == (before, b"theirs")


def test_an_entry_that_cannot_be_made_leaves_no_lock(vault: Vault) -> None:
    """If the caller's entries fail, the old index stays and no lock is left behind."""

    def lines() -> Iterator[Line]:
        yield from vault.lines(NAMES[:2])
        raise OSError("the disk is gone")

    assert write_index(vault.repo, vault.lines(NAMES))
    before = vault.index.read_bytes()
    with pytest.raises(OSError, match="gone"):
        write_index(vault.repo, lines())
    assert vault.index.read_bytes() == before
    assert not vault.index.with_name("index.lock").exists()


@pytest.mark.real
def test_paths_too_long_for_their_length_field(vault: Vault) -> None:
    """Paths of 4,095 bytes and more, and bytes that are no UTF-8, are written, found and removed."""
    oid = vault.line("a.md")[0]
    odd = b"latin \xfc.md".decode("utf-8", "surrogateescape")
    names = [*NAMES, *LONG_NAMES, odd]
    assert write_index(vault.repo, ((name, oid, UNKNOWN) for name in names))
    assert sorted(vault.git("ls-files", "-z").split("\0")[:-1]) == sorted(names)
    assert patch_index(vault.repo, {LONG_NAMES[0]: None, odd: None, LONG_NAMES[1]: (oid, UNKNOWN)})
    assert sorted(vault.git("ls-files", "-z").split("\0")[:-1]) == sorted([*NAMES, LONG_NAMES[1]])


@pytest.mark.parametrize("stamp", [Stamp(2**33 + 5, -1, -(10**10), 2**70), Stamp(5, 2**62, 2**62, 2**64 - 1)])
def test_numbers_beyond_the_format_are_cut(vault: Vault, stamp: Stamp) -> None:
    """Sizes, times and inodes that do not fit 32 bits are cut down as git cuts them, never an error."""
    oid = vault.line("a.md")[0]
    assert write_index(vault.repo, [("a.md", oid, stamp)])
    entry = vault.index.read_bytes()[12:]
    assert int.from_bytes(entry[36:40], "big") == stamp.size % 2**32


def test_the_repository_can_be_opened_by_others(vault: Vault) -> None:
    """Another reader of the format (dulwich) sees the same entries."""
    assert write_index(vault.repo, vault.lines(NAMES))
    with Repo(str(vault.root)) as other:
        index = other.open_index()
        assert sorted(index) == sorted(name.encode() for name in NAMES)
        assert all(index[name.encode()].sha.decode() == vault.line(name)[0] for name in NAMES)
