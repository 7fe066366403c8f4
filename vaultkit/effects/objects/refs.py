"""The refs `main` and `origin/main`, moved by compare-and-swap and durable when moved.

A ref file that a power cut left empty is an error here. dulwich would fall back to the value that
was packed long ago, and the newest notes would look as if they had never been committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from dulwich.file import FileLocked
from dulwich.objects import ObjectID, valid_hexsha
from dulwich.refs import Ref, RefsContainer

from vaultkit.core.tree import Oid
from vaultkit.effects.objects.durable import sync_folder
from vaultkit.errors import NotAVault, VaultBusy

MAIN = Ref(b"refs/heads/main")
TRACKING = Ref(b"refs/remotes/origin/main")
REMOTES = Ref(b"refs/remotes")
MOST_TAIL = 64 * 1024
_HASH = re.compile(rb"[0-9a-f]{40}\b")
_COMMITTED = re.compile(rb"[0-9a-f]{40} [0-9a-f]{40} [^\t]*\tcommit( \((initial|amend)\))?: ")
WHO = b"vaultkit <vaultkit@vaultkit.invalid>"
WHY = b"vaultkit"


class HasRefs(Protocol):
    """A repository, as far as its refs go."""

    @property
    def refs(self) -> RefsContainer: ...
    def commondir(self) -> str: ...


def read_ref(repo: HasRefs, name: Ref) -> Oid | None:
    """What `name` points at, None if it does not exist; NotAVault if its file is damaged."""
    content = repo.refs.read_loose_ref(name)
    if content is not None and not content.startswith(b"ref: ") and not valid_hexsha(content):
        raise _damaged(repo, name)
    try:
        return Oid(repo.refs[name].decode("ascii"))
    except KeyError:
        return None


def brought_refs(repo: HasRefs) -> frozenset[Oid]:
    """What other programs in this repository fetched last: every remote's `main`, and FETCH_HEAD."""
    names = [ref for ref in repo.refs.subkeys(REMOTES) if ref.endswith(b"/main")]
    found = {oid for name in names if (oid := _read_quietly(repo, Ref(REMOTES + b"/" + name)))}
    return frozenset(found | set(_fetch_head(repo)))


def _read_quietly(repo: HasRefs, name: Ref) -> Oid | None:
    try:
        return Oid(repo.refs[name].decode("ascii"))
    except (KeyError, ValueError):
        return None


def _fetch_head(repo: HasRefs) -> list[Oid]:
    """One line a branch; each begins with its hash."""
    text = _tail(os.path.join(repo.commondir(), "FETCH_HEAD"))
    return [Oid(line[:40].decode()) for line in text.splitlines() if _HASH.match(line)]


def committed_here(repo: HasRefs) -> frozenset[Oid]:
    """What `git commit` made on this machine, by the log git keeps of HEAD; only the end of it is read.

    That log never travels. A merge is left out: its content may be from elsewhere.
    """
    text = _tail(os.path.join(repo.commondir(), "logs", "HEAD"))
    return frozenset(Oid(line[41:81].decode()) for line in text.splitlines() if _COMMITTED.match(line))


def _tail(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MOST_TAIL))
            return file.read()
    except OSError:
        return b""


def move_ref(repo: HasRefs, name: Ref, expected: Oid | None, new: Oid) -> bool:
    """Point `name` from `expected` (None: it must not exist) to `new`; False if it is elsewhere.

    Raises VaultBusy while another git program holds the ref.
    """
    with _locked_means_busy():
        if expected is None:
            moved = repo.refs.add_if_new(name, _bytes(new), committer=WHO, message=WHY)
        else:
            moved = repo.refs.set_if_equals(name, _bytes(expected), _bytes(new), committer=WHO, message=WHY)
    _sync(repo, name)
    return moved


def set_ref(repo: HasRefs, name: Ref, new: Oid) -> None:
    """Point `name` to `new`, whatever it is at; VaultBusy while another git program holds it."""
    with _locked_means_busy():
        repo.refs.set_if_equals(name, None, _bytes(new))
    _sync(repo, name)


@contextmanager
def _locked_means_busy() -> Iterator[None]:
    try:
        yield
    except FileLocked as error:
        lock = os.fsdecode(error.lockfilename)
        hint = f"Try again when it is done. If no git program is running, remove {lock}."
        raise VaultBusy("another git program is moving the branch", hint=hint, lock=lock) from error


def _damaged(repo: HasRefs, name: Ref) -> NotAVault:
    path, log = _path(repo, name), os.path.join(repo.commondir(), "logs", os.fsdecode(name))
    hint = f"Write the second hash of the last line of {log} into it, then run `vaultkit sync`."
    return NotAVault(f"the branch file {path} is damaged", hint=hint)


def _sync(repo: HasRefs, name: Ref) -> None:
    sync_folder(os.path.dirname(_path(repo, name)))


def _path(repo: HasRefs, name: Ref) -> str:
    return os.path.join(repo.commondir(), *os.fsdecode(name).split("/"))


def _bytes(oid: Oid) -> ObjectID:
    return ObjectID(oid.encode("ascii"))
