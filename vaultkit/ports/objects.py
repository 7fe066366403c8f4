"""A git repository's objects: as the cycle needs them, and as a transport does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple, Protocol

from vaultkit.core.git.tree import Commit, Folder, Objects, Oid


class ObjectStore(Objects, Protocol):
    """A git repository's objects and the two refs vaultkit moves.

    `head` is the branch `main`: the local commits. `tracking` is what the remote was last seen to
    hold. Everything stored is durable (synced to the disk) before the call that stored it returns.
    """

    def contains(self, oid: Oid) -> bool: ...

    def head(self) -> Oid | None:
        """The commit `main` points at, None before the first."""

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        """Point `main` at `new` if it still is at `expected`; False (and no change) otherwise."""

    def tracking(self) -> Oid | None: ...
    def set_tracking(self, new: Oid) -> None: ...

    def brought_here(self) -> frozenset[Oid]:
        """The commits that git programs in this repository fetched last, by whatever remote or address."""

    def made_here(self) -> frozenset[Oid]:
        """The commits that other git programs made in this repository lately, as its own log tells."""


class Weight(NamedTuple):
    """What the first bytes of an object say of it: its kind as git has it, and the size of its content."""

    kind: str
    size: int


class Lookup(Protocol):
    """Commits, folders and kinds by their hashes; KeyError for what is missing, damaged or too large."""

    def commit(self, oid: Oid) -> Commit: ...
    def folder(self, oid: Oid) -> Folder: ...
    def kind(self, oid: Oid) -> str: ...


class Arrival(Lookup, Protocol):
    """A fetched pack that was read through and is not stored yet: its objects, and those stored already.

    Files too large to keep were left out on purpose: `large` are those whose names are known,
    `unnamed` counts those stored as a difference, whose names nobody can tell. Looking at folders
    and kinds has an allowance of work, and raises OverBudget when it is used up.
    """

    large: frozenset[Oid]
    unnamed: int

    def keep(self) -> None:
        """Store it, durably; a commit is never there before what it needs."""


class GitStore(ObjectStore, Lookup, Protocol):
    """The ObjectStore as a transport needs it: objects as git encodes them, few or a pack of them.

    `place` is the folder they are in; a file made there is on the same disk.
    """

    place: str

    def commit(self, oid: Oid) -> Commit: ...
    def folder(self, oid: Oid) -> Folder: ...

    def raw(self, oid: Oid) -> tuple[str, bytes]:
        """An object's kind and encoded content; KeyError as ever."""

    def weigh(self, oid: Oid) -> Weight:
        """What an object's first bytes say, even if it is too large to be read; KeyError if there is none."""

    def keep(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Store encoded objects, read one by one: a few as they come, many as one pack."""

    def receive(self, pack: BinaryIO, most_objects: int, check: Callable[[], None]) -> Arrival:
        """Read a fetched pack through, within bounds of memory and work; Incomplete if it is none.

        Objects beyond those bounds, or built on what nobody has, are left out. `check` is called
        again and again and may raise, to give the work up. The pack is read until the arrival is kept.
        """

    def shallow(self) -> frozenset[Oid]:
        """The commits whose parents are not here, in a repository that was cloned without its past."""

    def other(self, path: str) -> AbstractContextManager[GitStore]:
        """The repository at another `path`, whoever writes into it, read within the same bounds."""
