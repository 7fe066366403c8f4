"""Tasks: the notes of the workflow, by stage, holder and domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vaultkit.core.git.tree import Oid, find, walk
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import stage_for_status
from vaultkit.core.text.note import BrokenFrontmatter, Note, Value, read_meta
from vaultkit.desk import Desk
from vaultkit.errors import UsageError

OPEN = ("needs_action", "in_progress")


@dataclass(frozen=True, slots=True)
class Task(Note):
    """A note of the workflow. `stage` is the folder's, by its name in the policy (`needs_action` ...).

    `owner`: the agent that holds it, or that its frontmatter names; "" for none. `domain`: the folder below
    the stage's, like `email`; "" for none.
    """

    stage: str
    owner: str
    domain: str

    def __str__(self) -> str:
        return self.path


def list_tasks(desk: Desk, stage: str | None, owner: str | None, domain: str | None) -> Iterator[Task]:
    """The notes of a stage, or of the open ones, by path; costs the size of these folders."""
    policy = policy_at(desk.objects, desk.head_tree())
    for one in (stage_named(stage, policy),) if stage else OPEN:
        for task in _in_stage(desk, policy, one):
            if owner in (None, task.owner) and domain in (None, task.domain):
                yield task


def stage_named(word: str, policy: Policy) -> str:
    """The stage that a word means, in any of this community's words for it; UsageError if none."""
    stage = word if word in policy.workflow.folders else stage_for_status(word)
    if stage is None:
        hint = f"Use one of {', '.join(policy.workflow.folders)}."
        raise UsageError(f"{word!r} is no stage of the workflow", hint=hint)
    return stage


def _in_stage(desk: Desk, policy: Policy, stage: str) -> Iterator[Task]:
    folder = policy.workflow.folders.get(stage, "")
    there = find(desk.objects, desk.head_tree(), folder) if folder else None
    found = sorted(walk(desk.objects, there.oid, folder)) if there and there.is_folder else []
    for path, entry in found:
        if path.endswith(".md"):
            yield read_task(desk, policy, path, entry.oid)


def read_task(desk: Desk, policy: Policy, path: str, oid: Oid) -> Task:
    """The note at `path` with this content, as a task."""
    data = desk.objects.blob(oid)
    owner = policy.workflow.holder(path, policy.agents) or str(_meta(data).get("owner") or "")
    domain = policy.workflow.rest_of(path).rpartition("/")[0]
    return Task(path, data, policy.workflow.stage_of(path) or "", owner, domain)


def _meta(data: bytes) -> dict[str, Value]:
    try:
        return read_meta(data)
    except BrokenFrontmatter:
        return {}
