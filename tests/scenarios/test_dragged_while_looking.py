"""A person does not wait while the whole vault is looked at, nor after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, text
from tests.kills.demands import notes
from tests.servers import git
from vaultkit import Vault
from vaultkit.effects.files import VaultFiles
from vaultkit.ports import Item, Stamp

ONE, OTHER = "Plans/one", "Plans/other"


class Restless(VaultFiles):
    """Once the first of two folders was listed, a note is dragged from it to the other one, and one back."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self._folder = root
        self.dragged: list[str] = []

    def items(self, folder: str) -> list[Item]:
        found = super().items(folder)
        if folder in (ONE, OTHER) and not self.dragged:
            other = OTHER if folder == ONE else ONE
            self._drag(folder, other)
            self._drag(other, folder)
        return found

    def _drag(self, src: str, dst: str) -> None:
        drag(self._folder, f"{src}/{note_of(src)}", f"{dst}/{note_of(src)}")
        self.dragged.append(f"{dst}/{note_of(src)}")


def note_of(folder: str) -> str:
    return f"from {folder.rpartition('/')[2]}.md"


def test_a_note_dragged_while_everything_is_looked_at_stands_at_one_place(desk: Desk, local: Vault) -> None:
    """History has it neither at both places nor at none: others may be moving it, too."""
    for folder in (ONE, OTHER):
        put(desk.local / folder / note_of(folder), f"{folder}\n")
    local.sync()
    local._desk.disk = disk = Restless(desk.local)
    local.sync()
    there = git("ls-tree", "-r", "--name-only", "main", "Plans/", cwd=desk.local).splitlines()
    assert sorted(there) == sorted(disk.dragged)


class Killed(BaseException):
    """As `kill -9`: nothing catches it."""


class Dying(VaultFiles):
    """Dies as it is to write the first note."""

    def replace(self, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        raise Killed


def test_a_task_edited_and_claimed_after_a_kill_has_one_owner(desk: Desk) -> None:
    """Cloud was killed as it was to take Local's claim in; then a person edits there, and claims."""
    task, claimed = "Needs_Action/task.md", "In_Progress/{}_agent/task.md"
    put(desk.local / task, "".join(f"line {n}\n" for n in range(6)))
    desk.sync()
    drag(desk.local, task, claimed.format("local"))
    desk.sync(desk.local)
    with Vault.open(desk.cloud) as cloud:
        cloud._desk.disk = Dying(str(desk.cloud))
        with pytest.raises(Killed):
            cloud.sync()
    put(desk.cloud / task, text(desk.cloud / task).replace("line 3", "other words"))
    drag(desk.cloud, task, claimed.format("cloud"))
    desk.sync()
    assert [path for path in notes(desk.cloud) if path.startswith("In_Progress/")] == [
        claimed.format("local")
    ]
