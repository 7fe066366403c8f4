"""Reading notes: those of the newest local commit, and one as it is on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.api.session import Session
from vaultkit.core.hooks import HookMove
from vaultkit.core.note import Note
from vaultkit.core.paths import Glob
from vaultkit.core.tree import walk
from vaultkit.errors import VaultError


class Reading(Session):
    """What is in a vault now."""

    def notes(self, pattern: str = "**") -> Iterator[Note]:
        """The notes in the newest local commit whose path matches, read one by one."""
        glob = Glob(pattern)
        for path, entry in walk(self._desk.objects, self._head_tree()):
            if glob.matches(path):
                yield Note(path, self._desk.objects.blob(entry.oid))

    def read(self, path: str) -> Note:
        """The note at `path` as it is on the disk; VaultError if there is none."""
        content = self._desk.disk.read(path, self.policy.sync.max_file)
        if content is None:
            raise VaultError(f"there is no note {path}", note=path)
        return Note(path, content[0])

    def moved_note(self, move: HookMove) -> Note:
        """The exact note that `move` moved, whatever was typed into it since."""
        return Note(move.path, self._desk.objects.blob(move.oid))

    def paths(self) -> Iterator[str]:
        """The path of every note in the newest local commit."""
        return (path for path, _ in walk(self._desk.objects, self._head_tree()))
