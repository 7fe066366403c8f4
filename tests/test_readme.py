"""The README is the manual: what it shows is run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vaultkit.aio import AsyncVault
from vaultkit.cli.main import Verbs
from vaultkit.core.rules.workflow import STATUSES, SYNONYMS, stage_for_status
from vaultkit.core.text.status_words import bare_word

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def shown_commands() -> list[str]:
    """The commands in the console blocks, in order."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def environment(home: Path) -> dict[str, str]:
    """A home of its own, the vaultkit of this checkout, and no git program."""
    tools = home / "bin"
    tools.mkdir()
    (tools / "vaultkit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vaultkit.cli.main "$@"\n')
    (tools / "vaultkit").chmod(0o755)
    for name in ("sh", "echo"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return {**os.environ, "HOME": str(home), "PATH": str(tools), "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(os.name != "posix", reason="the README shows a POSIX shell")
def test_every_command_the_readme_shows_works_in_the_order_shown(tmp_path: Path) -> None:
    """A newcomer who types the README's commands one after the other gets what it promises."""
    env, watching = environment(tmp_path), []
    commands, said = shown_commands(), dict[str, str]()
    assert len(commands) >= 12
    try:
        for command in commands:
            if command.endswith(" watch"):
                watching.append(
                    subprocess.Popen(["sh", "-c", f"exec {command}"], env=env, stderr=subprocess.PIPE)
                )
                wait_for_word(watching[-1], b"watching")
            else:
                done = subprocess.run(
                    ["sh", "-c", command], env=env, capture_output=True, timeout=120, check=False
                )
                assert done.returncode == 0, f"{command}: {done.stdout!r} {done.stderr!r}"
                said[command] = done.stdout.decode()
        for note in ("ada.md", "answer.md"):
            assert "status: done" in (tmp_path / "Desk/Done" / note).read_text("utf-8")
        assert not [*(tmp_path / "Desk/In_Progress").rglob("*.md")], "no task stays open"
        (joined,) = (words for command, words in said.items() if " join " in command)
        (listed,) = (words for command, words in said.items() if command.endswith("agents list"))
        shown = re.findall(r"SHA256:\S+", joined)[:2]
        assert len(shown) == 2
        assert all(fingerprint in listed for fingerprint in shown), "who compares as shown finds them equal"
    finally:
        for process in watching:
            process.terminate()
            process.communicate(timeout=90)
    assert [process.returncode for process in watching] == [0, 0]


def wait_for_word(process: subprocess.Popen[bytes], word: bytes) -> None:
    assert process.stderr
    end = time.monotonic() + 90
    while word not in process.stderr.readline():
        assert process.poll() is None
        assert time.monotonic() < end


def test_the_command_table_names_every_command() -> None:
    """No command is missing from the manual, and none is in it that does not exist."""
    table = set(re.findall(r"^\| `vaultkit (\w+)", README, re.MULTILINE))
    assert table == set(Verbs.modules)


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    """The Python shown in the README works as it stands, and the hook shown there takes effect."""
    hook, program = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    env = environment(tmp_path)
    vault = tmp_path / "Cloud"
    run = lambda *words: subprocess.run(words, env=env, check=True, capture_output=True, timeout=120)  # noqa: E731
    run(
        "vaultkit",
        "init",
        str(vault),
        "--agent",
        "local_agent",
        "--human",
        "--remote",
        str(tmp_path / "r.git"),
    )
    (vault / ".vaultkit/hooks/greet.py").write_text(hook, "utf-8")
    run("vaultkit", "-C", str(vault), "hooks", "enable", "greet")
    run(sys.executable, "-c", program)
    (task,) = (vault / "In_Progress/local_agent/reports").glob("write-the-report-*.md")
    assert "drafted: true" in task.read_text("utf-8")
    assert (vault / "Pending_Approval/reports" / task.name).is_file()
    (vault / "Pending_Approval/x.md").write_text("A draft.\n", "utf-8")
    run("vaultkit", "-C", str(vault), "sync")
    run("vaultkit", "-C", str(vault), "approve", "x.md")
    assert "approved_on: local_agent" in (vault / "Approved/x.md").read_text("utf-8")


def test_the_exit_codes_in_the_readme_are_the_ones_in_the_code() -> None:
    """The table of exit codes names exactly the codes that errors carry."""
    from vaultkit import errors

    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and hasattr(kind, "exit_code")
    }
    paragraph = re.search(r"Exit codes: (.*?)\n\n", README, re.DOTALL)
    assert paragraph
    shown = {int(code) for code in re.findall(r"(?:^|· ?\s?)(\d+) ", paragraph[1])}
    assert codes <= shown


def test_the_readme_names_every_word_for_a_status() -> None:
    """The list is complete, and each word in it means the stage it stands beside."""
    paragraph = README[README.index("`needs_action` (") :].partition("\n\n")[0]
    groups = re.findall(r"`(\w+)` \(([^)]*)\)", paragraph)
    assert [stage for stage, _ in groups] == list(STATUSES)
    words = {word: stage for stage, listed in groups for word in re.findall(r"`([^`]+)`", listed)}
    assert {bare_word(word) for word in words} == set(SYNONYMS)
    assert all(stage_for_status(word) == stage for word, stage in words.items())


def test_the_readme_says_what_asyncvault_has() -> None:
    """Each method that is awaited is named, and no other."""
    paragraph = README[README.index("It has what an agent waits") :].partition("All else")[0]
    methods = {name for name in vars(AsyncVault) if not name.startswith("_")} - {"open", "close", "run"}
    assert set(re.findall(r"`(\w+)`", paragraph)) == methods


def test_the_make_targets_exist() -> None:
    """`make demo` and `make test`, which the README promises, are there."""
    for target in ("demo", "test", "bench", "torture"):
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def test_quoting_is_what_a_shell_would_make_of_it() -> None:
    """Each shown command is one a shell can read."""
    for command in shown_commands():
        assert shlex.split(command)
