"""Keeps git's own index in step, so that `git status` in the vault says what is true.

vaultkit never uses the index itself. Patching it costs time that grows with the vault, so this is
done when the vault is idle, never in a cycle. What it last showed is remembered as a tree, so only
the difference is patched. It shows what counts: where the published commit holds a violation, git calls
its undoing a staged change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dulwich.repo import Repo

from vaultkit.core.git.tree import Oid, changes_between, walk
from vaultkit.core.naming.paths import name_problem
from vaultkit.desk import Desk
from vaultkit.effects.git_index import patch_index, write_index
from vaultkit.ports import Seen, Stamp

UNKNOWN = Stamp(0, 0, 0, 0)


def refresh_index(repo: Repo, desk: Desk) -> bool:
    """Bring the index to the branch; False if it is locked by another git program."""
    tree, shown = desk.head_tree(), desk.state.get("indexed")
    if tree is None:
        return True
    if shown == tree:
        return True
    done = _patch(repo, desk, Oid(shown), tree) if shown else False
    done = done or write_index(repo, _entries(desk, tree))
    if done:
        desk.state.put(indexed=tree)
    return done


def _patch(repo: Repo, desk: Desk, shown: Oid, tree: Oid) -> bool:
    changes, stamp_of = changes_between(desk.objects, shown, tree), _stamps(desk)
    lines = {
        path: (change.new, stamp_of(path, change.new)) if change.new else None
        for path, change in changes.items()
        if not name_problem(path)
    }
    return patch_index(repo, lines)


def _entries(desk: Desk, tree: Oid) -> Iterator[tuple[str, Oid, Stamp, int]]:
    stamp_of = _stamps(desk)
    for path, entry in walk(desk.objects, tree):
        if not name_problem(path):  # a program that trusts its index might write it to the disk
            yield path, entry.oid, stamp_of(path, entry.oid), entry.mode


def _stamps(desk: Desk) -> Callable[[str, Oid], Stamp]:
    """Asked for the notes of one folder after those of another: each folder's records are read once."""
    folder, seen = None, dict[str, Seen]()

    def stamp_of(path: str, oid: Oid) -> Stamp:
        nonlocal folder, seen
        there, _, name = path.rpartition("/")
        if there != folder:
            folder, seen = there, desk.state.seen(there)
        return _stamp(seen.get(name), oid)

    return stamp_of


def _stamp(seen: Seen | None, oid: Oid) -> Stamp:
    """The stamp git may trust; none if the disk holds something else, so that git looks for itself."""
    return seen.stamp if seen and seen.oid == oid and seen.stamp.mtime_ns else UNKNOWN
