"""Vaults as this community keeps them: adopted as they are, and worked in by their own words and folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.desk import drag, text
from vaultkit import KeyPlace, Vault, init_vault, join_vault

LAYOUTS = Path(__file__).resolve().parents[1] / "layouts"


class Layout(NamedTuple):
    """A vault, a task in it, two drafts, and how its people write that one is approved, and done.

    `stages` are its folders for what is to do, waits, is approved, is done; `doing` is Cloud's own.
    """

    name: str
    stages: tuple[str, str, str, str]
    doing: str
    task: str
    drafts: tuple[str, str]
    said: tuple[str, str]
    says: tuple[str, str]


USUAL = ("Needs_Action", "Pending_Approval", "Approved", "Done")
SIGNALS = Layout(
    "signals",
    USUAL,
    "In_Progress/cloud",
    "EMAIL_18c2.md",
    ("APPROVAL_reply_17a9.md", "APPROVAL_post_12.md"),
    ("status: pending\n", "status: approved\n"),
    ("status: approved\n", "status: completed\n"),
)
NUMBERED = Layout(
    "numbered",
    ("1 inbox", "3 review", "4 approved", "6 done"),
    "2 doing/cloud_agent",
    "mail/ada.md",
    ("mail/bob.md", "mail/eve.md"),
    ("status: awaiting_approval\n", "status: accepted\n"),
    ("status: a", "status: closed # a"),
)
MIXED = Layout(
    "mixed",
    USUAL,
    "In_Progress/cloud_agent",
    "calls/call bob.md",
    ("posts/friday.md", "posts/hiring.md"),
    ("status: Pending Approval\n", "status: Approved\n"),
    ("status: approved\n", "status: Done\n"),
)


@dataclass
class Pair:
    """Both machines of an adopted vault."""

    layout: Layout
    local: Vault
    cloud: Vault
    before: dict[str, bytes]

    def sync(self) -> None:
        for vault in (self.cloud, self.local, self.cloud, self.local):
            report = vault.sync()
            assert report.in_step, report
            assert not [held for held in report.held if not held.quiet], report.held
            assert not report.violations

    def place(self, stage: int, rest: str) -> str:
        return f"{self.layout.stages[stage]}/{rest}"


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_relative_to(root / ".git"))
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {path: data for path, data in found.items() if not path.startswith(".vaultkit/")}


@pytest.fixture(scope="module", params=[SIGNALS, NUMBERED, MIXED], ids=lambda layout: layout.name)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One pair of machines for all stories about a layout; each has notes of its own."""
    layout: Layout = request.param
    tmp_path = tmp_path_factory.mktemp(layout.name)
    shutil.copytree(LAYOUTS / layout.name, tmp_path / "Local")
    before = contents(tmp_path / "Local")
    keys, remote = KeyPlace(tmp_path / "home"), str(tmp_path / "r.git")
    local = init_vault(tmp_path / "Local", "local_agent", human=True, remote=remote, keys=keys)
    with local, join_vault(remote, tmp_path / "Cloud", "cloud_agent", keys=keys) as cloud:
        local.trust(cloud.pairing_line())
        made = Pair(layout, local, cloud, before)
        made.sync()
        yield made


def test_it_is_adopted_as_it_is(pair: Pair) -> None:
    """Every note is byte for byte what it was, on both machines, whatever its status says; none moved."""
    for vault in (pair.local, pair.cloud):
        after = contents(vault.root)
        changed = {path for path, data in pair.before.items() if after.get(path) != data}
        assert changed <= {"vaultkit.yaml"}
    folders = {path.name for path in pair.local.root.iterdir() if path.is_dir()}
    assert pair.layout.name != "numbered" or not folders & set(USUAL)


def test_a_task_is_claimed_where_its_agent_works(pair: Pair) -> None:
    """Cloud claims by command, into the folder that stands for it here; the domain stays."""
    pair.cloud.claim(pair.place(0, pair.layout.task))
    pair.sync()
    claimed = text(pair.local.root / pair.layout.doing / pair.layout.task)
    assert "status: in_progress" in claimed
    assert "owner: cloud_agent" in claimed
    assert not (pair.local.root / pair.place(0, pair.layout.task)).exists()


def test_a_draft_is_approved_by_a_drag(pair: Pair) -> None:
    """The folder's stage is stamped, and nothing else of the note is touched."""
    draft = pair.layout.drafts[0]
    drag(pair.local.root, pair.place(1, draft), pair.place(2, draft))
    pair.sync()
    assert "status: approved" in text(pair.cloud.root / pair.place(2, draft))
    assert not (pair.cloud.root / pair.place(1, draft)).exists()


def test_a_draft_is_approved_and_done_by_its_status(pair: Pair) -> None:
    """Editing one word of it, in the words of this vault, moves it on, twice."""
    draft = pair.layout.drafts[1]
    rewrite(pair.local.root / pair.place(1, draft), *pair.layout.said)
    pair.sync()
    assert "approved_by: local_agent" in text(pair.cloud.root / pair.place(2, draft))
    rewrite(pair.local.root / pair.place(2, draft), *pair.layout.says)
    pair.sync()
    assert "completed_at:" in text(pair.cloud.root / pair.place(3, draft))
    for stage in (1, 2):
        assert not (pair.cloud.root / pair.place(stage, draft)).exists()


def rewrite(note: Path, before: str, after: str) -> None:
    """Edit a note in place, its line endings as they are."""
    data = note.read_bytes()
    assert before.encode() in data
    note.write_bytes(data.replace(before.encode(), after.encode()))
