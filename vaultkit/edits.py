"""Editing several notes as one: one commit, or nothing at all.

What a program reads and changes in an `Edit` stays in memory until the end. Then all of it is judged, and
compared with what the notes hold: where somebody typed since it was read, nothing is changed. The writes are
those of `rewrite`, so a kill in their middle is taken back by the next cycle.
"""

from __future__ import annotations

from vaultkit.core.git.message import one_line
from vaultkit.core.git.tree import Change, Changes, find_file
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.draft import DraftNote
from vaultkit.desk import Desk
from vaultkit.errors import VaultError
from vaultkit.report import Cycle, SyncReport
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden, refuse_mass_deletion, refuse_staying, refuse_unasked_trust


class Edit:
    """Notes as they shall be. `report` is that of the cycle which made them so; None while there was none.

    Nothing here changes the disk. VaultError where a note is not there, or in the way.
    """

    def __init__(self, desk: Desk) -> None:
        self._disk = desk.disk
        self._most = policy_at(desk.objects, desk.head_tree()).sync.max_file
        self._before: dict[str, bytes | None] = {}
        self._after: dict[str, DraftNote | None] = {}
        self.report: SyncReport | None = None

    def __getitem__(self, path: str) -> DraftNote:
        """The note at `path`, to be read and changed: its `meta`, `body` or `data`."""
        note = self._note(path)
        if note is None:
            raise VaultError(f"there is no note {path}", hint="`create` makes one.", note=path)
        return note

    def __contains__(self, path: str) -> bool:
        return self._note(path) is not None

    def create(self, path: str, text: str = "") -> DraftNote:
        """A new note; it can be edited further."""
        self._must_be_free(path)
        self._after[path] = note = DraftNote(text.encode())
        return note

    def move(self, src: str, dst: str) -> DraftNote:
        """Take the note at `src` to `dst`, with what was edited in it."""
        note = self[src]
        self._must_be_free(dst)
        self._after[src], self._after[dst] = None, note
        return note

    def remove(self, path: str) -> None:
        """Remove the note; history keeps it."""
        if self[path]:
            self._after[path] = None

    def changes(self) -> dict[str, tuple[bytes | None, bytes | None]]:
        """What is to be changed: by path, what was read there and what it shall hold (None: no note)."""
        after = {path: note.data if note else None for path, note in self._after.items()}
        return {p: (self._before[p], new) for p, new in after.items() if new != self._before[p]}

    def _must_be_free(self, path: str) -> None:
        if path in self:
            raise VaultError(f"{path} exists already", hint="Choose another name.", note=path)

    def _note(self, path: str) -> DraftNote | None:
        if path not in self._after:
            content = self._disk.read(path, self._most)
            if content is None and self._disk.item(path):
                raise VaultError(f"{path} cannot be read: it is too large, or no note", note=path)
            self._before[path] = content[0] if content else None
            self._after[path] = DraftNote(content[0]) if content else None
        return self._after[path]


def commit_edit(desk: Desk, cycle: Cycle, edit: Edit, message: str) -> SyncReport | None:
    """Make it so, in one commit called `message`; None if there is nothing to change.

    The caller holds the vault's lock. Raises RefusedByPolicy (ZoneViolation) before anything is written, and
    VaultError if a note holds something else than was read.
    """
    for path, contents in edit.changes().items():
        refuse_staying(path, *contents)
    edits = _stored(desk, edit)
    if not edits:
        return None
    refuse_unasked_trust(desk, edits)
    refuse_forbidden(desk, edits)
    refuse_mass_deletion(desk, edits)
    if desk.state.pending() or _unlike_history(desk, edits):
        cycle(frozenset(edits), "")  # commits what was typed, and takes back what a kill left half done
        _demand_unchanged(desk, edits)
    rewrite_notes(desk, edits)
    return cycle(frozenset(edits), one_line(message) if message else "")


def _stored(desk: Desk, edit: Edit) -> Changes:
    put = desk.objects.put_blob
    return {
        path: Change(None if old is None else put(old), None if new is None else put(new))
        for path, (old, new) in sorted(edit.changes().items())
    }


def _unlike_history(desk: Desk, edits: Changes) -> list[str]:
    """The notes that were read when they held something else than is committed."""
    tree = desk.head_tree()
    return [path for path, change in edits.items() if find_file(desk.objects, tree, path) != change.old]


def _demand_unchanged(desk: Desk, edits: Changes) -> None:
    if changed := _unlike_history(desk, edits):
        raise VaultError(
            f"{changed[0]} was changed since it was read, or is held",
            hint="Nothing was changed. Read it again; `vaultkit status` says what is held.",
            note=changed[0],
        )
