"""Which entries of a tree stand on the disk as notes.

What arrives was judged by the fold. But a tree that is taken whole (an adopted repository, or the
checkpoint a machine joins at) may hold anything git can hold: links, programs, other types, two names
that many file systems take for one. All that stays in history as it is. It is never written to a disk,
so it cannot be missed there either.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.core.git.tree import FILE, Entry, Objects, Oid, find, walk
from vaultkit.core.history.arrival import HARMLESS_MODES
from vaultkit.core.naming.paths import fold_key
from vaultkit.core.rules.policy import Policy
from vaultkit.core.text.content import is_text


def note_at(objects: Objects, policy: Policy, tree: Oid | None, path: str) -> Oid | None:
    """The note that a tree has at `path`; None if it has nothing there that may stand on a disk."""
    entry = find(objects, tree, path)
    return entry.oid if entry and is_note(objects, policy, path, entry) else None


def is_note(objects: Objects, policy: Policy, path: str, entry: Entry) -> bool:
    """May this entry stand on a disk, by its kind, name, size and content?"""
    if entry.mode != FILE:
        return False
    try:
        is_refused = policy.refusal(path, objects.blob_size(entry.oid))
        return is_refused is None and is_text(objects.blob(entry.oid))
    except KeyError:
        return False


def look_alikes(objects: Objects, tree: Oid | None) -> set[str]:
    """The files and folders whose name another one in the same folder has too, but for case or form.

    One of each such group may stand on a disk: the first by name.
    """
    found: set[str] = set()
    waiting = [("", tree)] if tree else []
    while waiting:
        prefix, oid = waiting.pop()
        taken: set[str] = set()
        for name, entry in sorted(objects.folder(oid).items()):
            if fold_key(name) in taken:
                found.add(prefix + name)
            elif entry.is_folder:
                waiting.append((f"{prefix}{name}/", entry.oid))
            taken.add(fold_key(name))
    return found


def marked_notes(objects: Objects, policy: Policy, tree: Oid | None) -> Iterator[tuple[str, Oid]]:
    """The notes that bear some program's mark (executable, writable for a group) in an adopted tree."""
    for path, entry in walk(objects, tree):
        if entry.mode != FILE and entry.mode in HARMLESS_MODES and policy.path_refusal(path) is None:
            yield path, entry.oid
