"""Copying what a fetch needs from another repository on this machine, object by object.

While it lasts, both repositories are looked at as one: what is new is there, what is old is here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from vaultkit.core.git.bounds import LARGEST
from vaultkit.core.git.reachable import new_commits
from vaultkit.core.git.tree import Commit, Folder, Oid
from vaultkit.effects.transport.arriving import NOTHING
from vaultkit.effects.transport.sending import needed_objects
from vaultkit.errors import Incomplete
from vaultkit.ports import GitStore

T = TypeVar("T")


class Copying:
    """From `theirs` to `ours`. Looking up is the Lookup port over both; `check` may raise to end it all."""

    def __init__(self, ours: GitStore, theirs: GitStore, check: Callable[[], None]) -> None:
        self._ours = ours
        self._theirs = theirs
        self._check = check

    def commit(self, oid: Oid) -> Commit:
        return self._first(lambda store: store.commit(oid))

    def folder(self, oid: Oid) -> Folder:
        return self._first(lambda store: store.folder(oid))

    def kind(self, oid: Oid) -> str:
        return self._first(lambda store: store.kind(oid))

    def is_large(self, oid: Oid) -> bool:
        """Do they have it, and is it too large to keep?"""
        try:
            kind, size = self._theirs.weigh(oid)
        except KeyError:
            return False
        return size > LARGEST.get(kind, 0)

    def objects(
        self, head: Oid, known: Sequence[Oid], boundary: Collection[Oid], is_forgiven: Callable[[Oid], bool]
    ) -> Iterator[tuple[str, bytes]]:
        """What we lack, commits last. Incomplete where something is missing that nobody forgives."""
        commits = new_commits(self, head, known, boundary)
        below = dict.fromkeys(needed.oid for needed in needed_objects(self, commits))
        for oid in below:
            yield from self._lacking(oid, is_forgiven)
        for oid in commits:
            yield from self._lacking(oid, lambda _: False)

    def _lacking(self, oid: Oid, is_forgiven: Callable[[Oid], bool]) -> Iterator[tuple[str, bytes]]:
        """The object, if we lack it and they have it."""
        self._check()
        if self._ours.contains(oid):
            return
        try:
            yield self._theirs.raw(oid)
        except KeyError as error:
            if oid != NOTHING and not is_forgiven(oid):
                raise Incomplete("the remote is being written to", hint="Try again.") from error

    def _first(self, read: Callable[[GitStore], T]) -> T:
        self._check()
        try:
            return read(self._theirs)
        except KeyError:
            return read(self._ours)
