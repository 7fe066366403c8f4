"""Making and opening the vault's git repository: an ordinary one, on branch `main`.

A new repository is built under `.vaultkit/` and renamed into place, so a run that is killed leaves
all of it or nothing. An existing one keeps its configuration file byte for byte; what vaultkit
needs is added at its end:

- `gc.auto=0`: no git program starts a collection by itself, which takes minutes in a large vault.
- `core.fsync`: what plain git commits in the vault is on the disk too. (The older
  `core.fsyncObjectFiles` would make every git command print a warning; dulwich is told directly.)
- `core.autocrlf=false`: a note has the bytes its writer gave it.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from dulwich.config import ConfigFile
from dulwich.file import FileLocked, GitFile
from dulwich.object_format import SHA1
from dulwich.objects import ObjectID
from dulwich.refs import DiskRefsContainer, Ref
from dulwich.repo import Repo

from vaultkit.durable import sync
from vaultkit.errors import NotAVault, UsageError, VaultBusy

HEAD, MAIN = Ref(b"HEAD"), Ref(b"refs/heads/main")
PRIVATE = ".vaultkit"
SETTINGS = (("core", "fsync", "committed,reference"), ("core", "autocrlf", "false"), ("gc", "auto", "0"))

STALE_SECONDS = 60.0
ABANDONED = 60  # times as long: a slow fetch may not touch its temporary pack for minutes
LOCKS = (
    "index.lock",
    "HEAD.lock",
    "config.lock",
    "packed-refs.lock",
    "refs/heads/main.lock",
    "refs/remotes/origin/main.lock",
)
LEFTOVERS = (
    "objects/tmp_*",
    "objects/??/tmp_*",
    "objects/pack/tmp*",
    "objects/info/tmp_*",
    "objects/??/*.lock",
    "objects/pack/*.lock",
)


def create_repository(path: str) -> Repo:
    """A new repository in `path/.git`, with `HEAD` at `main` from the start; UsageError if there is one."""
    target, scratch = Path(path, ".git"), Path(path, PRIVATE, "new-repository")
    if target.exists():
        raise UsageError(f"{path} has a git repository already", hint="Open it instead of making one.")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    Repo.init(str(scratch), default_branch=b"main").close()
    open_repository(str(scratch)).close()
    _put_in_place(scratch / ".git", target)
    scratch.rmdir()
    return open_repository(path)


def create_bare(path: str) -> None:
    """A new bare repository at `path`, to be a remote, all of it or nothing; its branch will be `main`."""
    target = Path(path)
    scratch = target.with_name(f".{target.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    Repo.init_bare(str(scratch), mkdir=True, default_branch=b"main").close()
    _put_in_place(scratch, target)


def _put_in_place(made: Path, target: Path) -> None:
    """Give a new repository its name once all in it is on the disk."""
    for folder, _, names in os.walk(made):
        for path in (*(Path(folder, name) for name in names), Path(folder)):
            sync(str(path))
    os.rename(made, target)
    sync(str(target.parent))


def open_repository(path: str) -> Repo:
    """The repository of the vault at `path`, with the settings above; the caller closes it.

    Raises NotAVault if there is none, or one that vaultkit cannot use.
    """
    if not Path(path, ".git").exists():
        hint = "Run `vaultkit init` here; it keeps your notes as they are."
        raise NotAVault(f"{path} has no git repository", hint=hint)
    try:
        repo = Repo(path)
    except Exception as error:  # dulwich's errors have no common base
        hint = "Look at it with `git -C PATH status`, or move `.git` away and run `vaultkit init` again."
        raise NotAVault(f"the git repository in {path} cannot be opened: {error}", hint=hint) from error
    try:
        _refuse_unusable(repo, path)
        _add_settings(repo)
    except BaseException:
        repo.close()
        raise
    _exclude_private_folder(Path(repo.commondir(), "info", "exclude"))
    repo.object_store.fsync_object_files = True
    return repo


def ensure_main(repo: Repo) -> bool:
    """Put an adopted repository on branch `main`, at the commit it is at; True if that changed anything.

    The branch it was on stays. Raises UsageError if there is a `main` already that holds something else.
    """
    if repo.refs.read_loose_ref(HEAD) == b"ref: " + MAIN:
        return False
    commit, main = _commit_at(repo, HEAD), _commit_at(repo, MAIN)
    if main and main != commit:
        hint = "Merge what you want to keep into main, run `git switch main`, then `vaultkit init` again."
        raise UsageError(
            "this repository is on another branch than main, and main differs from it", hint=hint
        )
    _clear_stale(repo, "HEAD.lock", "refs/heads/main.lock")
    try:
        if commit and not main:
            repo.refs.add_if_new(MAIN, commit)
            sync(os.path.join(repo.commondir(), "refs/heads"))
        repo.refs.set_symbolic_ref(HEAD, MAIN)
        sync(repo.commondir())
    except FileLocked as error:
        raise _busy(error) from error
    return True


def sweep_stale_locks(path: str, older_than_s: float = STALE_SECONDS) -> list[str]:
    """Remove what killed programs left in `path/.git`: locks, temporary object files. Their names come back.

    Nothing else ever removes a lock, and the first one would stop vaultkit for ever. Only for a
    caller that holds the vault's own lock, at its start: then no vaultkit process can be using one
    of these files. Another git program may, so a lock younger than `older_than_s` stays, and a
    temporary file sixty times as long.
    """
    git = Path(path, ".git")
    found = [(git / name, older_than_s) for name in LOCKS]
    found += [(file, older_than_s * ABANDONED) for pattern in LEFTOVERS for file in git.glob(pattern)]
    return [file.relative_to(git).as_posix() for file, seconds in found if _remove_if_older(file, seconds)]


def _clear_stale(repo: Repo, *locks: str) -> None:
    """A run that was killed before there was a vault left these, and nobody else would sweep them."""
    for lock in locks:
        _remove_if_older(Path(repo.commondir(), lock), STALE_SECONDS)


def _remove_if_older(file: Path, seconds: float) -> bool:
    with suppress(FileNotFoundError, NotADirectoryError):
        if time.time() - file.stat().st_mtime >= seconds:
            file.unlink()
            return True
    return False


def _refuse_unusable(repo: Repo, path: str) -> None:
    problem = ""
    if repo.bare:
        problem = "is bare: it has no folder of notes"
    elif repo.object_format != SHA1:
        problem = "uses SHA-256 names, which most remotes do not take yet"
    elif not isinstance(repo.refs, DiskRefsContainer):
        problem = "keeps its refs in a format vaultkit cannot move safely"
    elif not repo.refs.read_loose_ref(HEAD):
        problem = "has a damaged HEAD; write the line `ref: refs/heads/main` into .git/HEAD"
    if problem:
        raise NotAVault(f"the git repository in {path} {problem}", hint="Use an ordinary repository.")


def _commit_at(repo: Repo, name: Ref) -> ObjectID | None:
    try:
        return repo.refs[name]
    except KeyError:
        return None


def _add_settings(repo: Repo) -> None:
    """Add the settings that are not there, at the end of the file."""
    config = repo.get_config()
    missing = [setting for setting in SETTINGS if not _has(config, *setting[:2])]
    if not missing:
        return
    path = Path(repo.commondir(), "config")
    content = path.read_bytes() if path.exists() else b""
    lines = [f"[{section}]\n\t{name} = {value}\n" for section, name, value in missing]
    start = b"" if not content or content.endswith(b"\n") else b"\n"
    _clear_stale(repo, "config.lock")
    try:
        with GitFile(str(path), "wb") as file:
            file.write(content + start + "".join(lines).encode())
        sync(str(path.parent))
    except FileLocked as error:
        raise _busy(error) from error


def _has(config: ConfigFile, section: str, name: str) -> bool:
    try:
        config.get((section.encode(),), name.encode())
    except KeyError:
        return False
    return True


def _exclude_private_folder(exclude: Path) -> None:
    content = exclude.read_bytes() if exclude.exists() else b""
    line = f"{PRIVATE}/".encode()
    if line not in content.splitlines():
        exclude.parent.mkdir(exist_ok=True)
        start = b"" if not content or content.endswith(b"\n") else b"\n"
        with exclude.open("ab") as file:
            file.write(start + line + b"\n")


def _busy(error: FileLocked) -> VaultBusy:
    lock = os.fsdecode(error.lockfilename)
    hint = f"Try again when it is done. If no git program is running, remove {lock}."
    return VaultBusy("another git program is at work in this repository", hint=hint)
