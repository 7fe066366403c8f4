"""One agent's desk: the ports of one vault on one machine, gathered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from vaultkit.core.git.tree import Oid
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.rules.identity import Identity
from vaultkit.overseer import Overseer
from vaultkit.ports import Clock, Disk, ObjectStore, State, Transport

Progress = Callable[[str, int, int], None]
"""Hears how far long work is: what is done, how many so far, of how many (0: nobody knows)."""


MANY_WRITES = 500
BATCH = 2 * MANY_WRITES
"""So many of very many writes are made durable together, by two syncs of the whole system."""


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Desk:
    """All that a cycle needs. `remote` is None for a vault that stays on this machine.

    `trusted` is the commit from which this machine judges history, whose own tree it takes as it is.
    Without an `overseer` hooks are called plainly, in the thread that is there. `unusable`: the modules of
    hooks that are enabled and cannot be loaded.
    """

    identity: Identity
    objects: ObjectStore
    disk: Disk
    state: State
    clock: Clock
    remote: Transport | None = None
    trusted: Oid | None = None
    hooks: Sequence[Hook] = ()
    unusable: Sequence[str] = ()
    progress: Progress = no_progress
    overseer: Overseer | None = None

    def head_tree(self) -> Oid | None:
        """The tree the newest local commit stands for; at a published commit, what counts of it."""
        while True:
            head = self.state.get("head")
            base, tree = self.published()
            if head == self.state.get("head"):  # else another process or thread has moved on under the look
                break
        if head is None or head == base:
            return tree if head else None
        return self.objects.commit(Oid(head)).tree

    def published(self) -> tuple[Oid | None, Oid | None]:
        """The newest commit that is known to be published, and the tree that counts there."""
        while True:
            base, tree = self.state.get("base"), self.state.get("tree")
            if base == self.state.get("base"):
                return Oid(base) if base else None, Oid(tree) if tree else None

    def holds(self, path: str, oid: Oid | None) -> bool:
        """Is just this at `path` on the disk now (None: nothing at all)?"""
        if oid is None:
            return self.disk.item(path) is None
        content = self.objects.blob(oid)
        found = self.disk.read(path, len(content))
        return found is not None and found[0] == content


def many_writes(
    desk: Desk, count: int, contents: Iterable[tuple[str, Oid | None]]
) -> AbstractContextManager[object]:
    """In this block `contents` are written, of `count` in all: durable together if they are many."""
    if count <= MANY_WRITES:
        return nullcontext()
    return desk.disk.bulk((path, desk.objects.blob(oid)) for path, oid in contents if oid)


def keep_all(desk: Desk, paths: Collection[str]) -> None:
    """Make what is at these paths durable: together if they are many, else one by one."""
    if len(paths) > MANY_WRITES:
        with desk.disk.bulk():
            return
    desk.disk.keep(sorted(paths))
