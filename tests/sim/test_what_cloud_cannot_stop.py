"""What Cloud writes stops nothing on the person's machine, and passes for nobody else's words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hooks.archive import completed_at
from tests.sim.world import Replica, World
from vaultkit.core.git.message import author_line
from vaultkit.core.git.tree import Change, Commit, find_file, with_edits
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.occasions import read_occasion
from vaultkit.core.hooks.task_names import task_name, task_note
from vaultkit.core.text.note import Note
from vaultkit.dashboard import Dashboard
from vaultkit.grace import call_off
from vaultkit.hook_loader import load_hooks
from vaultkit.jobs import _due
from vaultkit.keyed_tasks import KeyedTasks
from vaultkit.moves import Moves
from vaultkit.report import Cycle
from vaultkit.rewrite import rewrite_notes
from vaultkit.updates import filings

PAGE = b"%% vaultkit:signals %%\n%% /vaultkit:signals %%\n"
LONG = f"SIGNAL_{'a' * 190}.md"
DEEP = "/".join(["d" * 30] * 28)
DRAFT = b"---\naction: send_email\nto: a@b.c\nid: 7\n---\nhi\n"


def cycle_of(replica: Replica) -> Cycle:
    return lambda look_at, message: replica.driver.run_cycle(look_at, message=message)


@pytest.mark.parametrize(
    "notes",
    [
        ("Done/updates/x.md", "Updates/SIGNAL_a.md"),
        (f"Updates/{DEEP}/SIGNAL_{'a' * 14}.md",),
    ],
    ids=["a look-alike folder", "a long path"],
)
def test_a_signal_that_fits_nowhere_does_not_blind_the_dashboard(notes: tuple[str, ...]) -> None:
    world = World(7)
    local, cloud = world.replicas
    local.disk.put("Dashboard.md", PAGE)
    world.settle()
    for path in notes:
        cloud.disk.put(path, path[-20:].encode())
    world.settle()
    refreshed = Dashboard(local.desk, cycle_of(local)).refresh()
    assert refreshed.outcome == "written"
    assert refreshed.refused == [path for path in notes if path.startswith("Updates/")]


def test_a_signal_with_a_long_name_is_filed_under_a_shorter_one() -> None:
    """Its own is taken, and with a mark beside it, it would be too long."""
    world = World(7)
    local, cloud = world.replicas
    local.disk.put("Dashboard.md", PAGE)
    world.settle()
    for path in (f"Updates/{LONG}", f"Done/Updates/{LONG}"):
        cloud.disk.put(path, path[-20:].encode())
    world.settle()
    refreshed = Dashboard(local.desk, cycle_of(local)).refresh()
    assert (refreshed.outcome, refreshed.refused) == ("written", [])
    (filed,) = refreshed.filed
    assert filed != f"Done/Updates/{LONG}"
    assert filed in local.notes()


def test_a_signal_that_an_honest_push_brings_back_is_still_its_writers() -> None:
    """Cloud takes it out again by an unsigned commit; Local's next commit has it, but did not write it."""
    world = World(3)
    local, cloud = world.replicas
    cloud.disk.put("Updates/SIGNAL_a.md", b"all clear, please approve the payment\n")
    cloud.sync()
    objects, head = cloud.desk.objects, world.remote.head
    assert head
    assert cloud.desk.remote
    before = objects.commit(head)
    tree = with_edits(objects, before.tree, {"Updates/SIGNAL_a.md": None})
    bad = objects.put_commit(Commit(tree, (head,), author_line("nobody"), before.time + 1, "x\n"))
    cloud.desk.remote.push(head, bad)
    local.disk.put("Notes/n.md", b"the person's own\n")
    assert local.sync().in_step
    (filing,), _ = filings(local.desk, policy_at(local.desk.objects, local.desk.head_tree()))
    assert filing.signal.agent == "cloud_agent"


def test_a_draft_takes_nothing_along_that_waits_for_a_decision_or_was_approved() -> None:
    world = World(4)
    local, cloud = world.replicas
    local.disk.put("Pending_Approval/pay.md", b"pay 5\n")
    local.disk.put("Approved/wire.md", b"wire 7\n")
    cloud.disk.put(
        "Pending_Approval/x.md", b"---\ntask: Approved/wire\nplan: Pending_Approval/pay\n---\nhi\n"
    )
    world.settle()
    assert Moves(local.desk, cycle_of(local)).complete("Pending_Approval/x.md") == ["Done/x.md"]


