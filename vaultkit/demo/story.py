"""The story the demonstration tells, step by step. Each step waits for what a person would see."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import NamedTuple

from dulwich.object_store import iter_tree_contents
from dulwich.repo import Repo

from vaultkit.demo.forger import push_forged
from vaultkit.demo.stage import Stage, StepFailed, read
from vaultkit.errors import VaultError


class Step(NamedTuple):
    """What a step shows, and how it is shown."""

    title: str
    show: Callable[[Demo], None]


class Demo:
    """Runs the story on a stage. `tell` hears each step's title, seconds, and whether it worked."""

    def __init__(self, stage: Stage, tell: Callable[[str, float, str], None]) -> None:
        self.stage = stage
        self._tell = tell

    def run(self) -> bool:
        """True if every step worked; the first one that fails ends the story."""
        for step in STEPS:
            began = time.monotonic()
            try:
                step.show(self)
            except (StepFailed, VaultError, OSError) as failure:
                self._tell(step.title, time.monotonic() - began, str(failure))
                return False
            self._tell(step.title, time.monotonic() - began, "")
        return True


def build(demo: Demo) -> None:
    demo.stage.build()
    for name in ("local", "cloud", "mail agent"):
        demo.stage.start(name)
    for name in ("local", "cloud"):
        log = demo.stage.folder / f"{name}.log"
        demo.stage.wait_for(f"{name} is watching", lambda log=log: "watching" in read(log))  # type: ignore[misc]


def signal_travels(demo: Demo) -> None:
    name = "Updates/SIGNAL_morning.md"
    (demo.stage.cloud / name).write_text("---\ntype: signal\n---\nThree new messages.\n", "utf-8")
    page = demo.stage.local / "Dashboard.md"
    demo.stage.wait_for("the signal on Local's Dashboard", lambda: "Three new" in read(page))
    demo.stage.wait_for("the signal filed away at Cloud", lambda: not (demo.stage.cloud / name).exists())


def draft_travels(demo: Demo) -> None:
    (demo.stage.cloud / POST).parent.mkdir(parents=True, exist_ok=True)
    (demo.stage.cloud / POST).write_text("---\ntype: post\n---\nWe ship on Friday.\n", "utf-8")
    demo.stage.wait_for("the draft at Local", (demo.stage.local / POST).exists)


def approval_travels(demo: Demo) -> None:
    stage, approved = demo.stage, POST.replace("Pending_Approval", "Approved")
    drag(stage.local, POST, approved)
    stage.wait_for("the approval at Cloud", lambda: "status: approved" in read(stage.cloud / approved))
    for vault in (stage.local, stage.cloud):
        stage.wait_for("the draft gone from Pending", lambda vault=vault: not (vault / POST).exists())  # type: ignore[misc]


def local_leaves(demo: Demo) -> None:
    if demo.stage.stop("local") != 0:
        raise StepFailed("Local did not end cleanly; see local.log")


def mail_becomes_draft(demo: Demo) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Ada Byron <ada@example.org>", "desk@example.org"
    message["Subject"], message["Message-ID"] = (
        "Invoice: the 12:30 version?",
        make_msgid(domain="example.org"),
    )
    message.set_content("Hello,\n\ncould you send me the invoice again?\n\nAda\n")
    temporary = demo.stage.inbox / "invoice.part"
    temporary.write_bytes(message.as_bytes())
    temporary.rename(demo.stage.inbox / "invoice.eml")
    demo.stage.wait_for("the task claimed by Cloud", lambda: _notes(demo.stage.cloud / CLAIMED))
    demo.stage.wait_for("Cloud's draft", lambda: _notes(demo.stage.cloud / DRAFTS))
    if _notes(demo.stage.local / DRAFTS):
        raise StepFailed("Local is off, and yet the draft is there")


def local_returns(demo: Demo) -> None:
    demo.stage.start("local")
    drafts = demo.stage.local / DRAFTS
    demo.stage.wait_for("the draft at Local", lambda: any("ada@" in read(note) for note in _notes(drafts)))


def approved_mail_is_delivered(demo: Demo) -> None:
    stage = demo.stage
    draft = f"{DRAFTS}/{_notes(stage.local / DRAFTS)[0].name}"
    drag(stage.local, draft, draft.replace("Pending_Approval", "Approved"))
    stage.wait_for("the message in the outbox", lambda: list(stage.outbox.glob("*.eml")))
    if "ada@example.org" not in next(stage.outbox.glob("*.eml")).read_text("utf-8"):
        raise StepFailed("the message in the outbox is not the approved one")


def all_is_done(demo: Demo) -> None:
    stage = demo.stage
    stage.wait_for("the log line", lambda: any(map(_tells_of_ada, (stage.local / "Logs").glob("*.json"))))
    for vault in (stage.local, stage.cloud):
        stage.wait_for("draft and task in Done/", lambda vault=vault: _is_done(vault))  # type: ignore[misc]
    if len(list(stage.outbox.glob("*.eml"))) != 1:
        raise StepFailed("the message was delivered more than once")


