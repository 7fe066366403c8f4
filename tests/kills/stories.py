"""The stories: folders in which something is to be done, the command that does it and is killed, and
what a person does before it is started again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.desk import drag
from tests.kills.folders import (
    CLOUD,
    LOCAL,
    REMOTE,
    both_typed,
    draft_approved,
    draft_waits,
    free_task,
    many_commits,
    much_arrives,
    own_notes,
    own_repository,
    published,
    rival_claims,
    signals_wait,
    type_into,
    typed_and_dragged,
    typed_at_rest,
    write,
)

OBJECTS = "/objects/"


def nothing(_folder: Path) -> None:
    """Nobody does anything."""


@dataclass(frozen=True)
class Story:
    """`words` are killed, then `restart` is run (None: a sync). `dies` is the vault they work in.

    `between`: what a person does after the kill and before the restart. `repeats`: the restart is the
    same command. `by_command`: the move may be made or not; then a person sees it, and gives it again.
    `leaves_out`: calls that name this are of no interest here, another story has them.
    """

    name: str
    build: Callable[[Path], None]
    words: Callable[[Path], list[str]]
    dies: str
    between: Callable[[Path], None] = nothing
    repeats: bool = False
    by_command: bool = False
    adopts: bool = False
    leaves_out: str = ""


# What is run and killed


def init(folder: Path) -> list[str]:
    return ["init", str(folder / LOCAL), "--agent=local_agent", "--human", f"--remote={folder / REMOTE}"]


def join(folder: Path) -> list[str]:
    return ["join", str(folder / REMOTE), str(folder / CLOUD), "--agent=cloud_agent"]


def snapshot(folder: Path) -> list[str]:
    return ["snapshot", str(folder / LOCAL)]


def watched(folder: Path) -> list[str]:
    """A cycle as `watch` runs it, for which all decisions are fresh."""
    return ["watched", str(folder / LOCAL)]


def sync_local(folder: Path) -> list[str]:
    return ["-C", str(folder / LOCAL), "sync"]


def sync_cloud(folder: Path) -> list[str]:
    return ["-C", str(folder / CLOUD), "sync"]


def claim(folder: Path) -> list[str]:
    return ["-C", str(folder / CLOUD), "claim", "Needs_Action/email/task 2.md"]


def approve(folder: Path) -> list[str]:
    return ["-C", str(folder / LOCAL), "approve", "Pending_Approval/email/answer.md"]


def complete(folder: Path) -> list[str]:
    return ["-C", str(folder / LOCAL), "done", "Approved/email/answer.md"]


def dashboard(folder: Path) -> list[str]:
    return ["-C", str(folder / LOCAL), "dashboard"]


# What a person does then


def drag_what_arrived(folder: Path) -> None:
    """A person drags arrived notes elsewhere while no vaultkit runs."""
    cloud = folder / CLOUD
    for n in range(0, 8, 2):
        if (cloud / f"Updates/{n % 3}/update {n}.md").exists():
            drag(cloud, f"Updates/{n % 3}/update {n}.md", f"Plans/update {n}.md")
    if (cloud / "Updates/Deep/Deeper/plan 5.md").exists():
        drag(cloud, "Updates/Deep/Deeper/plan 5.md", "Plans/Kept/plan 5.md")


def type_into_what_arrived(folder: Path) -> None:
    """A person types into notes while no vaultkit runs: arrived ones, and others."""
    cloud = folder / CLOUD
    for n in range(0, 8, 3):
        if (cloud / f"Updates/{n % 3}/update {n}.md").exists():
            type_into(cloud / f"Updates/{n % 3}/update {n}.md", f"typed after the kill {n}\n")
    type_into(cloud / "Plans/plan 2.md", "typed after the kill\n")
    write(cloud, "Updates/after.md")


STORIES = (
    Story("init", own_notes, init, LOCAL, repeats=True),
    Story("adopt", own_repository, init, LOCAL, repeats=True, adopts=True),
    Story("join", published, join, CLOUD, repeats=True),
    Story("snapshot", typed_and_dragged, snapshot, LOCAL),
    Story("push", many_commits, sync_local, LOCAL),
    Story("send all", typed_and_dragged, sync_local, LOCAL),
    Story("fetch and checkout", much_arrives, sync_cloud, CLOUD),
    Story("checkout, then dragged", much_arrives, sync_cloud, CLOUD, drag_what_arrived, leaves_out=OBJECTS),
    Story(
        "checkout, then typed", much_arrives, sync_cloud, CLOUD, type_into_what_arrived, leaves_out=OBJECTS
    ),
    Story("resting", typed_at_rest, watched, LOCAL, repeats=True),
    Story("merge", both_typed, sync_cloud, CLOUD),
    Story("claim", free_task, claim, CLOUD, by_command=True),
    Story("lost claim", rival_claims, claim, CLOUD, by_command=True),
    Story("approve", draft_waits, approve, LOCAL, by_command=True),
    Story("done", draft_approved, complete, LOCAL, by_command=True),
    Story("signals taken up", signals_wait, dashboard, LOCAL, by_command=True),
)
