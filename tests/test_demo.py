"""The demonstration itself, as a newcomer runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from vaultkit.demo import STEPS, Demo, Stage

ROOT = Path(__file__).resolve().parents[1]


def run_demo(tmp_path: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), **extra}
    command = [sys.executable, "-m", "vaultkit.cli.main", "demo"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=200, check=False)


def test_the_demo_shows_every_step_with_its_time_and_ends_well(tmp_path: Path) -> None:
    """Every step of the story works, is told with the seconds it took, and the folder is cleaned up."""
    done = run_demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for step in STEPS:
        assert re.search(rf"^ok +\d+\.\d\d s  {re.escape(step.title)}$", done.stdout, re.MULTILINE), (
            step.title
        )
    assert "in all" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_fails_is_named_and_ends_the_story(tmp_path: Path) -> None:
    """When something does not happen, the demo says which step and what it waited for."""
    told: list[tuple[str, str]] = []
    stage = Stage(tmp_path / "demo")
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "remote.git").write_text("in the way")
    assert not Demo(stage, lambda title, _, problem: told.append((title, problem))).run()
    assert [title for title, _ in told] == [STEPS[0].title]
    assert "remote.git" in told[0][1]


def test_keep_leaves_it_running_and_says_what_to_open(tmp_path: Path) -> None:
    """With --keep the two vaults stay in step until Ctrl-C, and the folder for Obsidian is named."""
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "vaultkit.cli.main", "demo", "--keep"]
    demo = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    lines = iter(demo.stdout.readline, "")
    said = next(line for line in lines if "in Obsidian" in line)
    local = next(tmp_path.glob("vaultkit-demo-*")) / "Local"
    assert str(local) in said
    (local / "Notes").mkdir(exist_ok=True)
    (local / "Notes/still.md").write_text("still in step\n")
    end = time.monotonic() + 30
    while not (local.parent / "Cloud/Notes/still.md").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=120)
    assert demo.returncode == 0
    assert (local / "Notes/still.md").exists()
