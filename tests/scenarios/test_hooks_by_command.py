"""Hooks as a person meets them: written, tried, switched on and off, failing, and those that ship."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import ROOT, Desk, drag, put, run, text, wait_until
from vaultkit import Vault, init_vault
from vaultkit.hook_failures import HookFailures
from vaultkit.hooks_here import IN_ORDER
from vaultkit.ports import Job


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault without a remote."""
    init_vault(tmp_path / "v", "local_agent", human=True).close()
    return tmp_path / "v"


def everything(vault: Path) -> dict[str, bytes]:
    """Every file, history and all, but for what each opening of a vault touches."""
    files = (path for path in vault.rglob("*") if path.is_file())
    found = {path.relative_to(vault).as_posix(): path.read_bytes() for path in files}
    touched = (".vaultkit/state.db", ".vaultkit/lock", ".vaultkit/jobs", ".vaultkit/watch", ".git/index")
    return {name: data for name, data in found.items() if not name.startswith(touched)}


def enable(vault: Path, name: str, code: str) -> None:
    """A hook of one's own, enabled by hand."""
    put(vault / f".vaultkit/hooks/{name}.py", code)
    with Vault.open(vault) as opened:
        opened.hooks.enable(name)


def test_a_hook_is_written_tried_enabled_and_disabled(vault: Path) -> None:
    """`new` writes one that works, `test` shows what it would do and changes nothing, `enable` lets it."""
    machine = vault / ".vaultkit/agent.yaml"
    machine.write_text(text(machine) + "# my own words\n", "utf-8")
    assert run(vault, "hooks", "new", "greet").returncode == 0
    put(vault / "Pending_Approval/email/a.md", "Dear Ada.\n")
    assert run(vault, "sync").returncode == 0
    before = everything(vault)
    words = ("hooks", "test", "a.md", "Pending_Approval", "approved", "--json")
    assert "greet.greet" not in run(vault, *words).stdout
    tried = json.loads(run(vault, *words, "--with", "greet").stdout)
    assert {"hook": "greet.greet", "error": ""} in tried["ran"]
    assert "+approved_on: local_agent" in tried["edits"]["Approved/email/a.md"]
    for place in ("accepted", "Approved", "Approved/email/a.md"):
        words = ("hooks", "test", "a.md", "pending", place, "--with", "greet")
        assert "plans: greet.greet" in run(vault, *words).stdout, "a place is named in any way"
    assert everything(vault) == before
    assert run(vault, "hooks", "enable", "greet").returncode == 0
    assert text(machine).endswith(", greet]\n# my own words\n")
    listed = json.loads(run(vault, "hooks", "list", "--json").stdout)
    (mine,) = [info for info in listed if info["name"] == "greet"]
    assert (mine["source"], mine["functions"]) == ("own", {"greet": "from pending_approval to approved"})
    assert mine["order"] == max(info["order"] or 0 for info in listed)
    assert run(vault, "approve", "a.md").returncode == 0
    assert "approved_on: local_agent" in text(vault / "Approved/email/a.md")
    assert run(vault, "hooks", "disable", "greet").returncode == 0
    put(vault / "Pending_Approval/b.md", "Dear Bob.\n")
    run(vault, "approve", "b.md")
    assert "approved_on" not in text(vault / "Approved/b.md")


def test_a_stock_hook_that_is_enabled_again_gets_its_turn_back(vault: Path) -> None:
    """Some build on what those before them did; hooks of one's own stay where they are, a new one is last."""
    code = 'from vaultkit import on_create\n@on_create("A/**")\ndef f(change): ...\n'
    put(vault / ".vaultkit/hooks/mine.py", code)
    with Vault.open(vault) as opened:
        assert opened.hooks.names == IN_ORDER
        opened.hooks.enable("mine")
        for name in IN_ORDER:
            opened.hooks.disable(name)
            opened.hooks.enable(name)
            assert opened.hooks.names == (*IN_ORDER, "mine")
        opened.hooks.enable("outbox")
        assert opened.hooks.names == (*IN_ORDER, "mine", "outbox")


BAD = (
    (("new", "claim"), 2, "already"),
    (("new", "Not A Name"), 2, "small letters"),
    (("new", "class"), 2, "cannot be a hook's name"),
    (("enable", "nothing"), 2, "no hook named 'nothing'"),
    (("enable", "broken"), 1, "broken.f(note) asks for note"),
    (("disable", "outbox"), 2, "not enabled"),
    (("retry", "outbox"), 2, "not enabled"),
    (("test", "none.md", "A", "B"), 1, "no note none.md"),
    (("test", "A/a.md", "A", "-"), 2, "goes somewhere"),
    (
        ("test", "A/a.md", "A", "aproved"),
        2,
        "'aproved' is no stage, and no folder here\n  Did you mean `approved`?",
    ),
    (("test", "A/a.md", "pendng", "approved"), 2, "'pendng' is no stage"),
    (("test", "A/a.md", "A", "Xyz"), 2, "The stages: needs_action, in_progress"),
)


