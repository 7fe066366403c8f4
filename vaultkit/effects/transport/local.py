"""A remote on a local path: its objects and its branch, read and written directly.

The server's hooks do not run here; there is no server. The branch moves by compare-and-swap under
git's own lock file, so git and other vaults can use the same repository at the same time.

Somebody else may write into that folder, so it is read like anything that arrives, within bounds,
and within a deadline: a network disk may hang, and what looks like a file may be a pipe.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import TypeVar

from vaultkit.core.git.tree import Oid
from vaultkit.effects.transport.arriving import LeftOut, check_arrived
from vaultkit.effects.transport.copying import Copying
from vaultkit.effects.transport.deadline import Limit
from vaultkit.effects.transport.failures import explain
from vaultkit.effects.transport.patience import Patience
from vaultkit.effects.transport.sending import objects_to_send, read_to_send
from vaultkit.effects.transport.url import Address
from vaultkit.errors import NotAVault, RemoteUnreachable, VaultBusy
from vaultkit.ports import GitStore, Outcome, Pushed

T = TypeVar("T")
STALE_LOCK_SECONDS = 60.0


class LocalTransport:
    """The Transport port over a path."""

    def __init__(self, objects: GitStore, address: Address, deadline: float, patience: Patience) -> None:
        self._objects = objects
        self._address = address
        self._deadline = deadline
        self._patience = patience
        self._interrupted = threading.Event()

    def look(self) -> Oid | None:
        return self._within(lambda theirs, _: theirs.head())

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        self._within(lambda theirs, limit: self._fetch(theirs, head, known, limit))

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        return self._within(lambda theirs, limit: self._push(theirs, expected, new, limit))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        """Nothing is held open."""

    def _within(self, work: Callable[[GitStore, Limit], T]) -> T:
        """Work at the remote, opened anew each time so that nothing remembered is out of date."""
        limit = Limit(self._deadline, self._interrupted, self._address.clean)

        def run() -> T:
            with self._objects.other(self._address.path) as theirs:
                return work(theirs, limit)

        try:
            return limit.run(run)
        except NotAVault as error:
            raise RemoteUnreachable(error.message, hint=error.hint) from error
        except Exception as error:
            raise explain(error, self._address) from error

    def _fetch(self, theirs: GitStore, head: Oid, known: Sequence[Oid], limit: Limit) -> None:
        copying = Copying(self._objects, theirs, limit.check)
        left_out = LeftOut(copying.is_large)
        boundary = self._objects.shallow()
        is_whole = check_arrived(copying, head, known, left_out, self._patience, boundary)
        is_over = cache(lambda: not is_whole or self._patience.is_over(head))
        found = copying.objects(head, known, boundary, lambda oid: left_out.explains(oid) or is_over())
        self._objects.keep(found)

    def _push(self, theirs: GitStore, expected: Oid | None, new: Oid, limit: Limit) -> Pushed:
        if theirs.head() != expected:
            return Pushed(Outcome.LOST, "somebody else was first")
        oids = objects_to_send(self._objects, new, expected)
        missing = [oid for oid in oids if not theirs.contains(oid)]
        theirs.keep(read_to_send(self._objects, missing, limit.check))
        limit.check()
        try:
            moved = theirs.move_head(expected, new)
        except VaultBusy as error:
            _clear_stale_lock(error.lock)
            return Pushed(Outcome.LOST, "the branch is locked by somebody else")
        return Pushed(Outcome.ACCEPTED if moved else Outcome.LOST)


def _clear_stale_lock(path: str) -> None:
    """A lock this old was left by a program that was killed; git holds one for moments."""
    with suppress(FileNotFoundError):
        if time.time() - os.stat(path).st_mtime > STALE_LOCK_SECONDS:
            os.unlink(path)
