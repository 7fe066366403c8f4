"""Making and opening the vault's git repository: an ordinary one, on branch `main`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from dulwich.errors import NotGitRepository
from dulwich.refs import Ref
from dulwich.repo import Repo

from vaultkit.errors import NotAVault

HEAD, MAIN = Ref(b"HEAD"), Ref(b"refs/heads/main")
STALE_SECONDS = 60.0
LOCKS = (
    "index.lock",
    "HEAD.lock",
    "packed-refs.lock",
    "config.lock",
    "refs/heads/main.lock",
    "refs/remotes/origin/main.lock",
)


def create_repository(path: str) -> Repo:
    """A new repository in `path/.git`, with `HEAD` at `main` from the start."""
    repo = Repo.init(path, default_branch=b"main")
    _configure(repo)
    repo.close()
    return open_repository(path)


def open_repository(path: str) -> Repo:
    """The repository of the vault at `path`; NotAVault if there is none that can be used."""
    try:
        repo = Repo(path)
    except NotGitRepository as error:
        hint = "Run `vaultkit init` here; it keeps your notes as they are."
        raise NotAVault(f"{path} has no git repository", hint=hint) from error
    except Exception as error:
        raise NotAVault(f"the git repository in {path} cannot be opened: {error}") from error
    if repo.bare:
        repo.close()
        raise NotAVault(f"{path} is a bare git repository", hint="Join it from another folder.")
    return repo


def ensure_main(repo: Repo) -> bool:
    """Put an adopted repository on branch `main`, at the commit it is at; True if that changed anything."""
    _configure(repo)
    target = repo.refs.read_loose_ref(HEAD)
    if target == b"ref: " + MAIN:
        return False
    try:
        commit = repo.refs[HEAD]
    except KeyError:
        commit = None
    if commit and MAIN not in repo.refs:
        repo.refs.add_if_new(MAIN, commit)
    repo.refs.set_symbolic_ref(HEAD, MAIN)
    return True


def sweep_stale_locks(path: str, older_than: float = STALE_SECONDS) -> list[str]:
    """Remove lock files that a killed program left; their names come back.

    Only for a caller that holds the vault's own lock, so that none of them is vaultkit's at work. A
    younger one may be another git program's and stays.
    """
    found = []
    for name in LOCKS:
        lock = Path(path, ".git", name)
        try:
            if time.time() - lock.stat().st_mtime > older_than:
                lock.unlink()
                found.append(name)
        except FileNotFoundError:
            continue
    return found


def _configure(repo: Repo) -> None:
    """Durable objects, and no collection behind our back: it would take minutes in a large vault."""
    config = repo.get_config()
    config.set((b"core",), b"fsyncObjectFiles", b"true")
    config.set((b"core",), b"autocrlf", b"false")
    config.set((b"gc",), b"auto", b"0")
    config.write_to_path()
    _exclude_private_folder(Path(os.fsdecode(repo.controldir()), "info", "exclude"))


def _exclude_private_folder(exclude: Path) -> None:
    exclude.parent.mkdir(exist_ok=True)
    lines = exclude.read_text("utf-8").splitlines() if exclude.exists() else []
    if ".vaultkit/" not in lines:
        exclude.write_text("\n".join([*lines, ".vaultkit/", ""]), "utf-8")
