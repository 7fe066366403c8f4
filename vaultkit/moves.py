"""The moves agents and people make by command: approve, reject, complete. (For claims see `holding`.)

Each is the same rename a drag in Obsidian is, followed by a cycle; the stock hooks stamp it. So a
command and a drag can never mean two different things. Nothing is ever overwritten.
"""

from __future__ import annotations

from typing import NoReturn

from vaultkit.core.history.fold import policy_at
from vaultkit.core.naming.conflict_copies import beside
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.text.note import BrokenFrontmatter, Note, set_values
from vaultkit.desk import Desk
from vaultkit.drags import make_drag, refuse_drag
from vaultkit.errors import VaultError
from vaultkit.finding import find_note, must_find, read_note, staged
from vaultkit.overtaken import find_overruled, refuse_overtaken
from vaultkit.report import Cycle
from vaultkit.rights import refuse, refuse_staying

PENDING = "pending_approval"
OPEN = ("needs_action", "in_progress", "plans")
"""Where a task or a plan is that goes to `Done/` with its draft."""


class Moves:
    """Moves at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._agent = desk.identity.agent
        self._cycle = cycle

    def approve(self, note: str) -> str:
        return self._decide(note, "approved", "approve")

    def reject(self, note: str, reason: str = "") -> str:
        if reason:
            policy = self._policy()
            note = src = self._must_find(note, PENDING, policy)
            self._refuse_staying(src)
            self._check(policy, src, policy.workflow.place("rejected", policy.workflow.rest_of(src)))
            self._write_reason(src, reason, policy)
        return self._decide(note, "rejected", "reject")

    def complete(self, note: str) -> list[str]:
        """Move a note to `Done/`, and with it the task and the plan that its frontmatter names.

        What is there already stays as it is.
        """
        policy = self._policy()
        src = self._must_find(note, None, policy)
        if policy.workflow.stage_of(src) == "done":
            return [src]
        return self._complete(policy, src)

    def _complete(self, policy: Policy, src: str) -> list[str]:
        pairs: list[tuple[str, str]] = []
        for each in (src, *self.companions(Note(src, read_note(self._desk, policy, src)))):
            pairs.append((each, self._done_place(each, policy, {end for _, end in pairs})))
        for start, end in pairs:
            self._check(policy, start, end)
        for start, end in pairs:
            self._rename(start, end)
        report = self._cycle(frozenset(path for pair in pairs for path in pair), f"complete {src}")
        refuse_overtaken(self._desk, report, *pairs[0])
        return [end for start, end in pairs if not find_overruled(self._desk, report.overruled, start, end)]

    def refuse(self, path: str, refusal: Refusal) -> NoReturn:
        """RefusedByPolicy, with why and who could change that."""
        refuse(self._desk, self._policy(), path, refusal)

    # Finding notes

    def _policy(self) -> Policy:
        return policy_at(self._desk.objects, self._desk.head_tree())

    def _find(self, note: str, stage: str | None, policy: Policy) -> str | None:
        return find_note(self._desk, policy, note, stage)

    def _must_find(self, note: str, stage: str | None, policy: Policy) -> str:
        return must_find(self._desk, policy, note, stage)

    def companions(self, note: Note) -> list[str]:
        """The task and the plan that a draft's frontmatter names and that are open; no doubtful one.

        What waits for a decision, or was approved, is neither, whatever a draft calls it.
        """
        policy = self._policy()
        try:
            named = [name for name in (note.get("task"), note.get("plan")) if isinstance(name, str) and name]
        except BrokenFrontmatter:
            named = []
        if not named:
            return []
        there = [path for stage in OPEN for path in staged(self._desk, policy, stage)]
        found = [[path for path in there if is_named(path, name) and path != note.path] for name in named]
        return list(dict.fromkeys(paths[0] for paths in found if len(paths) == 1))

    # Making moves

    def _decide(self, note: str, stage: str, verb: str) -> str:
        policy = self._policy()
        src = self._must_find(note, PENDING, policy)
        dst = policy.workflow.place(stage, policy.workflow.rest_of(src))
        self._move(src, dst, f"{verb} {src}")
        return dst

    def _move(self, src: str, dst: str, message: str) -> None:
        self._check(self._policy(), src, dst)
        self._refuse_staying(src)
        self._rename(src, dst)
        refuse_overtaken(self._desk, self._cycle(frozenset((src, dst)), message), src, dst)

    def _check(self, policy: Policy, src: str, dst: str) -> None:
        """Refuse a move before anything is changed."""
        refuse_drag(self._desk, policy, src, dst)

    def _refuse_staying(self, path: str) -> None:
        """What nobody else sees can neither be claimed nor decided for all."""
        content = self._desk.disk.read(path, self._policy().sync.max_file)
        refuse_staying(path, content[0] if content else None)

    def _rename(self, src: str, dst: str) -> None:
        make_drag(self._desk, src, dst)

    def _done_place(self, path: str, policy: Policy, taken: set[str]) -> str:
        """A free place in `Done/`; a task that has its draft's name gets ` (task)`."""
        workflow = policy.workflow
        rest = workflow.rest_of(path) if workflow.stage_of(path) else path.rpartition("/")[2]
        place = workflow.place("done", rest)
        kind = {"plans": "plan", "pending_approval": "draft", "approved": "draft"}
        marks = ["", kind.get(workflow.stage_of(path) or "", "task"), *map(str, range(2, 1000))]
        names = (beside(place, mark) if mark else place for mark in marks)
        return next(name for name in names if name not in taken and self._desk.disk.item(name) is None)

    def _write_reason(self, path: str, reason: str, policy: Policy) -> None:
        before = read_note(self._desk, policy, path)
        try:
            after = set_values(before, {"reason": reason})
        except BrokenFrontmatter as error:
            hint = "Mend the frontmatter in Obsidian, or reject without a reason."
            raise VaultError(
                f"{path}: the reason cannot be written: {error}", hint=hint, note=path
            ) from error
        if self._desk.disk.replace(path, before, after) is None:
            raise VaultError(f"{path} is being edited", hint="Try again.", note=path)
