"""The refs `main` and `origin/main`, moved by compare-and-swap and durable when moved.

A ref file that a power cut left empty is an error here. dulwich would fall back to the value that
was packed long ago, and the newest notes would look as if they had never been committed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from dulwich.objects import valid_hexsha
from dulwich.refs import Ref, RefsContainer

from vaultkit.core.git.tree import Oid
from vaultkit.durable import make_folders
from vaultkit.effects.objects.ref_lock import LockTaken, RefLock, lock_ref
from vaultkit.errors import NotAVault, VaultBusy

MAIN = Ref(b"refs/heads/main")
TRACKING = Ref(b"refs/remotes/origin/main")
REMOTES = Ref(b"refs/remotes")
MOST_TAIL = 64 * 1024
_HASH = re.compile(rb"[0-9a-f]{40}\b")
_COMMITTED = re.compile(rb"[0-9a-f]{40} [0-9a-f]{40} [^\t]*\tcommit( \((initial|amend)\))?: ")
NOTHING = "0" * 40
WHO = "vaultkit <vaultkit@vaultkit.invalid>"


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


def move_ref(repo: HasRefs, name: Ref, expected: Oid | None, new: Oid, *, logged: bool = False) -> bool:
    """Point `name` from `expected` (None: it must not exist) to `new`; False if it is elsewhere.

    Raises VaultBusy while another git program holds the ref. `logged`: git's own log tells of it.
    """
    with _hold(repo, name) as lock:
        if not _is_at(repo, name, expected):
            return False
        if logged:
            _log(repo, name, expected, new)
        lock.write(_line(new))
    return True


def _is_at(repo: HasRefs, name: Ref, expected: Oid | None) -> bool:
    try:
        return read_ref(repo, name) == expected
    except NotAVault:
        return False


def set_ref(repo: HasRefs, name: Ref, new: Oid) -> None:
    """Point `name` to `new`, whatever it is at; VaultBusy while another git program holds it."""
    with _hold(repo, name) as lock:
        lock.write(_line(new))


@contextmanager
def _hold(repo: HasRefs, name: Ref) -> Iterator[RefLock]:
    try:
        with lock_ref(repo.commondir(), _path(repo, _followed(repo, name))) as lock:
            yield lock
    except LockTaken as taken:
        hint = f"Try again when it is done. If no git program is running, remove {taken.lock}."
        raise VaultBusy("another git program is moving the branch", hint=hint, lock=taken.lock) from taken


def _followed(repo: HasRefs, name: Ref) -> Ref:
    """The branch that `name` is, if it is another name for one."""
    content = repo.refs.read_loose_ref(name)
    if content is None or not content.startswith(b"ref: "):
        return name
    real = content[5:].strip()
    if not real.startswith(b"refs/") or real.find(b"..") >= 0:
        raise _damaged(repo, name)
    return Ref(real)


def _log(repo: HasRefs, name: Ref, old: Oid | None, new: Oid) -> None:
    path = os.path.join(repo.commondir(), "logs", *os.fsdecode(name).split("/"))
    make_folders(os.path.dirname(path))
    with open(path, "ab") as file:
        file.write(f"{old or NOTHING} {new} {WHO} {int(time.time())} +0000\tvaultkit\n".encode())


def _damaged(repo: HasRefs, name: Ref) -> NotAVault:
    path, log = _path(repo, name), os.path.join(repo.commondir(), "logs", os.fsdecode(name))
    hint = f"Write the second hash of the last line of {log} into it, then run `vaultkit sync`."
    return NotAVault(f"the branch file {path} is damaged", hint=hint)


def _path(repo: HasRefs, name: Ref) -> str:
    return os.path.join(repo.commondir(), *os.fsdecode(name).split("/"))


def _line(oid: Oid) -> bytes:
    return f"{oid}\n".encode("ascii")
