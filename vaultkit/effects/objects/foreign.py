"""Opening a repository that others write into: a bare one on a shared path.

Its files are data, not instructions. dulwich's `Repo` would read its configuration with all that it
includes, from anywhere on this machine and of any size. Here only two settings are looked at, and the
few small files that are read whole have to be ordinary files and small.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from dulwich.config import ConfigFile
from dulwich.errors import NotGitRepository
from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID
from dulwich.refs import DiskRefsContainer
from dulwich.repo import parse_shared_repository

from vaultkit.effects.objects.durable import Access
from vaultkit.effects.objects.regular_file import open_regular
from vaultkit.errors import NotAVault

LARGEST_FILE = 16 * 1024**2
_READ_WHOLE = ("config", "HEAD", "packed-refs", "refs/heads/main", "shallow")
_UNUSABLE = ("objectformat", "refstorage", "compatobjectformat")


@dataclass(frozen=True, slots=True)
class ForeignRepo:
    """What is used of a repository that is not ours; the same names as in dulwich's `Repo`."""

    folder: str
    object_store: DiskObjectStore
    refs: DiskRefsContainer

    def commondir(self) -> str:
        return self.folder

    def get_shallow(self) -> set[ObjectID]:
        """The commits whose parents it does not have."""
        return {ObjectID(line) for line in _content(self.folder, "shallow").split() if len(line) == 40}


@contextmanager
def open_foreign(path: str) -> Iterator[ForeignRepo]:
    """The repository at `path`; NotGitRepository if there is none, NotAVault if it cannot be used."""
    folder = _git_folder(os.path.expanduser(path))
    for name in _READ_WHOLE:
        _content(folder, name)
    store = DiskObjectStore(os.path.join(folder, "objects"), shared_perm=_access(folder))
    try:
        yield ForeignRepo(folder, store, DiskRefsContainer(folder))
    finally:
        store.close()


def _git_folder(path: str) -> str:
    for folder in (os.path.join(path, ".git"), path):
        if all(os.path.isdir(os.path.join(folder, name)) for name in ("objects", "refs")):
            return folder
    raise NotGitRepository(f"No git repository was found at {path}")


def _access(folder: str) -> Access:
    config = ConfigFile.from_file(BytesIO(_content(folder, "config")), expand_includes=False)
    for name in _UNUSABLE:
        if _setting(config, "extensions", name) not in (None, b"sha1", b"files"):
            hint = "Use an ordinary bare repository."
            raise NotAVault(f"the remote repository has an unknown {name}", hint=hint)
    return parse_shared_repository(_setting(config, "core", "sharedRepository") or b"umask")


def _setting(config: ConfigFile, section: str, name: str) -> bytes | None:
    try:
        return config.get((section.encode(),), name.encode())
    except KeyError:
        return None


def _content(folder: str, name: str) -> bytes:
    """What a small file holds, nothing if it is not there; NotAVault if it is neither."""
    path = os.path.join(folder, *name.split("/"))
    file = open_regular(path, follow=True)
    if file is None:
        if os.path.lexists(path):
            raise NotAVault(f"{path} is no ordinary file", hint="Find out who put it there.")
        return b""
    with file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise NotAVault(f"{path} is too large to be read", hint="Find out who wrote it.")
    return content
