"""The folders that the stories begin with."""

from __future__ import annotations

import random
from pathlib import Path

from tests.desk import Desk, drag, put
from tests.servers import git
from vaultkit import Vault, init_vault
from vaultkit.setup import KeyPlace

LOCAL, CLOUD, REMOTE = "Local", "Cloud", "r.git"


def body(name: str, lines: int = 12) -> str:
    """A note's text, unlike any other's."""
    chance = random.Random(name)
    return "".join(f"{name} line {n}: {chance.random()}\n" for n in range(lines))


def write(vault: Path, *paths: str) -> None:
    for path in paths:
        put(vault / path, body(path))


def type_into(note: Path, words: str) -> None:
    """More words at the end of a note."""
    put(note, note.read_text("utf-8") + words)


def sync(*vaults: Path, offline: bool = False) -> None:
    for path in vaults:
        with Vault.open(path) as vault:
            vault.sync(offline=offline)


def pair(folder: Path) -> tuple[Path, Path]:
    """Local and Cloud around one remote, with some notes that both have."""
    desk = Desk(folder)
    write(
        desk.local, *(f"Plans/plan {n}.md" for n in range(8)), *(f"Journal/Old/day {n}.md" for n in range(6))
    )
    write(desk.local, *(f"Needs_Action/email/task {n}.md" for n in range(4)), "root.md")
    sync(desk.local, desk.cloud)
    return desk.local, desk.cloud


# Making vaults


def own_notes(folder: Path) -> None:
    write(folder / LOCAL, *(f"My notes/{n}.md" for n in range(10)), "Needs_Action/email/first.md")


def own_repository(folder: Path) -> None:
    """A git repository on another branch, with more notes than fit into loose objects."""
    vault = folder / LOCAL
    write(vault, *(f"Old/{n}.md" for n in range(5)))
    git("init", "-q", "-b", "master", vault)
    git("add", ".", cwd=vault)
    git("commit", "-q", "-m", "before vaultkit", cwd=vault)
    write(vault, *(f"Many/{n % 7}/{n}.md" for n in range(230)))


def published(folder: Path) -> None:
    """A vault with more history than fits into loose objects."""
    vault = folder / LOCAL
    keys = KeyPlace(folder / "home")
    init_vault(vault, "local_agent", human=True, remote=str(folder / REMOTE), keys=keys).close()
    write(vault, *(f"Plans/{n % 3}/plan {n}.md" for n in range(32)))
    sync(vault)
    for words in ("a\n", "b\n", "c\n", "d\n", "e\n"):
        for n in range(26):
            type_into(vault / f"Plans/{n % 3}/plan {n}.md", words)
        sync(vault)


# Sending


def typed_and_dragged(folder: Path) -> None:
    local, _ = pair(folder)
    write(local, *(f"New/{n % 2}/new {n}.md" for n in range(5)), "Pending_Approval/email/mail.md")
    sync(local, offline=True)
    work_on(local)
    drag(local, "Pending_Approval/email/mail.md", "Approved/email/mail.md")


def work_on(vault: Path) -> None:
    """A bit of everything that a person does with notes."""
    for n in range(3):
        type_into(vault / f"Plans/plan {n}.md", "typed\n")
    drag(vault, "Plans/plan 4.md", "Done/plan 4.md")
    drag(vault, "Journal/Old/day 0.md", "Journal/New/day 0.md")
    drag(vault, "Needs_Action/email/task 0.md", "Done/email/task 0.md")
    (vault / "Journal/Old/day 1.md").unlink()
    write(vault, *(f"Journal/Later/late {n}.md" for n in range(3)))


def many_commits(folder: Path) -> None:
    local, _ = pair(folder)
    for n in range(4):
        write(local, f"Journal/More/more {n}.md")
        type_into(local / "root.md", f"{n}\n")
        sync(local, offline=True)


# Taking in


def much_arrives(folder: Path) -> None:
    local, _ = pair(folder)
    work_on(local)
    write(local, *(f"Updates/{n % 3}/update {n}.md" for n in range(8)))
    drag(local, "Plans/plan 5.md", "Updates/Deep/Deeper/plan 5.md")
    sync(local)


def both_typed(folder: Path) -> None:
    """Clean merges, a note moved here and edited there, words for the same line."""
    local, cloud = pair(folder)
    work_on(local)
    put(local / "Plans/plan 6.md", "local says\n" + body("Plans/plan 6.md"))
    sync(local)
    for n in range(3):
        note = cloud / f"Plans/plan {n}.md"
        put(note, f"on top {n}\n" + note.read_text())
    type_into(cloud / "Plans/plan 4.md", "late words\n")
    put(cloud / "Plans/plan 6.md", "cloud says\n" + body("Plans/plan 6.md"))
    write(cloud, *(f"Updates/from cloud {n}.md" for n in range(2)))
    drag(cloud, "Needs_Action/email/task 1.md", "In_Progress/cloud_agent/email/task 1.md")


# Moves by command


def rival_claims(folder: Path) -> None:
    """Local has claimed the task already, and Cloud does not know."""
    local, _ = pair(folder)
    drag(local, "Needs_Action/email/task 2.md", "In_Progress/local_agent/email/task 2.md")
    sync(local)


def free_task(folder: Path) -> None:
    local, _ = pair(folder)
    write(local, *(f"Updates/news {n}.md" for n in range(4)))
    sync(local)


def draft_waits(folder: Path) -> None:
    local, cloud = pair(folder)
    drag(cloud, "Needs_Action/email/task 3.md", "In_Progress/cloud_agent/email/task 3.md")
    front = "---\ntask: email/task 3\nplan: plan 7\n---\n"
    put(cloud / "Pending_Approval/email/answer.md", front + body("answer"))
    sync(cloud, local)
    write(cloud, *(f"Updates/news {n}.md" for n in range(4)))
    sync(cloud)


def typed_at_rest(folder: Path) -> None:
    """A draft was just dragged and typed into; so was a task a moment ago, and it is typed into again."""
    draft_waits(folder)
    local = folder / LOCAL
    drag(local, "Needs_Action/email/task 1.md", "Done/email/task 1.md")
    type_into(local / "Done/email/task 1.md", "at first\n")
    with Vault.open(local) as vault:
        vault.sync(rested=frozenset(), offline=True)
    type_into(local / "Done/email/task 1.md", "and then\n")
    drag(local, "Pending_Approval/email/answer.md", "Approved/email/answer.md")
    type_into(local / "Approved/email/answer.md", "before it goes\n")
    write(local, "Plans/meanwhile.md")


def signals_wait(folder: Path) -> None:
    """News from Cloud, and words of a person's in a region of the page."""
    local, cloud = pair(folder)
    write(cloud, *(f"Updates/email/SIGNAL_{n}.md" for n in range(4)))
    sync(cloud, local)
    page = local / "Dashboard.md"
    put(page, page.read_text("utf-8").replace("No news yet.\n", "No news yet.\ntyped by a person\n"))


def draft_approved(folder: Path) -> None:
    draft_waits(folder)
    with Vault.open(folder / LOCAL) as vault:
        vault.approve("Pending_Approval/email/answer.md")
