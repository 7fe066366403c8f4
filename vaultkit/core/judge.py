"""Judging a set of changes: may this agent make them, and do they fit into the tree?

The same judge looks at what is about to leave and at what arrived. A move needs the right at both
ends: if either end is refused, so is the other, or a note could be made to vanish by "moving" it to
a place nobody accepts. Two names that differ only in case or in Unicode form never both stand. A
policy that cannot be read is never taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from vaultkit.core.changes import infer_moves
from vaultkit.core.config import read_policy
from vaultkit.core.content import is_text
from vaultkit.core.paths import fold_key
from vaultkit.core.policy import POLICY_FILE, Allowance, Policy, Refusal
from vaultkit.core.tree import Change, Changes, Objects, Oid
from vaultkit.errors import PolicyError

NOTHING: Mapping[str, Refusal] = {}
NOT_TEXT = Refusal("text", "it is not UTF-8 text")
EXCESS = Refusal("too-many", "it is more than one commit of this agent may bring")


@dataclass(slots=True)
class Verdict:
    """`accepted` may be made; `refused` says by path why not."""

    accepted: Changes = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


def judge_changes(
    policy: Policy,
    agent: str | None,
    changes: Changes,
    objects: Objects,
    tree: Oid | None,
    refused: Mapping[str, Refusal] = NOTHING,
) -> Verdict:
    """Which of `changes` to `tree` may `agent` make, given that some paths are `refused` already?"""
    verdict = Verdict(refused=dict(refused))
    for path, change in changes.items():
        refusal = refused.get(path) or _judge_one(policy, agent, path, change, objects)
        if refusal:
            verdict.refused[path] = refusal
        else:
            verdict.accepted[path] = change
    _refuse_broken_policy(verdict, objects)
    _refuse_excess(verdict, policy.allowance(agent), objects)
    _refuse_collisions(verdict, objects, tree)
    if verdict.refused and verdict.accepted:
        whole = {path: change for path, change in changes.items() if not _is_no_file(verdict, path)}
        _refuse_half_moves(verdict, whole, objects.blob)
    return verdict


def _refuse_excess(verdict: Verdict, allowance: Allowance, objects: Objects) -> None:
    """In the order of the paths, so that every replica leaves out the same notes."""
    notes, size = allowance.notes, allowance.size
    for path, change in sorted(verdict.accepted.items()):
        notes -= change.old is None
        size -= objects.blob_size(change.new) if change.new else 0
        if (notes < 0 and change.old is None) or (size < 0 and change.new):
            verdict.refused[path] = EXCESS
            del verdict.accepted[path]


def _refuse_broken_policy(verdict: Verdict, objects: Objects) -> None:
    """A policy nobody can read is none; the one before stays in force."""
    change = verdict.accepted.get(POLICY_FILE)
    if change is None:
        return
    try:
        if change.new is None:
            raise PolicyError("it was removed", file=POLICY_FILE, hint="Restore it from the vault's history.")
        read_policy(objects.blob(change.new))
    except PolicyError as error:
        verdict.refused[POLICY_FILE] = Refusal("policy", f"{error.message}. {error.hint}".rstrip())
        del verdict.accepted[POLICY_FILE]


def _is_no_file(verdict: Verdict, path: str) -> bool:
    """What is no readable note is no end of a move, and is not opened to find out."""
    return path in verdict.refused and verdict.refused[path].rule in ("mode", "object", "size", "text")


def _judge_one(
    policy: Policy, agent: str | None, path: str, change: Change, objects: Objects
) -> Refusal | None:
    try:
        size = objects.blob_size(change.new) if change.new else None
        refusal = policy.judge(agent, path, change.old, change.new, size)
        if refusal or change.new is None or is_text(objects.blob(change.new)):
            return refusal
    except KeyError:
        return Refusal("object", "what its folder names is no file, or not there")
    return NOT_TEXT


def _refuse_half_moves(verdict: Verdict, changes: Changes, read: Callable[[Oid], bytes]) -> None:
    for move in infer_moves(changes, read):
        for end, other in ((move.src, move.dst), (move.dst, move.src)):
            refusal = verdict.refused.get(other)
            if end in verdict.accepted and refusal and not _is_farewell(refusal, end, move.src):
                detail = f"the other end of its move, {other}, is refused: {refusal.detail}"
                verdict.refused[end] = Refusal("move", detail)
                del verdict.accepted[end]


def _is_farewell(refusal: Refusal, end: str, src: str) -> bool:
    """A note moved out of the shared part (into `.trash/`, to a type that does not sync) just leaves."""
    return end == src and refusal.rule != "zone"


def _refuse_collisions(verdict: Verdict, objects: Objects, tree: Oid | None) -> None:
    added = sorted(path for path, change in verdict.accepted.items() if change.new and not change.old)
    removed = {path for path, change in verdict.accepted.items() if not change.new}
    names = Names(objects, tree, removed)
    for path in added:
        other = names.collision(path)
        if other:
            verdict.refused[path] = Refusal("collision", f"its name is too like {other}")
            del verdict.accepted[path]
        else:
            names.add(path)


class Names:
    """The names in a tree, compared as the least careful file system would (case, Unicode form)."""

    def __init__(self, objects: Objects, tree: Oid | None, removed: Iterable[str] = ()) -> None:
        self._objects = objects
        self._tree = tree
        self._removed = set(removed)
        self._folders: dict[str, dict[str, tuple[str, Oid | None]]] = {}

    def collision(self, path: str) -> str | None:
        """What stands in the way of `path`: a look-alike, a file where it needs a folder, or the reverse."""
        prefix = ""
        parts = path.split("/")
        for depth, name in enumerate(parts):
            there = self._names_in(prefix).get(fold_key(name))
            if there is None:
                return None
            is_last = depth == len(parts) - 1
            if there[0] != name or (there[1] is None) != is_last:
                return prefix + there[0]
            prefix += name + "/"
        return None

    def add(self, path: str) -> None:
        """From now on `path` is there too."""
        prefix = ""
        *folders, last = path.split("/")
        for name in folders:
            self._names_in(prefix).setdefault(fold_key(name), (name, Oid("")))
            prefix += name + "/"
        self._names_in(prefix)[fold_key(last)] = (last, None)

    def _names_in(self, prefix: str) -> dict[str, tuple[str, Oid | None]]:
        if prefix not in self._folders:
            self._folders[prefix] = self._read(prefix)
        return self._folders[prefix]

    def _read(self, prefix: str) -> dict[str, tuple[str, Oid | None]]:
        oid = self._oid_of(prefix)
        entries = self._objects.folder(oid) if oid else {}
        return {
            fold_key(name): (name, entry.oid if entry.is_folder else None)
            for name, entry in sorted(entries.items(), reverse=True)  # of twins the first by name stands
            if prefix + name not in self._removed
        }

    def _oid_of(self, prefix: str) -> Oid | None:
        if not prefix:
            return self._tree
        parent, _, name = prefix[:-1].rpartition("/")
        there = self._names_in(parent + "/" if parent else "").get(fold_key(name))
        return (there[1] or None) if there and there[0] == name else None
