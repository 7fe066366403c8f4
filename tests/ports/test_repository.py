"""Making, opening and adopting repositories, with real git as the witness."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from dulwich.repo import Repo

from vaultkit.core.git.tree import Commit
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import (
    create_bare,
    create_repository,
    ensure_main,
    open_repository,
    sweep_stale_locks,
)
from vaultkit.errors import NotAVault, UsageError, VaultBusy

SYMBOLIC = "ref: refs/heads/main"


def git(folder: Path, *arguments: str) -> str:
    """What real git answers, without a word on stderr; skips without git, which in CI is an error."""
    if shutil.which("git") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("git is not installed")
    command = ["git", "-c", "user.name=p", "-c", "user.email=p@x.invalid", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


def adopted(folder: Path, branch: str, *, commit: bool = True) -> Path:
    """A repository that plain git made, on `branch`."""
    git(folder, "init", "-q", "-b", branch)
    if commit:
        (folder / "a.md").write_text("words\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "by hand")
    return folder


def age(file: Path, seconds: float) -> Path:
    """`file`, made if need be, last touched `seconds` ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    then = file.stat().st_mtime - seconds
    os.utime(file, (then, then))
    return file


@pytest.mark.real
def test_a_new_repository_is_an_ordinary_one(tmp_path: Path) -> None:
    """Git works in it without a warning: it is on main, clean, with our settings, our folder left out."""
    create_repository(str(tmp_path)).close()
    (tmp_path / ".vaultkit/state.db").touch()
    assert git(tmp_path, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(tmp_path, "status", "--porcelain") == ""
    assert git(tmp_path, "config", "gc.auto") == "0"
    assert git(tmp_path, "config", "core.autocrlf") == "false"
    assert git(tmp_path, "config", "core.fsync") == "committed,reference"
    assert git(tmp_path, "config", "core.logallrefupdates") == "true"
    assert sorted(os.listdir(tmp_path)) == [".git", ".vaultkit"]


@pytest.mark.real
def test_a_bare_remote_is_on_main(tmp_path: Path) -> None:
    """A remote that vaultkit makes can be cloned by git, and its branch will be main."""
    create_bare(str(tmp_path / "remote.git"))
    assert git(tmp_path / "remote.git", "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(tmp_path / "remote.git", "rev-parse", "--is-bare-repository") == "true"


def test_making_it_twice_is_refused(tmp_path: Path) -> None:
    """A repository that is there is never replaced."""
    create_repository(str(tmp_path)).close()
    with pytest.raises(UsageError):
        create_repository(str(tmp_path))
    open_repository(str(tmp_path)).close()


def test_a_killed_making_is_made_again(tmp_path: Path) -> None:
    """What a killed run left half made is no repository yet, and the next run completes it."""
    half = tmp_path / ".vaultkit/new-repository/.git/objects"
    half.mkdir(parents=True)
    with pytest.raises(NotAVault):
        open_repository(str(tmp_path))
    create_repository(str(tmp_path)).close()
    assert not half.exists()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda git_folder: shutil.rmtree(git_folder), "no git repository"),
        (lambda git_folder: shutil.rmtree(git_folder / "objects"), "cannot be opened"),
        (lambda git_folder: (git_folder / "HEAD").write_bytes(b""), "damaged HEAD"),
        (lambda git_folder: (git_folder / "HEAD").unlink(), "damaged HEAD"),
        (lambda git_folder: (git_folder / "config").write_bytes(b"[core\n"), "cannot be opened"),
        (
            lambda git_folder: (git_folder / "config").write_bytes(b"[core]\nrepositoryformatversion=9\n"),
            "opened",
        ),
    ],
    ids=["gone", "no objects", "empty HEAD", "no HEAD", "bad config", "unknown format"],
)
def test_what_cannot_be_opened_is_not_a_vault(tmp_path: Path, damage: object, told: str) -> None:
    """Whatever is wrong with the repository, the error says so and what to do next."""
    create_repository(str(tmp_path)).close()
    damage(tmp_path / ".git")  # type: ignore[operator]
    with pytest.raises(NotAVault, match=told) as caught:
        open_repository(str(tmp_path))
    assert caught.value.hint


@pytest.mark.real
def test_a_repository_of_the_wrong_kind_is_not_a_vault(tmp_path: Path) -> None:
    """A bare repository and one with SHA-256 names are refused."""
    for name, option in (("bare", "--bare"), ("long", "--object-format=sha256")):
        git(tmp_path, "init", "-q", option, name)
        with pytest.raises(NotAVault):
            open_repository(str(tmp_path / name))


