"""One note that two sides brought, each to a place of its own.

Where one side removes a note and two others move it, both bring it back: change beats delete. Each of
them is right, and the note is at two places, claimed twice. Nobody's history shows that; the note does. It
names itself (`id` or the like), and beside what moves have stamped into it, one of the two holds all the
lines of the other. A copy that somebody went on with is another note; but not where others only moved it,
under the name it has here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from vaultkit.core.git.changes import COPIES, file_name, own_name
from vaultkit.core.git.tree import Oid
from vaultkit.core.text.stamps import without_stamps

MOST_NOTES = 1000
"""So many that others brought are looked at; of more, all stay as they are."""


class Twin(NamedTuple):
    """Where others have the note, what it holds there, and its `words` without stamps.

    `has_more`: mine holds lines that theirs does not. `went_on`: and theirs some that mine does not.
    """

    path: str
    oid: Oid
    words: bytes
    has_more: bool
    went_on: bool = False


class Twins:
    """The notes that others `added` since the base, by what they call themselves.

    `moved_to`: where their history says that it came from elsewhere.
    """

    def __init__(
        self, added: Mapping[str, Oid], moved_to: Collection[str], read: Callable[[Oid], bytes]
    ) -> None:
        self._added, self._moved_to, self._read = added, moved_to, read
        self._by_name: dict[str, list[str]] | None = None

    def of(self, path: str, oid: Oid) -> Twin | None:
        """The one that the note at `path`, which I bring, is; None for a note of its own."""
        if path in self._added or path.startswith(COPIES) or len(self._added) > MOST_NOTES:
            return None
        mine = self._read(oid)
        name = own_name(mine)
        places = self._places(name) if name is not None else []
        return self._compare(path, places[0], mine) if len(places) == 1 else None

    def _places(self, name: str) -> list[str]:
        if self._by_name is None:
            self._by_name = {}
            for path, oid in sorted(self._added.items()):
                if not path.startswith(COPIES) and (other := own_name(self._read(oid))) is not None:
                    self._by_name.setdefault(other, []).append(path)
        return self._by_name.get(name, [])

    def _compare(self, here: str, path: str, mine: bytes) -> Twin | None:
        oid = self._added[path]
        theirs, ours = (without_stamps(b"", data) for data in (self._read(oid), mine))
        if holds_all(theirs, ours):
            return Twin(path, oid, theirs, has_more=False)
        if holds_all(ours, theirs) or ours.startswith(theirs):
            return Twin(path, oid, theirs, has_more=True)
        is_it = path in self._moved_to and file_name(path) == file_name(here)
        is_it = is_it or theirs.startswith(ours)  # which ends in the middle of a line: maybe it was meant so
        return Twin(path, oid, theirs, has_more=True, went_on=True) if is_it else None


def holds_all(more: bytes, less: bytes) -> bool:
    """Does a note hold all the lines of another one?"""
    return Counter(less.splitlines()) <= Counter(more.splitlines())
