"""Keeps git's own index in step, so that `git status` in the vault says what is true.

vaultkit never uses the index itself. Patching it costs time that grows with the vault, so this is
done when the vault is idle, never in a cycle. What it last showed is remembered as a tree, so only
the difference is patched. It shows what counts: where the published commit holds a violation, git calls
its undoing a staged change.
"""

from __future__ import annotations

from collections.abc import Iterator

from dulwich.repo import Repo

from vaultkit.core.paths import name_problem
from vaultkit.core.tree import Change, Oid, changes_between, walk
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
    changes = changes_between(desk.objects, shown, tree)
    lines = {path: _line(desk, path, change) for path, change in changes.items() if not name_problem(path)}
    return patch_index(repo, lines)


def _line(desk: Desk, path: str, change: Change) -> tuple[Oid, Stamp] | None:
    if change.new is None:
        return None
    folder, _, name = path.rpartition("/")
    return change.new, _stamp(desk.state.seen(folder).get(name), change.new)


def _entries(desk: Desk, tree: Oid) -> Iterator[tuple[str, Oid, Stamp, int]]:
    folder, seen = None, {}
    for path, entry in walk(desk.objects, tree):
        if name_problem(path):
            continue  # a program that trusts its index might write it to the disk
        there, _, name = path.rpartition("/")
        if there != folder:
            folder, seen = there, desk.state.seen(there)
        yield path, entry.oid, _stamp(seen.get(name), entry.oid), entry.mode


def _stamp(seen: Seen | None, oid: Oid) -> Stamp:
    """The stamp git may trust; none if the disk holds something else, so that git looks for itself."""
    return seen.stamp if seen and seen.oid == oid and seen.stamp.mtime_ns else UNKNOWN