def one_claim_wins(demo: Demo) -> None:
    stage, task = demo.stage, "Needs_Action/race.md"
    (stage.local / task).write_text("Who takes this?\n", "utf-8")
    stage.wait_for("the task on both sides", (stage.cloud / task).exists)
    claims = [stage.run(vault, "claim", "race.md") for vault in (stage.local, stage.cloud)]
    told = [claim.communicate(timeout=60)[1] for claim in claims]
    codes = [claim.returncode for claim in claims]
    if sorted(codes) != [0, 4]:
        raise StepFailed(f"not exactly one claim won: {codes} {told}")
    winner = ("local_agent", "cloud_agent")[codes.index(0)]
    if winner not in told[codes.index(4)]:
        raise StepFailed(f"the loser was not told who won: {told}")
    for vault in (stage.local, stage.cloud):
        stage.wait_for("one owner on both sides", lambda vault=vault: _owners(vault) == [winner])  # type: ignore[misc]


def forbidden_stays(demo: Demo) -> None:
    stage = demo.stage
    (stage.cloud / ".env").write_text("made up, and yet it must not leave\n", "utf-8")
    (stage.cloud / "Approved" / "smuggled.md").write_text("Cloud approves itself.\n", "utf-8")
    (stage.cloud / "Updates" / "after.md").write_text("written after both\n", "utf-8")
    stage.wait_for("a later note at Local", (stage.local / "Updates/after.md").exists)
    stage.wait_for("Cloud naming what it holds", lambda: {".env", "Approved/smuggled.md"} <= _held(stage))
    if _published(stage.remote) & {".env", "Approved/smuggled.md"}:
        raise StepFailed("what must not leave is in the remote's history")


def forgery_is_refused(demo: Demo) -> None:
    stage, forged = demo.stage, "Approved/pay-eve.md"
    commit = push_forged(stage.remote, stage.cloud, forged, "Approved by the person: pay Eve.\n")
    stage.wait_for("Local naming what was tried", lambda: (forged, commit) in _violations(stage))
    if (stage.local / forged).exists():
        raise StepFailed("a forged approval is on the person's disk")
    (stage.local / "Notes").mkdir(exist_ok=True)
    (stage.local / "Notes/honest.md").write_text("The next thing the person writes.\n", "utf-8")
    stage.wait_for("it undone at the remote", lambda: forged not in _published_now(stage.remote))


POST = "Pending_Approval/posts/launch.md"
DRAFTS = "Pending_Approval/email"
CLAIMED = "In_Progress/cloud_agent/email"

STEPS = (
    Step("set up a remote and two vaults, start both", build),
    Step("a signal by Cloud appears on Local's Dashboard", signal_travels),
    Step("a draft by Cloud appears at Local", draft_travels),
    Step("an approval at Local appears at Cloud, gone from Pending", approval_travels),
    Step("Local goes away", local_leaves),
    Step("mail arrives; Cloud claims the task and drafts a reply", mail_becomes_draft),
    Step("Local returns and finds the draft", local_returns),
    Step("dragged to Approved/, the reply is in the outbox", approved_mail_is_delivered),
    Step("logged once; draft and task in Done/ on both sides", all_is_done),
    Step("both race for one task; exactly one wins", one_claim_wins),
    Step("Cloud's key is stolen, an approval forged: refused, shown, undone", forgery_is_refused),
    Step("a .env and a note outside Cloud's zone stay where they are", forbidden_stays),
)


def drag(vault: Path, src: str, dst: str) -> None:
    """What a drag in Obsidian is: one rename."""
    (vault / dst).parent.mkdir(parents=True, exist_ok=True)
    (vault / src).rename(vault / dst)


def _tells_of_ada(log: Path) -> bool:
    return any(json.loads(line)["target"] == "ada@example.org" for line in read(log).splitlines())


def _is_done(vault: Path) -> bool:
    there = (note for note in (vault / "Done").rglob("*.md") if "SIGNAL_" not in note.name)
    done = [note for note in there if "status: done" in read(note)]
    return len(done) == 2 and not (_notes(vault / CLAIMED) or _notes(vault / "Approved/email"))


def _notes(folder: Path) -> list[Path]:
    return list(folder.glob("*.md"))


def _owners(vault: Path) -> list[str]:
    return [note.parent.name for note in (vault / "In_Progress").rglob("race.md")]


def _held(stage: Stage) -> set[str]:
    status = stage.run(stage.cloud, "status", "--json").communicate(timeout=60)[0]
    return {held["path"] for held in json.loads(status)["held"]} if status else set()


def _violations(stage: Stage) -> set[tuple[str, str]]:
    told = stage.run(stage.local, "violations", "--json").communicate(timeout=60)[0]
    return {(one["path"], one["commit"]) for one in json.loads(told)} if told else set()


def _published_now(remote: Path) -> set[str]:
    """Every path in the newest commit the remote holds."""
    repo = Repo(str(remote))
    try:
        tree = repo[repo.refs[b"refs/heads/main"]].tree  # type: ignore[index, attr-defined]
        found = iter_tree_contents(repo.object_store, tree)
        return {entry.path.decode("utf-8", "replace") for entry in found if entry.path}
    finally:
        repo.close()


def _published(remote: Path) -> set[str]:
    """Every path in any commit the remote holds."""
    repo = Repo(str(remote))
    try:
        trees = {entry.commit.tree for entry in repo.get_walker(include=[repo.refs[b"refs/heads/main"]])}  # type: ignore[index]
        found = (entry for tree in trees for entry in iter_tree_contents(repo.object_store, tree))
        return {entry.path.decode("utf-8", "replace") for entry in found if entry.path}
    finally:
        repo.close()