@pytest.mark.real
def test_opening_keeps_the_persons_configuration(tmp_path: Path) -> None:
    """Settings are only added, at the end: comments stay, and what a person set stays as it is."""
    adopted(tmp_path, "main")
    config, exclude = tmp_path / ".git/config", tmp_path / ".git/info/exclude"
    config.write_bytes(config.read_bytes() + b"# mine\n[gc]\n\tauto = 1234 # kept")
    exclude.write_bytes(b"# mine\n*.tmp")
    before = config.read_bytes()
    for _ in range(2):
        open_repository(str(tmp_path)).close()
    assert config.read_bytes().startswith(before)
    assert config.read_bytes().count(b"autocrlf") == 1
    assert git(tmp_path, "config", "gc.auto") == "1234"
    assert git(tmp_path, "config", "core.autocrlf") == "false"
    assert exclude.read_bytes() == b"# mine\n*.tmp\n.vaultkit/\n"


@pytest.mark.real
def test_a_locked_configuration_is_busy(tmp_path: Path) -> None:
    """Settings are not added behind the back of another git program; the error names its lock."""
    lock = adopted(tmp_path, "main") / ".git/config.lock"
    lock.touch()
    with pytest.raises(VaultBusy) as caught:
        open_repository(str(tmp_path))
    assert "config.lock" in caught.value.hint


@pytest.mark.real
@pytest.mark.parametrize("detached", [False, True])
def test_adopting_another_branch(tmp_path: Path, detached: bool) -> None:
    """The vault goes on at main, at the same commit, with a clean status; the old branch stays."""
    adopted(tmp_path, "master")
    commit = git(tmp_path, "rev-parse", "HEAD")
    if detached:
        git(tmp_path, "checkout", "-q", "--detach")
    with open_repository(str(tmp_path)) as repo:
        assert ensure_main(repo)
        assert not ensure_main(repo)
        assert GitObjects(repo).head() == commit
    assert git(tmp_path, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(tmp_path, "rev-parse", "HEAD", "master") == f"{commit}\n{commit}"
    assert git(tmp_path, "status", "--porcelain") == ""


@pytest.mark.real
def test_adopting_before_the_first_commit(tmp_path: Path) -> None:
    """A repository without a commit just gets another name for the branch to come."""
    adopted(tmp_path, "master", commit=False)
    with open_repository(str(tmp_path)) as repo:
        assert ensure_main(repo)
        assert GitObjects(repo).head() is None
    assert git(tmp_path, "symbolic-ref", "HEAD") == "refs/heads/main"


@pytest.mark.real
def test_adopting_beside_another_main(tmp_path: Path) -> None:
    """Where main holds something else than the branch in use, a person decides; nothing moves."""
    adopted(tmp_path, "main")
    git(tmp_path, "checkout", "-q", "-b", "work")
    with open_repository(str(tmp_path)) as repo:
        head = GitObjects(repo).head()
        assert head
        objects = GitObjects(repo)
        other = objects.put_commit(Commit(objects.commit(head).tree, (head,), "p <p@x.invalid>", 1, "more\n"))
        assert objects.move_head(head, other)
        with pytest.raises(UsageError):
            ensure_main(repo)
        assert objects.head() == other
    assert git(tmp_path, "symbolic-ref", "HEAD") == "refs/heads/work"


def test_stale_locks_are_swept(tmp_path: Path) -> None:
    """What killed programs left goes once it is old enough; young locks and objects stay."""
    with create_repository(str(tmp_path)) as repo:
        oid = GitObjects(repo).put_blob(b"words")
    inside = tmp_path / ".git"
    stale = ["index.lock", "refs/heads/main.lock", "refs/remotes/origin/main.lock"]
    leftovers = [
        f"objects/{oid[:2]}/tmp_obj_x",
        "objects/pack/tmp_pack_x",
        "objects/pack/tmpx.pack",
        "objects/tmp_x",
    ]
    for name in stale:
        age(inside / name, 90)
    for name in leftovers:
        age(inside / name, 4000)
    age(inside / "HEAD.lock", 10)
    age(inside / "objects/pack/tmp_idx_y", 90)
    age(inside / "objects" / oid[:2] / oid[2:], 10_000)
    assert sorted(sweep_stale_locks(str(tmp_path))) == sorted([*stale, *leftovers])
    assert sorted(sweep_stale_locks(str(tmp_path), 0)) == ["HEAD.lock", "objects/pack/tmp_idx_y"]
    assert sweep_stale_locks(str(tmp_path), 0) == []
    with open_repository(str(tmp_path)) as repo:
        assert GitObjects(repo).blob(oid) == b"words"


def test_sweeping_where_there_is_nothing(tmp_path: Path) -> None:
    """Without a repository there is nothing to sweep, and no error."""
    assert sweep_stale_locks(str(tmp_path)) == []


def test_objects_by_dulwich_are_durable_too(tmp_path: Path) -> None:
    """A repository opened by us tells dulwich to sync what it stores, whatever git's configuration says."""
    with create_repository(str(tmp_path)) as repo:
        assert isinstance(repo, Repo)
        assert repo.object_store.fsync_object_files
        assert (tmp_path / ".git/HEAD").read_text().strip() == SYMBOLIC
