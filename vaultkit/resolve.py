"""Settling a conflict: the words that were chosen stand in the note, and the copy is gone, in one commit.

What either holds now is committed before, so whatever is not kept stays in history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vaultkit.conflicts import OpenConflict, open_conflicts
from vaultkit.core.git.tree import Change, Changes, find_file
from vaultkit.core.naming.conflict_copies import beside
from vaultkit.core.naming.names import Names
from vaultkit.core.naming.paths import is_named
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.report import Cycle
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden

Keep = Literal["mine", "theirs", "both", "done"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is settled: the `notes` that hold the words now, and the `copy` that is gone.

    `published`: the remote has it.
    """

    notes: list[str]
    copy: str
    published: bool


class Resolve:
    """Settling conflicts at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle

    def resolve(self, note: str, keep: Keep) -> Resolved:
        conflict = self._find(note)
        self._cycle(frozenset((conflict.note, conflict.copy)), "")
        conflict = self._find(conflict.copy)
        edits = self._edits(conflict, keep)
        refuse_forbidden(self._desk, edits)
        rewrite_notes(self._desk, edits, as_written=True)
        words = "by hand" if keep == "done" else f"keep {keep}"
        report = self._cycle(frozenset(edits), f"resolve the conflict over {conflict.note}: {words}")
        notes = [conflict.note, *(path for path, change in edits.items() if change.new)]
        there = [path for path in dict.fromkeys(notes) if self._is_there(path)]
        return Resolved(there, conflict.copy, report.in_step)

    def _find(self, note: str) -> OpenConflict:
        """The one conflict of a note, given by its path, its file name, or its copy's."""
        wanted = note.replace("\\", "/").removeprefix("./")
        everything = open_conflicts(self._desk)
        found = [one for one in everything if is_named(one.copy, wanted)]
        found = found or [one for one in everything if is_named(one.note, wanted)]
        if not found:
            hint = "`vaultkit conflicts` lists those that are open."
            raise VaultError(f"there is no open conflict over {note}", hint=hint, note=note)
        if len(found) > 1:
            copies = " or ".join(one.copy for one in found[:5])
            raise UsageError(f"{note} has several: {copies}", hint="Name the copy.", note=note)
        return found[0]

    def _edits(self, conflict: OpenConflict, keep: Keep) -> Changes:
        objects, tree = self._desk.objects, self._desk.head_tree()
        now, words = (find_file(objects, tree, path) for path in (conflict.note, conflict.copy))
        edits = {conflict.copy: Change(words, None)}
        if keep == "both" and now != words:
            edits[self._free_name(conflict)] = Change(None, words)
        elif _keeps_copy(conflict, keep) and now != words:
            edits[conflict.note] = Change(now, words)
        return edits

    def _free_name(self, conflict: OpenConflict) -> str:
        """Where both are kept, the copy's words become a note beside the other, named after their agent."""
        names = Names(self._desk.objects, self._desk.head_tree())
        return next(
            name
            for name in _names_beside(conflict)
            if not self._is_there(name) and names.collision(name) is None and not self._desk.disk.item(name)
        )

    def _is_there(self, path: str) -> bool:
        return find_file(self._desk.objects, self._desk.head_tree(), path) is not None


def _keeps_copy(conflict: OpenConflict, keep: Keep) -> bool:
    return keep == ("mine" if conflict.mine == "copy" else "theirs")


def _names_beside(conflict: OpenConflict) -> Iterator[str]:
    if not conflict.is_there:
        yield conflict.note
    yield beside(conflict.note, conflict.agent)
    yield from (beside(conflict.note, f"{conflict.agent} {n}") for n in range(2, 1000))