def test_what_a_person_typed_into_a_task_stays_where_cloud_says_it_is_done() -> None:
    world = World(5)
    local, cloud = world.replicas
    tasks = KeyedTasks(local.desk, cycle_of(local))
    path = tasks.create("mail-1", "Invoice", "text\n", "email", {}).path
    local.disk.put(path, local.notes()[path] + b"\ntyped by the person\n")
    world.settle()
    cloud.disk.put("Done/email/" + task_name("z", "mail-1"), task_note("mail-1", "z", "", {}))
    world.settle()
    tasks.create("mail-1", "Invoice", "text\n", "email", {})
    assert b"typed by the person" in local.notes()[path]


def test_an_approval_that_was_taken_back_is_not_carried_out_by_the_next_one() -> None:
    """The same bytes are approved anew: that begins the grace time anew, and it is one call."""
    world = World(6)
    local, _ = world.replicas
    local.desk.hooks = load_hooks(("outbox",), Path("/nonexistent"))
    local.disk.put("Pending_Approval/m.md", DRAFT)
    world.settle()
    for src, dst in (("Pending_Approval", "Approved"), ("Approved", "Pending_Approval")) * 2:
        if local.disk.item(f"{src}/m.md"):
            local.disk.rename(f"{src}/m.md", f"{dst}/m.md")
            local.sync()
        if len(local.desk.state.jobs()) == 2:
            break
    first, second = sorted(job.not_before for job in local.desk.state.jobs())
    local.clock.sleep(first - local.clock.now())
    due = [(job, read_occasion(hook.event, job.move)) for job, hook in _due(local.desk)]
    assert "approved anew" in call_off(local.desk, due)[0]
    assert [job.not_before for job in local.desk.state.jobs()] == [second]


@pytest.mark.parametrize("how", ["moved", "removed, and made again elsewhere"])
def test_the_reason_of_a_rejection_that_lost_is_kept(how: str) -> None:
    world = World(2)
    local, cloud = world.replicas
    local.disk.put("Pending_Approval/a.md", DRAFT)
    world.settle()
    if how == "moved":
        cloud.disk.rename("Pending_Approval/a.md", "In_Progress/cloud_agent/a.md")
    else:
        cloud.disk.remove("Pending_Approval/a.md", DRAFT)
        cloud.sync()
        cloud.disk.put("Plans/b.md", DRAFT)
    cloud.sync()
    local.disk.put("Pending_Approval/a.md", DRAFT.replace(b"id: 7\n", b"id: 7\nreason: far too dear\n"))
    local.disk.rename("Pending_Approval/a.md", "Rejected/a.md")
    world.settle()
    assert any(b"far too dear" in data for data in local.notes().values())


def test_no_date_stops_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        note = Note("Done/x.md", b"---\ncompleted_at: 9999-12-31T23:59:59\n---\n")
        assert completed_at(note) is None
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_written_back_from_history_approves_nothing_after_a_kill() -> None:
    """Cloud's first version said `approved`; to bring it back and be killed then decides nothing."""
    world = World(8)
    local, cloud = world.replicas
    first = DRAFT.replace(b"id: 7\n", b"id: 7\nstatus: approved\n")
    cloud.disk.put("Pending_Approval/a.md", first)
    world.settle()
    local.disk.put("Pending_Approval/a.md", DRAFT.replace(b"id: 7\n", b"id: 7\nstatus: pending\n"))
    world.settle()
    objects = local.desk.objects
    now = find_file(objects, local.desk.head_tree(), "Pending_Approval/a.md")
    back = {"Pending_Approval/a.md": Change(now, objects.put_blob(first))}
    rewrite_notes(local.desk, back, as_written=True)  # `vaultkit undo`, killed before its cycle
    assert local.sync().in_step
    assert local.notes()["Pending_Approval/a.md"] == first
    local.disk.put("Pending_Approval/a.md", first.replace(b"approved", b"rejected"))  # a person's own word
    local.sync()
    assert "Rejected/a.md" in local.notes()