def test_what_makes_no_sense_is_said_and_changes_nothing(vault: Path) -> None:
    """Each mistake has its words and its exit code, and `agent.yaml` stays as it was."""
    broken = 'from vaultkit import on_create\n@on_create("**")\ndef f(note): ...\n'
    put(vault / ".vaultkit/hooks/broken.py", broken)
    put(vault / "A/a.md", "a\n")
    before = everything(vault)
    for words, code, told in BAD:
        done = run(vault, "hooks", *words)
        assert (done.returncode, told in done.stderr) == (code, True), (words, done.stderr)
    assert everything(vault) == before


def test_a_hook_that_cannot_be_loaded_stops_nothing(vault: Path) -> None:
    """It is left out and told at each command; notes sync, and the hooks that can be used are."""
    enable(vault, "mine", 'from vaultkit import on_create\n@on_create("**")\ndef f(change): ...\n')
    put(vault / ".vaultkit/hooks/mine.py", "import nothing_like_it\n")
    put(vault / "Pending_Approval/a.md", "a\n")
    assert "nothing_like_it" in run(vault, "sync").stderr
    assert run(vault, "approve", "a.md").returncode == 0
    assert "approved_by" in text(vault / "Approved/a.md")
    status = run(vault, "status")
    assert status.returncode == 3
    assert "HOOK: mine is left out" in status.stdout
    assert "CANNOT BE USED" in run(vault, "hooks", "list").stdout
    assert run(vault, "hooks", "disable", "mine").returncode == 0
    assert run(vault, "status").returncode == 0


FAILS = """from pathlib import Path
from vaultkit import after_create
@after_create("Notes/**")
def f(change, vault):
    if not (vault.root / "ready.txt").exists():
        raise OSError("the printer is off")
    Path(vault.root / "printed.txt").write_text(change.path)
"""


def test_a_call_that_failed_is_shown_and_run_again(vault: Path) -> None:
    """`status` names the hook, the note, the error and what runs it again; `retry` does."""
    enable(vault, "printer", FAILS)
    put(vault / "Notes/a.md", "a\n")
    assert "the printer is off" in run(vault, "sync").stderr + run(vault, "hooks", "retry").stderr
    status = run(vault, "status")
    assert status.returncode == 3
    for words in ("printer.f failed", "Notes/a.md", "the printer is off", "vaultkit hooks retry printer"):
        assert words in status.stdout
    assert run(vault, "hooks", "retry", "printer").returncode == 3
    assert run(vault, "hooks", "disable", "printer").returncode == 0
    assert "disabled; `vaultkit hooks enable printer`" in run(vault, "status").stdout
    assert run(vault, "hooks", "enable", "printer").returncode == 0
    put(vault / "ready.txt", "yes")
    done = run(vault, "hooks", "retry", "printer")
    assert (done.returncode, "1 done" in done.stdout) == (0, True)
    assert text(vault / "printed.txt") == "Notes/a.md"
    assert run(vault, "status").returncode == 0


def test_a_call_of_a_disabled_hook_is_shown_and_dropped(vault: Path) -> None:
    """Disabling says how many wait and how to drop them; dropped, a call is never made, nor shown again."""
    enable(vault, "printer", FAILS)
    put(vault / "Notes/a.md", "a\n")
    put(vault / "Notes/b.md", "b\n")
    run(vault, "sync")
    refused = run(vault, "hooks", "drop", "printer")
    assert (refused.returncode, "hooks disable printer" in refused.stderr) == (2, True), refused.stderr
    disabled = run(vault, "hooks", "disable", "printer")
    assert "2 calls waiting" in disabled.stdout
    assert "vaultkit hooks drop printer" in disabled.stdout
    assert "vaultkit hooks drop printer" in run(vault, "status").stdout
    (vault / ".vaultkit/hooks/printer.py").unlink()
    assert "printer (missing)\n     2 calls waiting" in run(vault, "hooks", "list").stdout
    waiting = run(vault, "hooks", "waiting").stdout
    assert "printer.f for Notes/a.md: the hook is disabled; `vaultkit hooks enable printer`" in waiting
    assert run(vault, "hooks", "drop", "printer", "c.md").returncode == 2
    assert run(vault, "hooks", "drop", "printer", "a.md").stdout == "dropped: printer.f for Notes/a.md\n"
    (left,) = json.loads(run(vault, "hooks", "waiting", "--json").stdout)
    assert (left["note"], left["why"]) == ("Notes/b.md", "disabled")
    assert run(vault, "hooks", "drop", "printer").returncode == 0
    assert run(vault, "hooks", "waiting").stdout == "No call is waiting.\n"
    assert run(vault, "hooks", "drop", "printer").returncode == 2
    assert run(vault, "status").returncode == 0
    put(vault / "ready.txt", "yes")
    enable(vault, "printer", FAILS)
    assert "0 done" in run(vault, "hooks", "retry", "printer").stdout
    assert not (vault / "printed.txt").exists()


