"""Reading notes: those of the newest local commit, tasks among them, and one as it is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from vaultkit.api.session import Session
from vaultkit.core.git.tree import walk
from vaultkit.core.hooks.occasions import HookChange, HookMove
from vaultkit.core.naming.paths import Glob
from vaultkit.core.text.note import BrokenFrontmatter, Note, Value
from vaultkit.errors import VaultError
from vaultkit.tasks import Task, list_tasks

Where = Mapping[str, Value] | Callable[[Note], bool] | None
"""Which notes: by values of their frontmatter, or by a function."""


def chooser(where: Where) -> Callable[[Note], bool]:
    """A function that says which notes are wanted."""
    if where is None:
        return lambda _: True
    if callable(where):
        return where
    wanted = dict(where)
    return lambda note: _has(note, wanted)


def _has(note: Note, wanted: Mapping[str, Value]) -> bool:
    try:
        return all(note.get(name) == value for name, value in wanted.items())
    except BrokenFrontmatter:
        return False


class Reading(Session):
    """What is in a vault now."""

    def notes(self, pattern: str = "**", *, where: Where = None) -> Iterator[Note]:
        """The notes in the newest local commit whose path matches, read one by one.

        `where` chooses among them: values that the frontmatter has, like `{"status": "open"}` (synonyms
        count: `created` is also `received`), or a function of the note. A frontmatter that cannot be read
        has none.
        """
        glob, is_wanted = Glob(pattern), chooser(where)
        for path, entry in walk(self._desk.objects, self._head_tree()):
            if glob.matches(path) and is_wanted(note := Note(path, self._desk.objects.blob(entry.oid))):
                yield note

    def tasks(
        self, stage: str | None = None, *, owner: str | None = None, domain: str | None = None
    ) -> Iterator[Task]:
        """The notes of a stage of the workflow, by path: `needs_action`, `in_progress`, `done` and so on.

        Without a stage, the tasks that are open: both of the first two. Of one `owner` (an agent; "" for
        those nobody holds) and of one `domain` only, if they are given. UsageError for a stage that is
        none.
        """
        return list_tasks(self._desk, stage, owner, domain)

    def read(self, path: str) -> Note:
        """The note at `path` as it is on the disk; VaultError if there is none."""
        content = self._desk.disk.read(path, self.policy.sync.max_file)
        if content is None:
            raise VaultError(f"there is no note {path}", note=path)
        return Note(path, content[0])

    def moved_note(self, move: HookMove | HookChange) -> Note:
        """The exact note that a hook's `move` or `change` is about, whatever was typed into it since."""
        return Note(move.path, self._desk.objects.blob(move.oid))

    def paths(self) -> Iterator[str]:
        """The path of every note in the newest local commit."""
        return (path for path, _ in walk(self._desk.objects, self._head_tree()))
