"""Bringing an earlier version of a note back, as a new change like any other.

What the note holds now is committed first, so nothing is lost, and only that is replaced: what
somebody types this very moment stays. A change that is held cannot be committed; it is taken back only where
that is what was asked for, and git keeps its words for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaultkit.core.git.changes import own_name
from vaultkit.core.git.tree import Change, Changes, Oid, find_file
from vaultkit.core.history.chronicle import Entry
from vaultkit.core.text.moments import HINT, Localize
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.log import Log, Version, not_there_then
from vaultkit.report import Cycle, SyncReport
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden, refuse_staying, refuse_unasked_trust


@dataclass(frozen=True, slots=True)
class Restored:
    """The note at `path` holds again what it held after `commit`, made at `time` (UTC seconds).

    `changed` is False if it did so already · `published`: the remote has it · `dropped`: the object that
    still has the words of a change that was held, if that was taken back.
    """

    path: str
    commit: Oid
    time: int
    changed: bool
    published: bool
    dropped: Oid | None = None


class Restore:
    """Restoring at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle
        self._log = Log(desk)

    def restore(self, note: str, at: str | None, localize: Localize) -> Restored:
        moment = self._log.moment(at, localize) if at else None
        path = self._log.name_of(note)
        before = self._cycle(frozenset([path]), "")
        if self._is_held(path):
            return self._take_back(path, at)
        version = self._log.version(path, moment) if moment else self._last_version(path)
        if version.oid is None:
            raise not_there_then(version, at or "that time")
        now = self._content_now(path)
        if now == version.oid:
            return _restored(path, version, before, changed=False)
        edits = {path: Change(now, version.oid)}
        self._refuse(edits)
        rewrite_notes(self._desk, edits, as_written=True)
        report = self._cycle(frozenset([path]), f"restore {path} as of {version.entry.commit[:10]}")
        return _restored(path, version, report, changed=True)

    def _is_held(self, path: str) -> bool:
        """Is a change held here, of a note that history has?"""
        is_shared = find_file(self._desk.objects, self._desk.head_tree(), path) is not None
        return is_shared and any(held.path == path for held in self._desk.state.held())

    def _take_back(self, path: str, at: str | None) -> Restored:
        """Make a note again what history has, whatever was held of it."""
        if at:
            hint = f"`vaultkit restore {path}` takes that back; then restore it as of {at}."
            raise VaultError(f"{path} has a change that is held here", hint=hint, note=path)
        desk, newest = self._desk, next(iter(self._log.entries()))
        dropped, shared = self._content_here(path), find_file(desk.objects, desk.head_tree(), path)
        edits: Changes = {path: Change(dropped, shared)}
        if dropped is None and shared and (other := self._moved_here(path, shared)):
            edits[other] = Change(shared, None)
        rewrite_notes(desk, edits, as_written=True)
        report = self._cycle(frozenset(edits), "")
        return Restored(path, newest.commit, newest.time, True, report.in_step, dropped)

    def _moved_here(self, path: str, shared: Oid) -> str | None:
        """Where the note was moved to, which is held; VaultError if it holds other words there.

        Left there it would be a new note, and be shared as a second one.
        """
        moves = [one.path for one in self._desk.state.held() if one.rule == "move" and one.base is None]
        name = own_name(self._desk.objects.blob(shared))
        for other in moves:
            here = self._content_here(other)
            if here == shared:
                return other
            if here and name and own_name(self._desk.objects.blob(here)) == name:
                hint = f"Drag {other} back to {path}."
                raise VaultError(f"{path} is at {other} now, with other words", hint=hint, note=path)
        return None

    def _content_here(self, path: str) -> Oid | None:
        """What is at `path` on the disk, None if nothing; what stays on this machine is no object."""
        item = self._desk.disk.item(path)
        if item is None:
            return None
        found = self._desk.disk.read(path, item.stamp.size)
        if found is None:
            hint = "Move it out of the vault, then try again."
            raise VaultError(f"{path} is no ordinary file here, or being edited", hint=hint, note=path)
        refuse_staying(path, found[0])
        return self._desk.objects.put_blob(found[0])

    def _refuse(self, edits: Changes) -> None:
        refuse_unasked_trust(self._desk, edits)
        refuse_forbidden(self._desk, edits)

    def _last_version(self, path: str) -> Version:
        """A note that was deleted comes back as it was last."""
        if find_file(self._desk.objects, self._desk.head_tree(), path):
            raise UsageError(f"as of when is {path} to be restored?", hint=f"With --at. {HINT}", note=path)
        version = self._log.last_version(path)
        if version is None:
            raise VaultError(f"no note {path} was ever here", hint="See `vaultkit log`.", note=path)
        return version

    def _content_now(self, path: str) -> Oid | None:
        """What history has at `path` now; VaultError if the note lives on elsewhere."""
        now = find_file(self._desk.objects, self._desk.head_tree(), path)
        moved = None if now else self._moved_to(path)
        if moved:
            hint = f"`vaultkit restore {moved} --at ...` restores it there."
            raise VaultError(f"{path} was moved to {moved}", hint=hint, note=path)
        return now

    def _moved_to(self, path: str) -> str | None:
        """Where the note that was last at `path` went, if it still is there."""
        last = next((entry for entry in self._log.entries() if path in entry.changes), None)
        dst = _destination(last, path) if last else None
        return dst if dst and find_file(self._desk.objects, self._desk.head_tree(), dst) else None


def _destination(entry: Entry, path: str) -> str | None:
    return next((move.dst for move in entry.moves() if move.src == path), None)


def _restored(path: str, version: Version, report: SyncReport, *, changed: bool) -> Restored:
    return Restored(path, version.entry.commit, version.entry.time, changed, report.in_step)
