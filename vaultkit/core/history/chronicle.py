"""What counted, commit by commit, newest first: history as every honest replica folds it.

A commit's own tree may hold what its signer had no right to; an entry here holds only what was taken.
Stretches from one checkpoint to the next are folded as they are asked for, so looking at the newest
commits does not cost judging all that came before. A commit of which nothing counted is no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vaultkit.core.git.changes import Move, infer_moves, infer_successions
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, changes_between, find_file
from vaultkit.core.history.fold import Fold, fold_commits, policy_at
from vaultkit.core.history.trust import Step, follow_policies
from vaultkit.core.rules.identity import is_checkpoint
from vaultkit.core.rules.judge import contents_to_compare
from vaultkit.core.rules.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit of which something counted: `changes` by path, made by `signer`; `tree` is what counts since.

    `moves` reads them as moves. `time` is UTC seconds as the signer says; it proves nothing.
    """

    commit: Oid
    time: int
    signer: str
    message: str
    changes: Changes
    tree: Oid | None
    workflow: Workflow
    objects: Objects
    founds: bool = False

    def moves(self) -> list[Move]:
        """The changes that are moves, sorted by source."""
        return infer_moves(self.changes, contents_to_compare(self.objects))

    def successions(self) -> list[Move]:
        """The same, with moves from and to places that another note took over (`infer_successions`)."""
        return infer_successions(self.changes, contents_to_compare(self.objects))


def read_chronicle(objects: Objects, founded: Oid, head: Oid) -> Iterator[Entry]:
    """The entries from `head` down to `founded`, whose whole tree counts; nothing if no way leads there."""
    steps = follow_policies(objects, founded, head)
    if steps is None:
        return
    end = len(steps)
    while end:
        start = _after_checkpoint(objects, steps, end)
        base = steps[start - 1].oid if start else founded
        yield from reversed(list(_judged(objects, base, steps[start:end])))
        end = start
    yield _founding(objects, founded)


def _after_checkpoint(objects: Objects, steps: Sequence[Step], end: int) -> int:
    """Where the stretch that ends before `end` begins: after the newest checkpoint below its last commit."""
    below = range(end - 2, -1, -1)
    found = (n + 1 for n in below if is_checkpoint(objects.commit(steps[n].oid), steps[n].policy))
    return next(found, 0)


def _judged(objects: Objects, base: Oid, steps: Iterable[Step]) -> Iterator[Entry]:
    tree: Oid | None = objects.commit(base).tree
    fold = Fold(base, tree, policy_at(objects, tree))
    for step in steps:
        fold = fold_commits(objects, Fold(fold.commit, fold.tree, fold.policy), [step.oid])
        for oid, changes in fold.accepted.items():
            if changes:
                yield _entry(objects, fold, oid, changes)


def _entry(objects: Objects, fold: Fold, oid: Oid, changes: Changes) -> Entry:
    commit, signer = objects.commit(oid), fold.signers.get(oid, "nobody")
    return Entry(oid, commit.time, signer, commit.message, changes, fold.tree, fold.policy.workflow, objects)


def _founding(objects: Objects, oid: Oid) -> Entry:
    commit = objects.commit(oid)
    policy = policy_at(objects, commit.tree)
    changes = changes_between(objects, None, commit.tree)
    return Entry(
        oid,
        commit.time,
        min(policy.humans),
        commit.message,
        changes,
        commit.tree,
        policy.workflow,
        objects,
        founds=True,
    )


def trace(entries: Iterable[Entry], path: str) -> Iterator[tuple[Entry, str]]:
    """Each entry with the name that the note, now at `path`, had after it: renames are followed back."""
    for entry in entries:
        yield entry, path
        if path in entry.changes:
            path = next((move.src for move in entry.successions() if move.dst == path), path)


def name_since(newer: Sequence[Entry], path: str) -> str:
    """What the note that was at `path` before the entries `newer` (newest first) is called after them."""
    for entry in reversed(newer):
        change = entry.changes.get(path, Change(None, None))
        if change.old:
            path = next((move.dst for move in entry.successions() if move.src == path), path)
    return path


def whereabouts(entries: Iterable[Entry], copy: str, path: str) -> str:
    """What the note at `path` is called now, of which an entry kept the words `copy` aside.

    It may have been moved since, by that very entry, or just before it, which is why they did not fit.
    """
    newer: list[Entry] = []
    is_kept = False
    for entry in entries:
        adds_copy = copy in entry.changes and entry.changes[copy].old is None
        if adds_copy and not is_kept and find_file(entry.objects, entry.tree, path):
            return name_since(newer, path)
        is_kept = is_kept or adds_copy
        newer.append(entry)
        if is_kept and path in entry.changes:
            return name_since(newer, path)
    return path


def up_to(entries: Iterable[Entry], is_then: Callable[[Entry], bool]) -> tuple[list[Entry], Entry | None]:
    """The first entry for which `is_then`, and the newer ones before it; None if there is none."""
    newer: list[Entry] = []
    for entry in entries:
        if is_then(entry):
            return newer, entry
        newer.append(entry)
    return newer, None
