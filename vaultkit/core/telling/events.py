"""What happened in a vault, as values: what `Vault.watch` tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.chronicle import Entry
from vaultkit.core.history.fold import Violation
from vaultkit.core.naming.conflict_copies import read_copy
from vaultkit.core.rules.identity import actor_of
from vaultkit.core.telling.deeds import NoteDeed, deeds_of


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the note at `path`. `time` is UTC seconds, as the signer says.

    `agent` signed the commit, `actor` is the program that made it, if it said so. `cursor` says how far one
    has read: given to `watch(since=)`, it goes on with the next event.
    """

    path: str
    agent: str
    actor: str
    time: int
    commit: Oid
    cursor: str


@dataclass(frozen=True, slots=True)
class NoteCreated(Event):
    """A new note."""


@dataclass(frozen=True, slots=True)
class NoteChanged(Event):
    """The note says something else."""


@dataclass(frozen=True, slots=True)
class NoteRemoved(Event):
    """The note is gone; history keeps it."""


@dataclass(frozen=True, slots=True)
class NoteMoved(Event):
    """The note was at `src`.

    `kind`: claim, release, submit, approval, rejection, retraction, completion, rename or move.
    """

    src: str
    kind: str


@dataclass(frozen=True, slots=True)
class StatusChanged(Event):
    """The note went from one stage of the workflow to another ("" for none); comes after its `NoteMoved`."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ConflictOpened(Event):
    """Words that did not fit into `note` (as it was called then) are kept at `path`."""

    note: str


@dataclass(frozen=True, slots=True)
class ViolationSeen(Event):
    """`agent` had no right to do that at `path` ("" for a whole commit); it changed nothing."""

    rule: str
    detail: str


PLAIN: dict[str, type[NoteCreated | NoteChanged | NoteRemoved]] = {
    "add": NoteCreated,
    "edit": NoteChanged,
    "remove": NoteRemoved,
}


def events_of(entry: Entry, violations: Iterable[Violation]) -> list[Event]:
    """All that one commit brought: what counted, then what did not. Each has the cursor
    `<commit>:<number>`."""
    found = [event for deed in deeds_of(entry) for event in _of_deed(entry, deed)]
    found += [_of_violation(entry, violation) for violation in violations]
    return [replace(event, cursor=f"{entry.commit}:{n}") for n, event in enumerate(found)]


def _of_deed(entry: Entry, deed: NoteDeed) -> Iterator[Event]:
    actor = actor_of(entry.message)
    common = (deed.path, entry.signer, actor, entry.time, entry.commit, "")
    if deed.kind == "conflict":
        copy = read_copy(deed.path)
        yield ConflictOpened(*common, copy.path if copy else "")
    elif not deed.src:
        yield PLAIN[deed.kind](*common)
    else:
        yield NoteMoved(*common, deed.src, deed.kind)
        before, after = (entry.workflow.stage_of(path) or "" for path in (deed.src, deed.path))
        if before != after:
            yield StatusChanged(*common, before, after)


def _of_violation(entry: Entry, violation: Violation) -> ViolationSeen:
    common = (violation.path, violation.agent, "", violation.time, entry.commit, "")
    return ViolationSeen(*common, violation.rule, violation.detail)
