"""Trying hooks: what would run for a move, and which edits planning hooks would make. Nothing is changed.

Planning hooks are pure, so they are really run, on a draft whose objects are kept in memory. Acting hooks are
only named.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Change, Commit, Folder, Objects, Oid, find_file, walk, with_edits
from vaultkit.core.hooks.draft import Draft
from vaultkit.core.hooks.hook import Hook, acting, planning
from vaultkit.core.hooks.occasions import HookChange, HookMove, Source, changes_from, moves_from
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import SYNONYMS, stage_for_status
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.finding import read_note
from vaultkit.memory.objects import MemoryObjects

NOWHERE = "-"


@dataclass(slots=True)
class HookTrial:
    """What would happen. `ran`: the planning hooks, and what went wrong with each ("" for nothing).

    `acting`: those that would act afterwards; `edits`: the notes that would be edited, each as a diff;
    `refused`: those of them that the agent may not write, so that nothing would come of it.
    """

    occasion: HookMove | HookChange
    ran: list[tuple[str, str]] = field(default_factory=list)
    acting: list[str] = field(default_factory=list)
    edits: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


class Scratch(MemoryObjects):
    """Objects that are read where they are, and kept in memory when they are new."""

    def __init__(self, below: Objects) -> None:
        super().__init__()
        self._below = below

    def blob(self, oid: Oid) -> bytes:
        return super().blob(oid) if self.contains(oid) else self._below.blob(oid)

    def folder(self, oid: Oid) -> Folder:
        return super().folder(oid) if self.contains(oid) else self._below.folder(oid)

    def commit(self, oid: Oid) -> Commit:
        return super().commit(oid) if self.contains(oid) else self._below.commit(oid)


def try_hooks(
    desk: Desk, policy: Policy, hooks: Sequence[Hook], note: str, start: str, end: str, time: int
) -> HookTrial:
    """What would run if `note` went from the folder (or stage, or path) `start` to `end`.

    `-` as start: it is new; the same as `end`: it is edited. UsageError, and VaultError without a note.
    """
    found = _find(desk, note)
    src, dst = (_place(desk, policy, where, note, found) for where in (start, end))
    if dst is None:
        raise UsageError("a note goes somewhere", hint="Give a folder, a stage or a path as TO.")
    objects = Scratch(desk.objects)
    oid = objects.put_blob(read_note(desk, policy, found))
    gone = {path: None for path in (found, src) if path and path != dst}
    tree = with_edits(objects, desk.head_tree(), {**gone, dst: oid})
    occasion = _occasion(policy, desk.identity.agent, src, dst, oid, time)
    return _try(objects, policy, desk.identity.agent, hooks, tree, occasion)


def _try(
    objects: Objects,
    policy: Policy,
    agent: str,
    hooks: Sequence[Hook],
    tree: Oid,
    occasion: HookMove | HookChange,
) -> HookTrial:
    trial, draft = HookTrial(occasion), Draft(objects, tree)
    for hook in planning(hooks, occasion):
        draft.begin()
        error = _run(lambda hook=hook: hook.call(occasion, draft=draft))  # type: ignore[misc]
        if error:
            draft.take_back()
        trial.ran.append((hook.name, error))
    trial.acting = [hook.name for hook in acting(hooks, occasion)]
    for path, new in draft.edits().items():
        before = find_file(objects, tree, path)
        trial.edits[path] = _diff(objects.blob(before) if before else b"", objects.blob(new))
        if not policy.may(agent, path, adds=False):
            trial.refused.append(path)
    return trial


def _run(work: Callable[[], None]) -> str:
    try:
        work()
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _occasion(
    policy: Policy, agent: str, src: str | None, dst: str, oid: Oid, time: int
) -> HookMove | HookChange:
    source = Source(agent, time, "trial")
    if src in (None, dst):
        old = None if src is None else Oid("0" * 40)
        return changes_from({dst: Change(old, oid)}, (), source)[0]
    move = Move(str(src), dst, oid, oid)
    return moves_from([move], source, policy.workflow, policy.agents)[0]


def _find(desk: Desk, note: str) -> str:
    """Where the note is now: by its path, or its (unique) name."""
    if desk.disk.item(note):
        return note
    found = [path for path, _ in walk(desk.objects, desk.head_tree()) if is_named(path, note)]
    if len(found) > 1:
        raise UsageError(f"{note} could be {' or '.join(found)}", hint="Give the whole path.", note=note)
    if not found:
        raise VaultError(f"there is no note {note}", hint="`vaultkit status` lists them.", note=note)
    return found[0]


def _place(desk: Desk, policy: Policy, where: str, note: str, found: str | None) -> str | None:
    """A path for a folder, a stage's name or a path; None for `-`."""
    where = where.replace("\\", "/").removeprefix("./").rstrip("/")
    if where == NOWHERE:
        return None
    if where.endswith(".md"):
        return where
    flow = policy.workflow
    rest = flow.rest_of(found or note) if flow.stage_of(found or note) else (found or note).rpartition("/")[2]
    folder = _folder(desk, policy, where)
    name = rest if folder in flow.folders.values() else rest.rpartition("/")[2]
    return f"{folder}/{name}"


def _folder(desk: Desk, policy: Policy, where: str) -> str:
    """The folder that is meant; a word that is neither a stage nor a folder here is most likely mistyped."""
    folders = policy.workflow.folders
    if where in folders.values() or "/" in where or desk.disk.item(where):
        return where
    stage = where if where in folders else stage_for_status(where)
    if stage is None:
        close = get_close_matches(where, (*folders, *folders.values(), *SYNONYMS), n=1)
        meant = f"Did you mean `{close[0]}`?" if close else f"The stages: {', '.join(folders)}."
        raise UsageError(f"{where!r} is no stage, and no folder here", hint=f"{meant} A path will do, too.")
    return folders[stage]


def _diff(before: bytes, after: bytes) -> str:
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    return "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=1))[2:])
