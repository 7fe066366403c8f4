"""Many agents on one vault on one machine: every task is done, and by one of them only.

`VAULTKIT_CREW` says how many (default 4, each with 4 tasks; `make torture`: 20, each with 20).
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from tests.crew import run_crew
from tests.desk import Desk
from vaultkit import Vault

CREW = int(os.environ.get("VAULTKIT_CREW", "4"))


def test_many_agents_do_every_task_once(tmp_path: Path) -> None:
    """Each task has one worker's line in it and is done on the other machine too; no task was worked on
    twice."""
    with Desk(tmp_path) as desk:
        with Vault.open(desk.cloud) as vault, vault.edit("tasks") as edit:
            for n in range(CREW * CREW):
                edit.create(f"Needs_Action/{n:03}.md", f"Task {n}\n")
        reports = run_crew(desk.cloud, CREW, CREW)
        done = Counter(name for report in reports for name in report.done)
        assert done == dict.fromkeys((f"{n:03}.md" for n in range(CREW * CREW)), 1)
        by = {name: report.name for report in reports for name in report.done}
        with Vault.open(desk.local) as local:
            assert local.sync().in_step
            notes = {Path(note.path).name: note for note in local.tasks("done")}
            assert notes.keys() == by.keys()
            for name, note in notes.items():
                assert note.body == f"Task {int(name[:3])}\n{by[name]}\n"
                assert note.meta["actor"] == by[name]
            claims = {
                entry.actor for entry in local.history() for deed in entry.deeds if deed.kind == "claim"
            }
            assert claims == {report.name for report in reports}
            assert not list(local.tasks())
            assert not list(local.notes("Conflicts/**"))
