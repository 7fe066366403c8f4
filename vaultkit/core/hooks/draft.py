"""A commit being drafted: what planning hooks may edit.

A draft is a tree with edits on top. Hooks see notes, not bytes: `draft[path].meta["status"] =
"approved"` changes just the bytes of that value. A note whose frontmatter cannot be edited safely
raises BrokenFrontmatter and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from vaultkit.core.git.tree import Objects, Oid, find_file
from vaultkit.core.text.note import Value, body, read_meta, remove_values, set_values, with_body


class DraftMeta(MutableMapping[str, Value]):
    """A note's frontmatter, edited in place and surgically."""

    def __init__(self, note: DraftNote) -> None:
        self._note = note

    def __getitem__(self, key: str) -> Value:
        return read_meta(self._note.data)[key]

    def __setitem__(self, key: str, value: Value) -> None:
        self._note.data = set_values(self._note.data, {key: value})

    def __delitem__(self, key: str) -> None:
        self._note.data = remove_values(self._note.data, [key])

    def __iter__(self) -> Iterator[str]:
        return iter(read_meta(self._note.data))

    def __len__(self) -> int:
        return len(read_meta(self._note.data))


class DraftNote:
    """One note of the draft. `data` is its whole content."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def meta(self) -> DraftMeta:
        return DraftMeta(self)

    @property
    def body(self) -> str:
        """The text after the frontmatter; what is assigned takes its place, and nothing else changes."""
        return body(self.data).decode("utf-8", "replace")

    @body.setter
    def body(self, text: str) -> None:
        self.data = with_body(self.data, text.encode())


class Draft:
    """The tree about to be committed; KeyError for a note that is not in it."""

    def __init__(self, objects: Objects, tree: Oid) -> None:
        self._objects = objects
        self._tree = tree
        self._notes: dict[str, tuple[Oid, DraftNote]] = {}
        self._before: dict[str, bytes] = {}

    def __getitem__(self, path: str) -> DraftNote:
        if path not in self._notes:
            oid = find_file(self._objects, self._tree, path)
            if oid is None:
                raise KeyError(path)
            self._notes[path] = (oid, DraftNote(self._objects.blob(oid)))
        note = self._notes[path][1]
        self._before.setdefault(path, note.data)
        return note

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and find_file(self._objects, self._tree, path) is not None

    def edits(self) -> dict[str, Oid]:
        """What hooks changed, stored: path to new content."""
        oids = self._objects.put_blobs(note.data for _, note in self._notes.values())
        stored = dict(zip(self._notes, oids, strict=True))
        return {path: oid for path, oid in stored.items() if oid != self._notes[path][0]}

    def begin(self) -> None:
        """From here on, what is edited can be taken back."""
        self._before = {}

    def take_back(self) -> None:
        """All notes as they were at the last `begin`."""
        for path, data in self._before.items():
            self._notes[path][1].data = data
