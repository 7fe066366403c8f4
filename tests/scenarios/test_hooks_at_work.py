"""Which hook is at work now, as another process sees it, and how a person gets rid of one that is stuck."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from tests.desk import Desk, put, run, text, wait_until
from vaultkit import Vault, init_vault
from vaultkit.hooks_at_work import noted_work
from vaultkit.overseer import Overseer

WAITS = """import time
from vaultkit import after_create
@after_create("Notes/**")
def f(change, vault):
    (vault.root / "began.txt").write_text(change.path)
    time.sleep(1000)
"""
PLANS = """import time
from pathlib import Path
from vaultkit import on_create
@on_create("Notes/**")
def f(change, draft):
    while not Path({0!r}).exists():
        time.sleep(0.01)
"""


def block(desk: Desk) -> None:
    """Under `watch` a hook does not end at one note, and another note waits."""
    put(desk.local / ".vaultkit/hooks/waits.py", WAITS)
    assert run(desk.local, "hooks", "enable", "waits").returncode == 0
    put(desk.local / "Notes/a.md", "a\n")
    put(desk.local / "Notes/b.md", "b\n")
    desk.watch(desk.local)
    wait_until(lambda: text(desk.local / "began.txt") != "", "the hook is called")
    wait_until(lambda: "waiting" in status(desk.local), "it is seen")


def status(vault: Path) -> str:
    return run(vault, "status").stdout


def test_a_hook_that_does_not_end_is_named_and_let_go_by_another_limit(tmp_path: Path) -> None:
    """By `status`, `waiting` and `disable`; a shorter `hook_limit` counts for a `watch` that runs."""
    with Desk(tmp_path) as desk:
        block(desk)
        note = text(desk.local / "began.txt")
        assert f"HOOK: waits.f is at work at {note} since " in status(desk.local)
        assert "; behind it 1 call waiting" in status(desk.local)
        calls = run(desk.local, "hooks", "waiting").stdout.splitlines()
        assert [line.partition(": ")[2].partition(" since")[0] for line in calls] == ["running", "queued"]
        found = json.loads(run(desk.local, "hooks", "waiting", "--json").stdout)
        assert [call["since"] is None for call in found] == [False, True]
        disabled = run(desk.local, "hooks", "disable", "waits").stdout
        assert "waits.f is still at work, since " in disabled
        assert "hook_limit" in disabled
        machine = desk.local / ".vaultkit/agent.yaml"
        machine.write_text(f"{text(machine)}settings: {{hook_limit: 1s}}\n", "utf-8")
        wait_until(lambda: "did not end within 1 seconds" in status(desk.local), "it is let go")
        assert "is at work" not in status(desk.local)


def test_a_hook_whose_watch_was_killed_is_at_work_no_more(tmp_path: Path) -> None:
    """What was written down of it stands for nothing once nobody holds the lock."""
    with Desk(tmp_path) as desk:
        block(desk)
        watcher = desk.watchers()[desk.local]
        watcher.kill()
        watcher.wait(30)
        assert "is at work" not in status(desk.local)
        assert "running" not in run(desk.local, "hooks", "waiting").stdout


def test_a_planning_hook_that_loops_is_named(tmp_path: Path) -> None:
    """The sync waits for it, so `status` needs a person, and says what ends it; then all is well again."""
    init_vault(tmp_path / "v", "local_agent", human=True).close()
    go_on = tmp_path / "go_on"
    put(tmp_path / "v/.vaultkit/hooks/loops.py", PLANS.format(str(go_on)))
    with Vault.open(tmp_path / "v") as vault:
        vault.sync()
        vault.hooks.enable("loops")
        vault._desk.overseer = Overseer(slow=0.05)
        put(vault.root / "Notes/a.md", "a\n")
        syncing = threading.Thread(target=vault.sync)
        syncing.start()
        try:
            wait_until(lambda: bool(vault.hooks_at_work()), "it takes long")
            found = run(vault.root, "status")
            disabled = run(vault.root, "hooks", "disable", "loops").stdout
        finally:
            go_on.touch()
            syncing.join()
        assert "HOOK: loops.f is at work at Notes/a.md since " in found.stdout
        assert "and the sync waits for it" in found.stdout
        assert "vaultkit hooks disable loops" in found.stdout
        assert found.returncode == 3
        assert "loops.f is still at work" in disabled
        assert noted_work(vault._desk.state) == []
        assert run(vault.root, "status").returncode == 0
