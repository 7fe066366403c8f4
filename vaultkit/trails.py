"""Following a note through its moves, from where it was to where it is now."""

from __future__ import annotations

from vaultkit.core.git.tree import find_file
from vaultkit.core.history.chronicle import Entry
from vaultkit.desk import Desk
from vaultkit.log import Log

GONE = ""


def places_since(desk: Desk, path: str) -> list[str]:
    """`path`, and where the note that last was there went since, one place after the other.

    The last one is where it is; GONE if it was removed. Empty if no note was ever there. Costs one look where
    the note did not move, else the history since it did.
    """
    if find_file(desk.objects, desk.head_tree(), path):
        return [path]
    newer: list[Entry] = []
    for entry in Log(desk).entries():
        newer.append(entry)
        if path in entry.changes:
            return _followed(newer[::-1], path)
    return []


def place_now(desk: Desk, path: str) -> str:
    """Where the note that last was at `path` is; GONE if nowhere."""
    places = places_since(desk, path)
    return places[-1] if places else GONE


def _followed(entries: list[Entry], path: str) -> list[str]:
    places = [path]
    for entry in entries:
        place = next_place(entry, places[-1])
        if place != places[-1]:
            places.append(place)
        if place == GONE:
            break
    return places


def next_place(entry: Entry, path: str) -> str:
    """Where an entry left the note that was at `path` before it."""
    change = entry.changes.get(path)
    if change is None or not change.old:
        return path
    stayed = path if change.new else GONE
    return next((move.dst for move in entry.successions() if move.src == path), stayed)
