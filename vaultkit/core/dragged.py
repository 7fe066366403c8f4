"""What somebody dragged away between a kill and the restart.

A cycle that was killed left a record of the notes it was about to write or remove. After the restart
such a path may be empty because the write was never made, or because a person has dragged the written
note away since. If it was written again, the note would be in two places.

So a new note elsewhere that is the same one settles it. An arrived note that was dragged away counts as
written; the drag is judged once the disk is otherwise what it was to be. A path that was to be emptied
and whose note is elsewhere was emptied by a person; that is a gesture like any other.

The absence alone proves nothing, so "the same" is strict: the same name, with all the lines there were
and perhaps more, or another name and exactly the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from vaultkit.core.changes import Move, file_name, infer_moves
from vaultkit.core.cycle import Sighting
from vaultkit.core.tree import Change, Objects, Oid, find_file

Pending = Mapping[str, Collection[Oid | None]]


@dataclass(slots=True)
class Dragged:
    """`written` notes that were dragged away, where they `came` to, and paths a person `emptied`."""

    written: dict[str, Oid] = field(default_factory=dict)
    came: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)


def dragged_away(
    objects: Objects, tree: Oid | None, pending: Pending, seen: Mapping[str, Sighting]
) -> Dragged:
    """What was dragged away of the `pending` writes; `tree` is what the disk held before them."""
    if not pending:
        return Dragged()
    new = {
        path: sighting.oid
        for path, sighting in seen.items()
        if sighting.oid and sighting.oid not in pending.get(path, ()) and not find_file(objects, tree, path)
    }
    found = Dragged()
    if not new:
        return found
    empty = [path for path in pending if _is_empty(objects, tree, path, seen)]
    for move in _same_notes(_intended(pending, empty, new), new, objects.blob):
        found.written[move.src] = move.old
        found.came.add(move.dst)
        del new[move.dst]
    for move in _same_notes(_removed(objects, tree, pending, empty), new, objects.blob):
        found.emptied.add(move.src)
    return found


def _is_empty(objects: Objects, tree: Oid | None, path: str, seen: Mapping[str, Sighting]) -> bool:
    """Is nothing there? What does not differ from the tree is not among what was seen."""
    sighting = seen.get(path)
    if sighting:
        return sighting.oid is None and sighting.refusal is None
    return find_file(objects, tree, path) is None


def _intended(pending: Pending, empty: list[str], new: Mapping[str, Oid]) -> dict[str, Oid]:
    """What was to be written to the empty paths; of several, what is now elsewhere."""
    there = set(new.values())
    found = {path: sorted(oid for oid in pending[path] if oid) for path in empty}
    return {path: next((o for o in oids if o in there), oids[-1]) for path, oids in found.items() if oids}


def _removed(objects: Objects, tree: Oid | None, pending: Pending, empty: list[str]) -> dict[str, Oid]:
    """What stood at the empty paths that were to be emptied."""
    there = {path: find_file(objects, tree, path) for path in empty if None in pending[path]}
    return {path: oid for path, oid in there.items() if oid}


def _same_notes(gone: Mapping[str, Oid], came: Mapping[str, Oid], read: Callable[[Oid], bytes]) -> list[Move]:
    changes = {path: Change(oid, None) for path, oid in gone.items()}
    changes |= {path: Change(None, oid) for path, oid in came.items() if path not in gone}
    return [move for move in infer_moves(changes, read) if _is_same(move, read)]


def _is_same(move: Move, read: Callable[[Oid], bytes]) -> bool:
    if move.old == move.new:
        return file_name(move.src) == file_name(move.dst) or bool(read(move.old).strip())
    before, after = (Counter(read(oid).splitlines()) for oid in (move.old, move.new))
    return file_name(move.src) == file_name(move.dst) and bool(before) and before <= after
