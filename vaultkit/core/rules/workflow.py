"""Folders and statuses: which folder is which stage of the work, and what a move between them means.

A stage's name is also the status word of its notes, except for plans and updates, which have none.
The part of a path below the stage (and below the agent, for what is in progress) is the note's
`rest`; it keeps the domain, so a note finds its way back to where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.text.status_words import agrees, bare_word

STATUSES = ("needs_action", "in_progress", "pending_approval", "approved", "rejected", "done")
DEFAULT_FOLDERS = {
    "needs_action": "Needs_Action",
    "in_progress": "In_Progress",
    "pending_approval": "Pending_Approval",
    "approved": "Approved",
    "rejected": "Rejected",
    "done": "Done",
    "plans": "Plans",
    "updates": "Updates",
}
QUIET_SECONDS = 1.0
GRACE_SECONDS = 5.0
DEFAULT_LEASE_SECONDS = 15 * 60.0
SYNONYMS = {
    "pending": "pending_approval",
    "awaiting_approval": "pending_approval",
    "needs_approval": "pending_approval",
    "pending_review": "pending_approval",
    "todo": "needs_action",
    "to_do": "needs_action",
    "new": "needs_action",
    "open": "needs_action",
    "claimed": "in_progress",
    "doing": "in_progress",
    "working": "in_progress",
    "started": "in_progress",
    "processing": "in_progress",
    "accepted": "approved",
    "declined": "rejected",
    "denied": "rejected",
    "completed": "done",
    "complete": "done",
    "sent": "done",
    "closed": "done",
    "finished": "done",
    "processed": "done",
    "executed": "done",
    "archived": "done",
}
TO_DO = frozenset({"pending"})
"""Words that, where a task waits to be done, say just that."""
DECIDED = frozenset({"pending_approval", "approved", "rejected", "done"})
"""The stages into and out of which a move is a decision."""
_MEANINGS = {
    ("needs_action", "in_progress"): "claim",
    ("in_progress", "needs_action"): "release",
    ("pending_approval", "approved"): "approval",
    ("pending_approval", "rejected"): "rejection",
    ("approved", "pending_approval"): "retraction",
    ("rejected", "pending_approval"): "retraction",
}


class Stage(NamedTuple):
    """A step of the work, and the folder that holds its notes."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """The stages by name, each with its folder. No folder is inside another.

    `quiet`: how long (seconds) a decision rests before `watch` commits it; taken back in that time, it
    leaves no trace. `grace`: how long what was approved waits before it is acted on; taken back or
    changed in that time, it is not. `lease`: for how long a claim holds while its holder publishes nothing.
    """

    folders: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_FOLDERS))
    quiet: float = QUIET_SECONDS
    grace: float = GRACE_SECONDS
    lease: float = DEFAULT_LEASE_SECONDS

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(Stage(name, folder) for name, folder in self.folders.items())

    def stage_of(self, path: str) -> str | None:
        """The stage whose folder holds `path`."""
        return next((stage for stage, folder in self.folders.items() if path.startswith(f"{folder}/")), None)

    def rest_of(self, path: str) -> str:
        """The part below the stage's folder (and below the agent's), with the domain: `email/x.md`."""
        stage = self.stage_of(path)
        if stage is None:
            return path
        rest = path[len(self.folders[stage]) + 1 :]
        return rest.partition("/")[2] or rest if stage == "in_progress" else rest

    def place(self, stage: str, rest: str, agent: str | None = None) -> str:
        """Where a note with this `rest` belongs in a stage."""
        if stage == "in_progress":
            return f"{self.folders[stage]}/{agent}/{rest}" if agent else f"{self.folders[stage]}/{rest}"
        return f"{self.folders[stage]}/{rest}"

    def renamed(self, path: str) -> str:
        """A path of a vault whose stages have the usual folders, as it is called here."""
        top, slash, rest = path.partition("/")
        stage = next((stage for stage, folder in DEFAULT_FOLDERS.items() if folder == top), None)
        return f"{self.folders[stage] if stage else top}{slash}{rest}"

    def folder_of(self, agent: str, is_there: Callable[[str], bool]) -> str:
        """The name of the agent's folder of notes in progress: its own, or a shorter one that is in use."""
        short, above = agent.removesuffix("_agent"), self.folders["in_progress"]
        in_use = short != agent and is_there(f"{above}/{short}") and not is_there(f"{above}/{agent}")
        return short if in_use else agent

    def is_decision(self, src: str, dst: str) -> bool:
        """Does a move come into, or leave, a stage where something is decided?"""
        ends = {self.stage_of(src), self.stage_of(dst)}
        return len(ends) == 2 and bool(ends & DECIDED)

    def holder(self, path: str, agents: Container[str] = ()) -> str | None:
        """The agent in whose folder of in-progress notes `path` is; `cloud` may stand for `cloud_agent`."""
        if self.stage_of(path) != "in_progress":
            return None
        name, _, rest = path[len(self.folders["in_progress"]) + 1 :].partition("/")
        return agent_of_folder(name, agents) if rest else None

    def kind_of_move(self, src: str, dst: str) -> str | None:
        """What a move means: claim, release, submit, approval, rejection, retraction, completion."""
        start, end = self.stage_of(src), self.stage_of(dst)
        if end == "done" and start != "done":
            return "completion"
        if end == "pending_approval" and start not in ("approved", "rejected", "pending_approval"):
            return "submit"
        return _MEANINGS.get((start or "", end or ""))


def agent_of_folder(name: str, agents: Container[str]) -> str:
    """The agent whose folder is called `name`: of that name, or else `name` with `_agent`."""
    return f"{name}_agent" if name not in agents and f"{name}_agent" in agents else name


def folders_of_agents(agents: Iterable[str]) -> tuple[str, ...]:
    """Every name that a folder of these agents' may have."""
    names = tuple(agents)
    short = (name.removesuffix("_agent") for name in names)
    return tuple(dict.fromkeys((*names, *(name for name in short if name))))


def status_of(stage: str) -> str:
    """The status word of a stage's notes; empty for a stage whose notes have none."""
    return stage if stage in STATUSES else ""


def stage_for_status(text: str, at: str = "") -> str | None:
    """The stage that a `status` names in a note of the stage `at`, in this community's many words for it."""
    word = bare_word(text)
    if at == "needs_action" and word in TO_DO:
        return at
    stage = word if word in STATUSES else SYNONYMS.get(word)
    return stage if stage and agrees(text, stage) else None
