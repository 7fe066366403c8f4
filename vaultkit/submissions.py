"""Drafts for a person's approval: handing one in for a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vaultkit.core.git.tree import Change
from vaultkit.core.history.fold import policy_at
from vaultkit.core.naming.conflict_copies import beside
from vaultkit.core.text.note import BrokenFrontmatter, Value, body, read_meta, set_values
from vaultkit.desk import Desk
from vaultkit.errors import AlreadyClaimed, UsageError, VaultError
from vaultkit.log import Log
from vaultkit.report import Cycle
from vaultkit.rights import refuse_forbidden, refuse_staying
from vaultkit.trails import GONE, place_now

PENDING = "pending_approval"
IN_THE_WAY = (PENDING, "approved", "rejected")
SINCE = (*IN_THE_WAY, "done")


@dataclass(frozen=True, slots=True)
class Submission:
    """A draft that was handed in: its `path` then, and the `id` in its frontmatter, by which it is found
    again.

    `published`: the remote has it, so the person will see it.
    """

    path: str
    id: str
    published: bool

    def __str__(self) -> str:
        return self.path


class Submissions:
    """Handing in at one desk. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle
        self._policy = policy_at(desk.objects, desk.head_tree())

    def submit(
        self, task: str, text: str, meta: Mapping[str, Value], name: str, domain: str | None
    ) -> Submission:
        src = self._task(task) if task else ""
        place = self._place(src, name, domain)
        given = {**({"task": src} if src else {}), "status": PENDING, **meta}
        for path in (place, *(beside(place, str(n)) for n in range(2, 1000))):
            if before := self._handed_in(path, text, given):
                return before
            if not self._is_taken(path):
                return self._write(path, text, given)
        raise VaultError(f"{place} was handed in a thousand times", note=place)

    def _task(self, task: str) -> str:
        """Where the task is now, which may have been given by a place where it was; it must be ours to
        answer."""
        now = place_now(self._desk, Log(self._desk).name_of(task))
        if now == GONE:
            raise VaultError(f"{task} was removed", hint="`vaultkit log` says by whom.", note=task)
        self._demand_ours(now)
        return now

    def _demand_ours(self, task: str) -> None:
        """A worker that lost its claim has nothing to hand in."""
        holder = self._policy.workflow.holder(task, self._policy.agents)
        agent, actor = self._desk.identity.agent, self._desk.identity.actor
        if holder not in (None, agent) and agent not in self._policy.humans:
            raise AlreadyClaimed(task, str(holder))
        found = self._desk.disk.read(task, self._policy.sync.max_file)
        worker = _meta(found[0]).get("actor") if found and holder == agent and actor else None
        if worker and worker != actor:
            raise AlreadyClaimed(task, str(worker))

    def _place(self, task: str, name: str, domain: str | None) -> str:
        folder, _, own = self._policy.workflow.rest_of(task).rpartition("/")
        if self._policy.workflow.stage_of(task) is None:
            folder = ""
        folder = folder if domain is None else domain.strip("/")
        name = name or own
        if not name:
            raise UsageError("a draft for no task needs a name", hint="Give `name=`.")
        rest = f"{folder}/{name}".lstrip("/")
        return self._policy.workflow.place(PENDING, rest if rest.endswith(".md") else f"{rest}.md")

    def _is_taken(self, path: str) -> bool:
        """Is there such a draft, or one that was decided on? This one could not follow it then."""
        return any(self._desk.disk.item(place) for place in self._in(IN_THE_WAY, path))

    def _in(self, stages: Iterable[str], path: str) -> list[str]:
        """Where a draft from `path` goes in these stages."""
        rest = self._policy.workflow.rest_of(path)
        return [self._policy.workflow.place(stage, rest) for stage in stages]

    def _handed_in(self, path: str, text: str, given: Mapping[str, Value]) -> Submission | None:
        """This very draft, handed in before by one who is not sure of that, because he was killed, say.

        For the same task it is the same also once it was decided on: nothing is to be done twice.
        """
        places = self._in(SINCE if "task" in given else (PENDING,), path)
        return next((same for place in places if (same := self._same(place, text, given))), None)

    def _same(self, path: str, text: str, given: Mapping[str, Value]) -> Submission | None:
        """The draft at `path`, if it is this one."""
        found = self._desk.disk.read(path, self._policy.sync.max_file)
        if found is None:
            return None
        there, ours = _meta(found[0]), _meta(_draft(text, given))
        same = all(there.get(name) == value for name, value in ours.items() if name != "status")
        if not same or body(found[0]) != body(text.encode()):
            return None
        return Submission(path, str(there.get("id") or ""), self._cycle(frozenset([path]), "").in_step)

    def _write(self, path: str, text: str, given: Mapping[str, Value]) -> Submission:
        own = str(given.get("id") or self._desk.clock.nonce())
        content = _draft(text, {"id": own, **given})
        refuse_staying(path, content)
        refuse_forbidden(self._desk, {path: Change(None, self._desk.objects.put_blob(content))})
        if self._desk.disk.replace(path, None, content) is None:
            raise VaultError(f"{path} exists already", hint="Try again.", note=path)
        self._desk.state.put(**{record(own): path})
        return Submission(path, own, self._cycle(frozenset([path]), f"submit {path}").in_step)


def _draft(text: str, meta: Mapping[str, Value]) -> bytes:
    try:
        return set_values(text.encode(), meta)
    except BrokenFrontmatter as error:
        raise UsageError(f"the draft's frontmatter cannot be edited: {error.reason}") from error


def _meta(data: bytes) -> dict[str, Value]:
    try:
        return read_meta(data)
    except BrokenFrontmatter:
        return {}


def record(draft: str) -> str:
    """Where this machine remembers the place at which a draft, by its id, was handed in."""
    return f"draft:{draft}"