def test_a_hook_that_was_switched_off_is_shown_until_somebody_switches_it_on(vault: Path) -> None:
    """`status` and `hooks list` say that it is off, at which note, why, and what to do; `enable` does it."""
    enable(vault, "printer", FAILS)
    with Vault.open(vault) as opened:
        failures = HookFailures(opened._desk.state)
        assert failures.count("printer.f", "Notes/a.md", "OSError: the printer is off", most=1)
    status = run(vault, "status")
    assert status.returncode == 3
    for words in ("printer.f is OFF", "Notes/a.md", "the printer is off", "vaultkit hooks enable printer"):
        assert words in status.stdout
    assert "OFF: printer.f, 1 in a row" in run(vault, "hooks", "list").stdout
    assert run(vault, "hooks", "enable", "printer").returncode == 0
    assert run(vault, "status").returncode == 0
    assert text(vault / ".vaultkit/agent.yaml").count("printer") == 1


def test_a_job_of_the_version_before_is_carried_out(vault: Path) -> None:
    """What waited for its hook when vaultkit was renewed is not lost."""
    code = 'from vaultkit import after_move\n@after_move("A/**", "B/**")\ndef f(move, vault):\n'
    enable(vault, "old", code + "    (vault.root / 'seen.txt').write_text(move.path + move.agent)\n")
    move = {"src": "A/x.md", "dst": "B/x.md", "agent": "local_agent", "time": 5, "key": "n:B/x.md"}
    move |= {"oid": "0" * 40, "origin": "local"}
    with Vault.open(vault) as opened:
        opened._desk.state.enqueue([Job("n:B/x.md:old.f", "old.f", json.dumps(move), 2, 0.0)])
        assert opened.run_jobs().done == 1
    assert text(vault / "seen.txt") == "B/x.mdlocal_agent"


def test_a_watch_takes_up_what_is_enabled_and_what_blocks_does_not_stop_it(tmp_path: Path) -> None:
    """A hook enabled while `watch` runs is called; while one never ends, notes go on to sync."""
    with Desk(tmp_path) as desk:
        desk.watch(desk.local)
        code = 'import time\nfrom vaultkit import after_create\n@after_create("Notes/**", origin="any")\n'
        put(
            desk.local / ".vaultkit/hooks/waits.py",
            code + "def f(change, vault):\n"
            "    (vault.root / 'began.txt').write_text(change.origin)\n    time.sleep(600)\n",
        )
        assert run(desk.local, "hooks", "enable", "waits").returncode == 0
        put(desk.local / "Notes/a.md", "a\n")
        wait_until(lambda: text(desk.local / "began.txt") == "local", "the hook is called")
        put(desk.local / "Notes/b.md", "b\n")
        wait_until(lambda: (desk.sync(desk.cloud), text(desk.cloud / "Notes/b.md"))[1] == "b\n", "it syncs")
        assert desk.stop(desk.local) == 0


def test_a_watch_whose_planning_hook_never_ends_is_ended_by_asking_twice(tmp_path: Path) -> None:
    """Once it waits for the write in hand, which would be for ever; nothing is lost by ending it."""
    with Desk(tmp_path) as desk:
        enable(
            desk.local,
            "loops",
            "from pathlib import Path\nfrom vaultkit import on_create\n@on_create('Notes/**')\n"
            f"def f(change, draft):\n    Path({str(tmp_path / 'began')!r}).touch()\n    while True: pass\n",
        )
        desk.watch(desk.local)
        put(desk.local / "Notes/a.md", "a\n")
        wait_until((tmp_path / "began").exists, "the hook is called")
        watcher = desk.watchers()[desk.local]
        watcher.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            watcher.wait(1)
        watcher.terminate()
        assert watcher.wait(30) != 0
        assert run(desk.local, "hooks", "disable", "loops").returncode == 0
        assert run(desk.local, "sync").returncode == 0
        desk.sync(desk.cloud)
        assert text(desk.cloud / "Notes/a.md") == "a\n"


