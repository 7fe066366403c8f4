"""What was dragged away between a kill and the restart, where nobody can say whether it was written before.

A cycle that was killed left a record of the notes it was about to write or remove, and of those it had
done. Between a write and its record a kill is possible, too, and a power cut may take the last records.
Such a path may be empty because the write was never made, or because a person has dragged the written
note away since. If it was written again, the note would be in two places. So a new note elsewhere that
is the same one settles it; and a path that was to be emptied, and whose note is elsewhere, was emptied by
a person.

The absence alone proves nothing, so for what was written "the same" is strict: the same name, with all
the lines there were and perhaps more, or another name and exactly the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.changes import Move, file_name, infer_moves
from vaultkit.core.git.tree import Change, Objects, Oid, find_file

Targets = Mapping[str, "Oid | None"]


@dataclass(slots=True)
class Dragged:
    """`written` notes that were dragged away, and where to, and paths that a person `emptied`."""

    written: dict[str, str] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)


def dragged_away(
    objects: Objects, tree: Oid | None, pending: Targets, done: Set[str], seen: Mapping[str, Sighting]
) -> Dragged:
    """What was dragged away of the `pending` writes; `tree` is what the disk held before them.

    Of the removals those are asked about that are not surely our own (`done`).
    """
    found = Dragged()
    new = {
        path: sighting.oid
        for path, sighting in seen.items()
        if sighting.oid and sighting.oid != pending.get(path) and not find_file(objects, tree, path)
    }
    empty = [path for path in pending if _is_empty(objects, tree, path, seen)]
    # Where a note was surely written and the one before it is back, the written one was dragged away first.
    back = [path for path in done if path not in seen and path not in empty]
    if not (new and (empty or back)):
        return found
    intended = {path: oid for path in (*empty, *back) if (oid := pending[path])}
    for move in _moves(intended, new, objects.blob):
        if _is_same(move, objects.blob):
            found.written[move.src] = move.dst
            del new[move.dst]
    removed = [path for path in empty if not pending[path] and path not in done]
    stood = {path: oid for path in removed if (oid := find_file(objects, tree, path))}
    found.emptied = {move.src for move in _moves(stood, new, objects.blob)}
    return found


def _is_empty(objects: Objects, tree: Oid | None, path: str, seen: Mapping[str, Sighting]) -> bool:
    """Is nothing there? What does not differ from the tree is not among what was seen."""
    sighting = seen.get(path)
    if sighting:
        return sighting.oid is None and sighting.refusal is None
    return find_file(objects, tree, path) is None


def _moves(gone: Mapping[str, Oid], came: Mapping[str, Oid], read: Callable[[Oid], bytes]) -> list[Move]:
    changes = {path: Change(oid, None) for path, oid in gone.items()}
    changes |= {path: Change(None, oid) for path, oid in came.items() if path not in gone}
    return infer_moves(changes, read)


def _is_same(move: Move, read: Callable[[Oid], bytes]) -> bool:
    if move.old == move.new:
        return file_name(move.src) == file_name(move.dst) or bool(read(move.old).strip())
    before, after = (Counter(read(oid).splitlines()) for oid in (move.old, move.new))
    return file_name(move.src) == file_name(move.dst) and bool(before) and before <= after
