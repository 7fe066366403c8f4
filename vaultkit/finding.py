"""Finding the notes of the workflow by what people call them: a path, its end, or a file name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vaultkit.core.git.tree import Oid, find, walk
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError


def find_note(desk: Desk, policy: Policy, note: str, stage: str | None) -> str | None:
    """The path of a note given by path, by path below its stage, or by (unique) file name.

    `stage` None is any. UsageError if it could be several.
    """
    note = note.replace("\\", "/").removeprefix("./")
    if desk.disk.item(note) and stage in (None, policy.workflow.stage_of(note)):
        return note
    found = sorted(path for path in staged(desk, policy, stage) if is_named(path, note))
    if len(found) > 1:
        raise UsageError(f"{note} could be {' or '.join(found)}", hint="Give the whole path.", note=note)
    return found[0] if found else None


def must_find(desk: Desk, policy: Policy, note: str, stage: str | None) -> str:
    """The same; VaultError if there is none, with where else one of this name is."""
    found = find_note(desk, policy, note, stage)
    if found is None:
        where = f" in {policy.workflow.place(stage, '')}" if stage else ""
        there = find_published(desk, policy, note, policy.workflow.folders)
        problem = f"there is no note {note}{where}" + (f"; one of that name is at {there}" if there else "")
        raise VaultError(problem, hint="`vaultkit tasks` lists them.", note=note)
    return found


def staged(desk: Desk, policy: Policy, stage: str | None) -> Iterator[str]:
    """The notes in a stage (None: any), on the disk and in history."""
    seen = {path for path in published(desk, policy, stage) if desk.disk.item(path)}
    yield from seen
    if stage:
        folder = policy.workflow.folders[stage]
        yield from (path for path in _below(desk, folder) if path not in seen)


def published(desk: Desk, policy: Policy, stage: str | None, tree: Oid | None = None) -> Iterator[str]:
    """The notes in a stage (None: any) as `tree`, or else the newest local commit, has them.

    Costs that stage's size.
    """
    tree = tree or desk.head_tree()
    for name in [stage] if stage else policy.workflow.folders:
        folder = policy.workflow.folders[name]
        entry = find(desk.objects, tree, folder)
        if entry and entry.is_folder:
            yield from (path for path, _ in walk(desk.objects, entry.oid, folder))


def published_notes(desk: Desk, policy: Policy, stage: str) -> Iterator[str]:
    """The same, but Markdown alone."""
    return (path for path in published(desk, policy, stage) if path.endswith(".md"))


def find_published(desk: Desk, policy: Policy, note: str, stages: Iterable[str]) -> str | None:
    """A note of this name in the first of these stages that has one; best one that keeps its domain."""
    note = note.replace("\\", "/").removeprefix("./")
    workflow, name = policy.workflow, note.rpartition("/")[2]
    rest = workflow.rest_of(note) if workflow.stage_of(note) else note
    for stage in stages:
        found = sorted(path for path in published(desk, policy, stage) if is_named(path, name))
        exact = [path for path in found if note == path or is_named(workflow.rest_of(path), rest)]
        if found:
            return (*exact, *found)[0]
    return None


def read_note(desk: Desk, policy: Policy, path: str) -> bytes:
    """What the note at `path` holds on the disk now. VaultError if that cannot be read."""
    content = desk.disk.read(path, policy.sync.max_file)
    if content is None:
        raise VaultError(f"{path} cannot be read", note=path)
    return content[0]


def _below(desk: Desk, folder: str) -> Iterator[str]:
    for item in desk.disk.items(folder):
        path = f"{folder}/{item.name}"
        if item.kind.value == "folder":
            yield from _below(desk, path)
        elif not item.name.startswith("."):
            yield path