# The hooks that ship


def rename_folders(vault: Path) -> None:
    """The workflow in another language."""
    policy = text(vault / "vaultkit.yaml")
    for old, new in (
        ("Needs_Action", "Eingang"),
        ("In_Progress", "Arbeit"),
        ("Rejected", "Nein"),
        ("Done", "Fertig"),
    ):
        policy = policy.replace(f": {old}\n", f": {new}\n").replace(f'"{old}/', f'"{new}/')
    put(vault / "vaultkit.yaml", policy)


def test_the_stock_hooks_work_whatever_the_folders_are_called(vault: Path) -> None:
    """Claims, rejections and completions are stamped where the policy renamed their folders."""
    rename_folders(vault)
    put(vault / "Eingang/email/t.md", "Do it.\n")
    put(vault / "Pending_Approval/email/d.md", "task: x\n")
    with Vault.open(vault) as opened:
        opened.sync()
        assert opened.claim("t.md").path == "Arbeit/local_agent/email/t.md"
        assert "owner: local_agent" in text(vault / "Arbeit/local_agent/email/t.md")
        opened.complete("t.md")
        assert "completed_at" in text(vault / "Fertig/email/t.md")
        opened.reject("d.md", "too long")
        assert "rejected_by: local_agent" in text(vault / "Nein/email/d.md")
        opened.run_jobs()
        assert [task.domain for task in opened.tasks("needs_action")] == ["email"]


def test_a_rejected_draft_goes_back_once_with_the_reason(vault: Path) -> None:
    """As a task of its domain that nobody holds; from `reason:`, or the first line somebody typed."""
    put(
        vault / "Pending_Approval/email/a.md",
        "---\ntask: In_Progress/cloud_agent/email/a.md\n---\nDear Ada.\n",
    )
    put(vault / "Pending_Approval/b.md", "Dear Bob.\n")
    with Vault.open(vault) as opened:
        opened.sync()
        opened.reject("a.md", "too: long")
        put(vault / "Pending_Approval/b.md", "No, she has moved.\n\nDear Bob.\n")
        drag(vault, "Pending_Approval/b.md", "Rejected/b.md")
        opened.sync()
        waiting = opened._desk.state.jobs()
        opened.run_jobs()
        first, second = sorted(opened.tasks("needs_action"), key=lambda task: task.domain)
        assert (first.get("reason"), first.get("draft"), first.owner) == (
            "No, she has moved.",
            "Rejected/b.md",
            "",
        )
        assert (second.get("reason"), second.domain) == ("too: long", "email")
        assert second.get("task") == "In_Progress/cloud_agent/email/a.md"
        for job in waiting:  # as after a kill between the work and its end
            opened._desk.state.drop_job(job.key)
        opened._desk.state.enqueue(waiting)
        assert opened.run_jobs().done == 2
        assert len(list(opened.tasks("needs_action"))) == 2
        assert opened.undo().deeds[0].path == "Pending_Approval/b.md"


def test_a_draft_rejected_without_a_word_has_no_reason(vault: Path) -> None:
    """Its first line is the drafter's, "Dear Ada", and why it was rejected it does not say."""
    put(vault / "Pending_Approval/a.md", "# To Ada\n\nDear Ada.\n")
    with Vault.open(vault) as opened:
        opened.sync()
        drag(vault, "Pending_Approval/a.md", "Rejected/a.md")
        opened.sync()
        opened.run_jobs()
        (task,) = opened.tasks("needs_action")
        assert task.get("reason") is None
        assert "No reason was given." in task.body


def test_a_draft_dragged_to_done_takes_its_task_and_plan_along(vault: Path) -> None:
    """However the draft is done, all three are, in no order that matters."""
    put(vault / "In_Progress/local_agent/email/a.md", "The task.\n")
    put(vault / "Plans/email/a.md", "The plan.\n")
    names = "task: In_Progress/local_agent/email/a.md\nplan: Plans/email/a\n"
    put(vault / "Approved/email/a.md", f"---\n{names}---\nDear Ada.\n")
    with Vault.open(vault) as opened:
        opened.sync()
        drag(vault, "Approved/email/a.md", "Done/email/a.md")
        opened.sync()
        assert opened.run_jobs().problems == []
        done = {note.data.rpartition(b"---\n")[2] for note in opened.tasks("done")}
        assert done == {b"Dear Ada.\n", b"The task.\n", b"The plan.\n"}
        assert all(note.get("status") == "done" for note in opened.tasks("done"))


