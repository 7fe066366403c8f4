"""`vault.watch` and `vault.wait_for`: what others do reaches an agent's program, once, in order, and it can
stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from tests.desk import Desk, drag, put
from vaultkit import (
    ConflictOpened,
    Event,
    NoteChanged,
    NoteCreated,
    NoteMoved,
    NoteRemoved,
    StatusChanged,
    TimedOut,
    UsageError,
    Vault,
    VaultError,
    ViolationSeen,
)
from vaultkit.demo.forger import push_forged


@pytest.fixture
def cloud(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.cloud, actor="worker") as vault:
        yield vault


def told(events: Iterator[Event], count: int) -> list[tuple[type[Event], str]]:
    return [(type(event), event.path) for event in islice(events, count)]


def test_what_happens_is_told_once_in_order_and_by_whom(local: Vault, cloud: Vault) -> None:
    """New, moved with its status, changed and removed notes, each with agent and actor."""
    with local.watch() as events:
        cloud.create("Needs_Action/a.md", "A.\n")
        cloud.claim("a.md")
        with cloud.edit("more") as edit:
            edit["In_Progress/cloud_agent/a.md"].body += "More.\n"
        with cloud.edit("less") as edit:
            edit.remove("In_Progress/cloud_agent/a.md")
        found = list(islice(events, 5))
    at = "In_Progress/cloud_agent/a.md"
    kinds = [(NoteCreated, "Needs_Action/a.md"), (NoteMoved, at), (StatusChanged, at), (NoteChanged, at)]
    assert [(type(event), event.path) for event in found] == [*kinds, (NoteRemoved, at)]
    assert {(event.agent, event.actor) for event in found} == {("cloud_agent", "worker")}
    move, status = found[1], found[2]
    assert isinstance(move, NoteMoved)
    assert (move.src, move.kind) == ("Needs_Action/a.md", "claim")
    assert isinstance(status, StatusChanged)
    assert (status.before, status.after) == ("needs_action", "in_progress")


def test_a_program_that_was_stopped_goes_on_where_it_was(local: Vault, cloud: Vault) -> None:
    """From a cursor (within a commit, too) or a commit on, every event comes, and none is missing."""
    start = local.head()
    with cloud.edit("three") as edit:
        for name in "abc":
            edit.create(f"Plans/{name}.md", f"{name}\n")
    cloud.create("Plans/d.md", "d\n")
    local.sync()
    with local.watch(since=start) as events:
        every = list(islice(events, 4))
    assert [event.path for event in every] == [f"Plans/{name}.md" for name in "abcd"]
    for n, event in enumerate(every[:-1]):
        with local.watch(since=event.cursor) as events:
            assert list(islice(events, 3 - n)) == every[n + 1 :]
    with local.watch(since=every[0].commit) as events:
        assert next(events) == every[3]
    for wrong in ("0123456789abcdef", f"{start}:x", "nonsense"):
        with pytest.raises(UsageError):
            local.watch(since=wrong)


def test_what_was_refused_and_what_did_not_fit_is_told(desk: Desk, local: Vault, cloud: Vault) -> None:
    """A violation by the other side, and a conflict."""
    local.create("Plans/a.md", "one\n")
    cloud.sync()
    with local.watch() as events:
        commit = push_forged(desk.remote, desk.cloud, "Approved/pay-eve.md", "Pay Eve.\n")
        violation = next(events)
        assert isinstance(violation, ViolationSeen)
        assert (violation.path, violation.agent, violation.rule) == (
            "Approved/pay-eve.md",
            "cloud_agent",
            "zone",
        )
        assert violation.commit == commit
        put(desk.cloud / "Plans/a.md", "cloud\n")
        put(desk.local / "Plans/a.md", "local\n")
        local.sync()
        cloud.sync()
        conflict = next(event for event in events if isinstance(event, ConflictOpened))
        assert conflict.note == "Plans/a.md"
        assert conflict.path.startswith("Conflicts/Plans/a")


def test_waiting_follows_a_note_to_its_status(local: Vault, cloud: Vault) -> None:
    """Through a rename and on: a draft that is approved and done at once was approved."""
    draft = cloud.submit_for_approval("", "Yes.\n", name="yes")
    found: list[str] = []
    waiter = threading.Thread(target=lambda: found.append(cloud.wait_for(draft, "approved", timeout=120)))
    waiter.start()
    local.sync()
    drag(local.root, "Pending_Approval/yes.md", "Pending_Approval/renamed.md")
    local.sync()
    local.approve("renamed.md")
    local.complete("Approved/renamed.md")
    waiter.join(150)
    assert found
    assert found[0] in ("Approved/renamed.md", "Done/renamed.md")
    assert cloud.wait_for("Done/renamed.md", "rejected", "done") == "Done/renamed.md"


def test_waiting_ends(local: Vault, cloud: Vault) -> None:
    """After its time, for a note that is removed, for a word that is no status; at once where it is so."""
    cloud.create("Plans/a.md", "A.\n")
    assert cloud.wait_for("Plans/a.md", "plans") == "Plans/a.md"
    with pytest.raises(TimedOut, match="did not become done"):
        cloud.wait_for("Plans/a.md", "done", timeout=0.2)
    with pytest.raises(TimeoutError):
        cloud.wait_for("Plans/never.md", "done", timeout=0)
    with pytest.raises(UsageError, match="needs a status"):
        cloud.wait_for("Plans/a.md", timeout=0)
    with pytest.raises(UsageError):
        cloud.wait_for("Plans/a.md", "nowhere")
    (cloud.root / "Plans/a.md").unlink()
    cloud.sync()
    with pytest.raises(VaultError, match="was removed"):
        cloud.wait_for("Plans/a.md", "done")


def test_closing_a_vault_ends_all_that_waits_in_it(desk: Desk) -> None:
    """Loops over `watch` end, `wait_for` says so, and nothing can be done in a closed vault."""
    vault = Vault.open(desk.cloud)
    outcomes: list[object] = []
    events = vault.watch()
    stopped = vault.watch()

    def wait() -> None:
        try:
            vault.wait_for("Plans/never.md", "done")
        except VaultError as error:
            outcomes.append(error.message)

    threads = [
        threading.Thread(target=lambda: outcomes.append(list(events))),
        threading.Thread(target=lambda: outcomes.append(list(stopped))),
        threading.Thread(target=wait),
    ]
    for thread in threads:
        thread.start()
    stopped.stop()
    threads[1].join(60)
    vault.close()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert outcomes.count([]) == 2
    assert len(outcomes) == 3
    with pytest.raises(VaultError, match="closed"):
        vault.sync()


def test_beside_a_daemon_nothing_is_synced_twice(desk: Desk, local: Vault) -> None:
    """Where a daemon watches, `watch` and `wait_for` look at what it brought in."""
    desk.watch(desk.local)
    with Vault.open(desk.cloud) as cloud, local.watch() as events:
        cloud.create("Needs_Action/a.md", "A.\n")
        assert next(events).path == "Needs_Action/a.md"
        cloud.claim("a.md")
        assert local.wait_for("Needs_Action/a.md", "in_progress", timeout=120).startswith("In_Progress/cloud")
