"""What an entry of history did, in words a person knows: claim, approval, move, edit and so on."""

from __future__ import annotations

from typing import NamedTuple

from vaultkit.core.git.changes import COPIES, without_moves
from vaultkit.core.git.tree import Change
from vaultkit.core.history.chronicle import Entry
from vaultkit.core.history.fold import policy_at


class NoteDeed(NamedTuple):
    """One thing done to one note, now at `path`; `src` is where a moved note came from.

    `kind`: claim, release, submit, approval, rejection, retraction, completion, rename or move;
    add, edit, remove, or conflict (words that did not fit, kept as a copy).
    """

    kind: str
    path: str
    src: str = ""

    @property
    def ends(self) -> tuple[str, ...]:
        """The paths it was about."""
        return (self.src, self.path) if self.src else (self.path,)


def deeds_of(entry: Entry) -> list[NoteDeed]:
    """All that an entry did: moves first, then by path."""
    moves = entry.moves()
    found = [NoteDeed(_kind_of_move(entry, move.src, move.dst), move.dst, move.src) for move in moves]
    rest = without_moves(entry.changes, moves)
    return found + [NoteDeed(_kind_of_change(path, change), path) for path, change in rest.items()]


def _kind_of_move(entry: Entry, src: str, dst: str) -> str:
    is_rename = src.rpartition("/")[0] == dst.rpartition("/")[0]
    kind = entry.workflow.kind_of_move(src, dst)
    if kind == "claim" and not policy_at(entry.objects, entry.tree).is_held(dst):
        kind = None
    return kind or ("rename" if is_rename else "move")


def _kind_of_change(path: str, change: Change) -> str:
    if change.old is None:
        return "conflict" if path.startswith(COPIES) else "add"
    return "remove" if change.new is None else "edit"
