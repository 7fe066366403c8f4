"""The moves agents and people make by command: claim, approve, reject, complete.

Each is the same rename a drag in Obsidian is, followed by a cycle; the stock hooks stamp it. So a
command and a drag can never mean two different things. Nothing is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from vaultkit.core.fold import policy_at
from vaultkit.core.identity import CHANGE
from vaultkit.core.merge import beside
from vaultkit.core.message import read_trailer
from vaultkit.core.note import BrokenFrontmatter, Note, set_values
from vaultkit.core.paths import is_named
from vaultkit.core.policy import Policy, Refusal
from vaultkit.core.tree import Oid, find_file, walk
from vaultkit.desk import Desk
from vaultkit.errors import AlreadyClaimed, Unconfirmed, UsageError, VaultError
from vaultkit.report import Cycle, SyncReport
from vaultkit.rights import refuse, refuse_staying

MOST_COMMITS_TO_CONFIRM = 1000


class Moves:
    """Moves at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._agent = desk.identity.agent
        self._cycle = cycle

    def claim(self, note: str) -> str:
        policy = self._policy()
        src = self._find(note, "needs_action", policy)
        if src is None:
            self._cycle(frozenset(), "")  # perhaps it has just arrived at the remote
            src = self._find(note, "needs_action", policy)
        if src is None:
            return self._claimed_before(note, policy)
        folder = policy.workflow.folder_of(self._agent, lambda at: self._desk.disk.item(at) is not None)
        dst = policy.workflow.place("in_progress", policy.workflow.rest_of(src), folder)
        report = self._move(src, dst, f"claim {src}")
        if report.error or not report.in_step:
            raise Unconfirmed(
                f"{src}: the claim is not confirmed: {report.error or report.detail or report.ending}",
                hint="Start nothing with an effect; run `vaultkit sync`, then claim again.",
                note=src,
            )
        if self._is_published(report.key) and find_file(self._desk.objects, self._desk.head_tree(), dst):
            return dst
        return self._claimed_before(note, policy)

    def approve(self, note: str) -> str:
        return self._decide(note, "approved", "approve")

    def reject(self, note: str, reason: str = "") -> str:
        policy = self._policy()
        src = self._must_find(note, "pending_approval", policy)
        if reason:
            self._refuse_staying(src)
            self._check(policy, src, policy.workflow.place("rejected", policy.workflow.rest_of(src)))
            self._write_reason(src, reason, policy)
        return self._decide(src, "rejected", "reject")

    def complete(self, note: str) -> list[str]:
        """Move a note to `Done/`, and with it the task and the plan that its frontmatter names."""
        policy = self._policy()
        src = self._must_find(note, None, policy)
        pairs: list[tuple[str, str]] = []
        for each in (src, *self.companions(Note(src, self._content(src, policy)))):
            pairs.append((each, self._done_place(each, policy, {end for _, end in pairs})))
        for start, end in pairs:
            self._check(policy, start, end)
        for start, end in pairs:
            self._rename(start, end)
        self._cycle(frozenset(path for pair in pairs for path in pair), f"complete {src}")
        return [end for _, end in pairs]

    def refuse(self, path: str, refusal: Refusal) -> NoReturn:
        """RefusedByPolicy, with why and who could change that."""
        refuse(self._desk, self._policy(), path, refusal)

    # Finding notes

    def _policy(self) -> Policy:
        return policy_at(self._desk.objects, self._desk.head_tree())

    def _must_find(self, note: str, stage: str | None, policy: Policy) -> str:
        found = self._find(note, stage, policy)
        if found is None:
            where = f" in {policy.workflow.place(stage, '')}" if stage else ""
            raise VaultError(
                f"there is no note {note}{where}", hint="`vaultkit status` lists them.", note=note
            )
        return found

    def _find(self, note: str, stage: str | None, policy: Policy) -> str | None:
        """The path of a note given by path, by path below its stage, or by (unique) file name."""
        note = note.replace("\\", "/").removeprefix("./")
        if self._desk.disk.item(note) and stage in (None, policy.workflow.stage_of(note)):
            return note
        found = sorted(path for path in self._staged(stage, policy) if is_named(path, note))
        if len(found) > 1:
            raise UsageError(f"{note} could be {' or '.join(found)}", hint="Give the whole path.", note=note)
        return found[0] if found else None

    def _staged(self, stage: str | None, policy: Policy) -> Iterator[str]:
        """The notes in a stage (None: any), on the disk and in history."""
        seen = set()
        for path, _ in walk(self._desk.objects, self._desk.head_tree()):
            at = policy.workflow.stage_of(path)
            if at and stage in (None, at) and self._desk.disk.item(path):
                seen.add(path)
        yield from seen
        if stage:
            yield from (p for p in self._below(policy.workflow.place(stage, "").rstrip("/")) if p not in seen)

    def _below(self, folder: str) -> Iterator[str]:
        for item in self._desk.disk.items(folder):
            path = f"{folder}/{item.name}"
            if item.kind.value == "folder":
                yield from self._below(path)
            elif not item.name.startswith("."):
                yield path

    def _claimed_before(self, note: str, policy: Policy) -> str:
        """The path if the task is ours already; raises AlreadyClaimed if it is somebody else's."""
        name = note.rpartition("/")[2]
        for path, _ in walk(self._desk.objects, self._desk.head_tree()):
            holder = policy.workflow.holder(path, policy.agents)
            if holder and is_named(path, name):
                if holder != self._agent:
                    raise AlreadyClaimed(note, holder)
                return path
        raise VaultError(f"there is no task {note} to claim", hint="`vaultkit status` lists them.", note=note)

    def companions(self, note: Note) -> list[str]:
        """The task and the plan that a draft's frontmatter names and that are open; no doubtful one."""
        policy = self._policy()
        try:
            named = [name for name in (note.get("task"), note.get("plan")) if isinstance(name, str) and name]
        except BrokenFrontmatter:
            named = []
        if not named:
            return []
        staged = [path for path in self._staged(None, policy) if policy.workflow.stage_of(path) != "done"]
        found = [[path for path in staged if is_named(path, name) and path != note.path] for name in named]
        return list(dict.fromkeys(paths[0] for paths in found if len(paths) == 1))

    # Making moves

    def _decide(self, note: str, stage: str, verb: str) -> str:
        policy = self._policy()
        src = self._must_find(note, "pending_approval", policy)
        dst = policy.workflow.place(stage, policy.workflow.rest_of(src))
        self._move(src, dst, f"{verb} {src}")
        return dst

    def _move(self, src: str, dst: str, message: str) -> SyncReport:
        self._check(self._policy(), src, dst)
        self._refuse_staying(src)
        self._rename(src, dst)
        return self._cycle(frozenset((src, dst)), message)

    def _check(self, policy: Policy, src: str, dst: str) -> None:
        """Refuse a move before anything is changed."""
        some, agent = Oid("0" * 40), self._desk.identity.acts_as(policy)
        refusal = policy.judge(agent, src, some, None, None) or policy.judge(agent, dst, None, some, 0)
        if refusal:
            self.refuse(src, refusal)

    def _refuse_staying(self, path: str) -> None:
        """What nobody else sees can neither be claimed nor decided for all."""
        content = self._desk.disk.read(path, self._policy().sync.max_file)
        refuse_staying(path, content[0] if content else None)

    def _rename(self, src: str, dst: str) -> None:
        if not self._desk.disk.rename(src, dst):
            problem = f"{src} cannot move to {dst}: something is there already, or the note is gone"
            raise VaultError(problem, hint="Look at both in Obsidian.", note=src)

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
        before = self._content(path, policy)
        try:
            after = set_values(before, {"reason": reason})
        except BrokenFrontmatter as error:
            hint = "Mend the frontmatter in Obsidian, or reject without a reason."
            raise VaultError(
                f"{path}: the reason cannot be written: {error}", hint=hint, note=path
            ) from error
        if self._desk.disk.replace(path, before, after) is None:
            raise VaultError(f"{path} is being edited", hint="Try again.", note=path)

    def _content(self, path: str, policy: Policy) -> bytes:
        content = self._desk.disk.read(path, policy.sync.max_file)
        if content is None:
            raise VaultError(f"{path} cannot be read", note=path)
        return content[0]

    def _is_published(self, key: str) -> bool:
        """Is the commit that carries our nonce part of the published history?"""
        base = self._desk.state.get("base")
        at = Oid(base) if base else None
        for _ in range(MOST_COMMITS_TO_CONFIRM):
            if at is None:
                return False
            commit = self._desk.objects.commit(at)
            if read_trailer(commit.message, CHANGE) == key and self._desk.identity.made(commit):
                return True
            at = commit.parents[0] if commit.parents else None
        return False
