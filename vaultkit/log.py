"""Reading what counted: the history of the vault or of one note, and a note as it was then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from vaultkit.core.git.message import summary
from vaultkit.core.git.tree import Oid, find_file, walk
from vaultkit.core.history.chronicle import Entry, read_chronicle, trace
from vaultkit.core.history.trust import founding_commit
from vaultkit.core.history.ways import commits_beyond
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.identity import actor_of
from vaultkit.core.telling.deeds import NoteDeed, deeds_of
from vaultkit.core.text.moments import Localize, Moment, read_moment
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit of which something counted. `time` is UTC seconds; `signer` signed it.

    `deeds`: what it did, or what of that concerns the note that was asked for · `message`: its first line ·
    `published`: the remote has it (or there is no remote) · `actor`: the signer's program that made it, if
    that said so.
    """

    commit: Oid
    time: int
    signer: str
    message: str
    deeds: list[NoteDeed]
    published: bool
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A note as it was after `entry`: `path` is its name then, `oid` its content (None: it was not there)."""

    path: str
    oid: Oid | None
    entry: Entry


class Log:
    """History at one desk, as far as it counted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def entries(self, head: Oid | None = None) -> Iterator[Entry]:
        """From the newest local commit (or `head`) down to the one that founded the vault."""
        objects, newest = self._desk.objects, head or self._head()
        founded = founding_commit(objects, newest) if newest else None
        if newest is None or founded is None:
            hint = "Run `vaultkit init` or `vaultkit join` first."
            raise VaultError("there is no history that a person's key founded", hint=hint)
        return read_chronicle(objects, founded, newest)

    def history(self, note: str | None = None) -> Iterator[LogEntry]:
        """What counted, newest first; of `note` alone, followed through its renames."""
        entries, local = self.entries(), self._unpublished()
        if note is None:
            return (_told(entry, deeds_of(entry), local) for entry in entries)
        return self._history_of(entries, self.name_of(note), local)

    def _history_of(self, entries: Iterable[Entry], path: str, local: Set[Oid]) -> Iterator[LogEntry]:
        for entry, name in trace(entries, path):
            if name in entry.changes:
                yield _told(entry, [deed for deed in deeds_of(entry) if name in deed.ends], local)

    def _unpublished(self) -> set[Oid]:
        base, head = self._desk.state.get("base"), self._head()
        if head is None or head == base:
            return set()
        return commits_beyond(self._desk.objects, [head], [Oid(base)] if base else [])

    # Names

    def name_of(self, note: str) -> str:
        """The path of a note given by path or file name: of one that is there, or else of one that was."""
        wanted = note.replace("\\", "/").removeprefix("./")
        objects, tree = self._desk.objects, self._desk.head_tree()
        if find_file(objects, tree, wanted):
            return wanted
        there = sorted(path for path, _ in walk(objects, tree) if is_named(path, wanted))
        if len(there) > 1:
            raise UsageError(
                f"{note} could be {' or '.join(there[:5])}", hint="Give the whole path.", note=note
            )
        return there[0] if there else self._name_in_past(wanted)

    def _name_in_past(self, note: str) -> str:
        for entry in self.entries():
            found = sorted(path for path in entry.changes if is_named(path, note))
            if found:
                return found[0]
        hint = "`vaultkit log` lists what happened; a note that was never synced has no history."
        raise VaultError(f"no note {note} was ever here", hint=hint, note=note)

    # Versions

    def moment(self, at: str, localize: Localize) -> Moment:
        """What `at` says; UsageError if nothing."""
        return read_moment(at, self._desk.clock.now(), localize)

    def version(self, path: str, at: Moment) -> Version:
        """The note that is (or last was) at `path`, as it was at a time or after a commit that counted."""
        for entry, name in trace(self.entries(), path):
            if _is_then(entry, at):
                return Version(name, find_file(self._desk.objects, entry.tree, name), entry)
        if at.commit:
            hint = "`vaultkit log` lists the commits that counted."
            raise UsageError(f"{at.text} is no commit of which something counted here", hint=hint)
        raise VaultError(f"this vault's history begins after {at.text}", hint="`vaultkit log` shows it.")

    def last_version(self, path: str) -> Version | None:
        """The newest version of a note that is gone; None if it never was there."""
        entries = self.entries()
        for entry in entries:
            change = entry.changes.get(path)
            if change and change.old:
                before = next(entries, entry)
                return Version(path, change.old, before)
        return None

    def content(self, note: str, at: Moment) -> bytes:
        """The bytes of that version; VaultError if the note was not there then."""
        version = self.version(self.name_of(note), at)
        if version.oid is None:
            raise not_there_then(version, at.text)
        return self._desk.objects.blob(version.oid)

    def _head(self) -> Oid | None:
        head = self._desk.state.get("head")
        return Oid(head) if head else None


def not_there_then(version: Version, at: str) -> VaultError:
    hint = f"`vaultkit log {version.path}` shows when it was."
    return VaultError(f"{version.path} was not there at {at}", hint=hint, note=version.path)


def _told(entry: Entry, deeds: list[NoteDeed], local: Set[Oid]) -> LogEntry:
    is_published, actor = entry.commit not in local, actor_of(entry.message)
    words = summary(entry.message)
    return LogEntry(entry.commit, entry.time, entry.signer, words, deeds, is_published, actor)


def _is_then(entry: Entry, moment: Moment) -> bool:
    return entry.commit.startswith(moment.commit) if moment.commit else entry.time <= moment.time