def test_a_draft_that_is_out_of_date_is_rejected_by_the_clock(vault: Path) -> None:
    """Only past ones, dates count to their end, and what makes no sense never expires."""
    drafts = {
        "past": "expires: 2020-01-01T10:00:00Z",
        "synonym": "deadline: 2020-01-01",
        "future": "expires: 2999-01-01",
        "odd": "expires: soon",
        "none": "to: ada",
    }
    for name, line in drafts.items():
        put(vault / f"Pending_Approval/{name}.md", f"---\n{line}\n---\n{name}\n")
    with Vault.open(vault) as opened:
        opened.hooks.enable("expire")
        opened.sync()
        assert opened.run_jobs().done == 0
        assert opened.run_jobs(scheduled=True).problems == []
        assert {note.path for note in opened.tasks("rejected")} == {"Rejected/past.md", "Rejected/synonym.md"}
        assert "reason: expired 2020-01-01\n" in text(vault / "Rejected/synonym.md")
        assert len(list(opened.tasks("pending_approval"))) == 3


def test_old_work_is_archived_by_month_in_one_change(vault: Path) -> None:
    """Only once it is enabled; what is young, says no time, or is in the way stays."""
    for name, line in {
        "old": "completed_at: 2020-03-05T10:00:00Z",
        "email/old": "completed_at: 2020-03-05",
        "older": "completed_at: 2019-12-31T23:00:00Z",
        "young": "completed_at: 2999-01-01T10:00:00Z",
        "silent": "status: done",
        "taken": "completed_at: 2020-03-05T10:00:00Z",
    }.items():
        put(vault / f"Done/{name}.md", f"---\n{line}\n---\n{name}\n")
    put(vault / "Archive/2020-03/taken.md", "already here\n")
    with Vault.open(vault) as opened:
        opened.sync()
        opened.run_jobs(scheduled=True)
        assert len(list(opened.tasks("done"))) == 6
        opened.hooks.enable("archive")
        head = opened.head()
        opened.run_jobs(scheduled=True)
        archived = sorted(note.path for note in opened.notes("Archive/**"))
        assert archived == [
            "Archive/2019-12/older.md",
            "Archive/2020-03/email/old.md",
            "Archive/2020-03/old.md",
            "Archive/2020-03/taken.md",
        ]
        assert [entry.commit for entry in opened.history()][1] == head
        assert {note.path for note in opened.tasks("done")} == {
            "Done/silent.md",
            "Done/taken.md",
            "Done/young.md",
        }


# Hooks of others


def test_the_custom_hook_in_the_examples_is_short_and_works(vault: Path) -> None:
    """Fewer than 15 lines: each new task says when it came in, once."""
    code = text(ROOT / "examples/custom_hook.py")
    assert len(code.splitlines()) < 15
    enable(vault, "received", code)
    put(vault / "Needs_Action/a.md", "Do it.\n")
    put(vault / "Needs_Action/b.md", "---\nreceived: 2020-01-01\n---\nDo it.\n")
    assert run(vault, "sync").returncode == 0
    assert "received: 20" in text(vault / "Needs_Action/a.md")
    assert text(vault / "Needs_Action/b.md").startswith("---\nreceived: 2020-01-01\n---\n")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The example package, installed into a folder by pip."""
    source, target = tmp_path / "source", tmp_path / "site"
    shutil.copytree(ROOT / "examples/hook_package", source)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-index",
        "--no-deps",
    ]
    command = [*pip, "--no-build-isolation", "--target", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def test_an_installed_package_offers_its_hook(vault: Path, installed: Path) -> None:
    """It is listed, does nothing before it is enabled, and then works like any other."""
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{installed}"}
    assert "word_count (installed)" in run(vault, "hooks", "list", **path).stdout
    put(vault / "Pending_Approval/a.md", "One two three.\n")
    run(vault, "sync", **path)
    assert "words" not in text(vault / "Pending_Approval/a.md")
    assert run(vault, "hooks", "enable", "word_count", **path).returncode == 0
    put(vault / "Pending_Approval/a.md", "One two three four.\n")
    put(vault / "Pending_Approval/b.md", "One two.\n")
    assert run(vault, "sync", **path).returncode == 0
    assert "words: 4" in text(vault / "Pending_Approval/a.md")
    assert "words: 2" in text(vault / "Pending_Approval/b.md")
