"""What a person goes on to do with a note while its drag still rests, told by hints alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import drag, put, text
from vaultkit import KeyPlace, Vault, init_vault
from vaultkit.daemon import Daemon
from vaultkit.memory.watcher import MemoryWatcher
from vaultkit.ports import Hint

PENDING, APPROVED = "Pending_Approval/a.md", "Approved/a.md"
DRAFT = "---\nid: 1\nstatus: pending_approval\n---\nDear Ada.\n"


class Storied(MemoryWatcher):
    """Goes on with a story whenever all that it told before is taken; the story yields the paths to tell.

    `asked`: for how long (seconds) it was asked to wait, each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.story: Iterator[tuple[str, ...]] = iter(())
        self.asked: list[float] = []
        self._is_all_taken = True

    def drain(self) -> list[Hint]:
        found = super().drain()
        self._is_all_taken = not found
        return found

    def wait(self, seconds: float) -> bool:
        self.asked.append(seconds)
        if self._is_all_taken:
            self.tell(*map(Hint, next(self.story, ())))
        return super().wait(seconds)


@pytest.fixture
def resting(tmp_path: Path) -> Iterator[Vault]:
    """The person's vault with a draft, where a decision rests longer than any test takes."""
    with init_vault(tmp_path / "v", "local_agent", human=True, keys=KeyPlace(tmp_path / "home")) as vault:
        policy = vault.root / "vaultkit.yaml"
        put(policy, text(policy).replace("quiet: 1s", "quiet: 1h"))
        put(vault.root / PENDING, DRAFT)
        vault.sync()
        yield vault


def test_a_draft_edited_where_it_was_just_dragged_to_is_still_approved(resting: Vault) -> None:
    """Only the new place is told of then: it is no new note there, and in the end it is one move."""
    watcher, edited = Storied(), f"{DRAFT}Yours.\n"
    daemon = Daemon(resting, watcher)

    def story() -> Iterator[tuple[str, ...]]:
        drag(resting.root, PENDING, APPROVED)
        yield PENDING, APPROVED
        put(resting.root / APPROVED, edited)
        yield (APPROVED,)
        daemon.stop()

    watcher.story = story()
    daemon.run()
    assert text(resting.root / APPROVED) == edited
    resting.sync()
    assert "\nstatus: approved\n" in text(resting.root / APPROVED)
    (deed,) = next(resting.history(APPROVED)).deeds
    assert (deed.kind, deed.src) == ("approval", PENDING)


def test_a_decision_that_has_rested_does_not_keep_a_watch_busy_that_fails(resting: Vault) -> None:
    """It waits for what made the cycle fail, and is committed once that is gone."""
    watcher, policy, store = Storied(), resting.root / "vaultkit.yaml", resting.root / ".git/objects"
    daemon = Daemon(resting, watcher)
    put(policy, text(policy).replace("quiet: 1h", "quiet: 0.01s"))

    def story() -> Iterator[tuple[str, ...]]:
        drag(resting.root, PENDING, APPROVED)
        yield PENDING, APPROVED
        store.rename(store.with_name("gone"))
        resting.clock.sleep(0.1)
        watcher.asked.clear()
        yield from [()] * 20
        assert all(watcher.asked)
        store.with_name("gone").rename(store)
        while "status: approved" not in text(resting.root / APPROVED):
            resting.clock.sleep(0.1)
            yield ()
        daemon.stop()

    watcher.story = story()
    daemon.run()


def test_a_draft_that_is_done_by_command_right_after_it_was_dragged_was_one_note_all_along(
    resting: Vault,
) -> None:
    """It went from where it waited to `Done/`, and its status says so."""
    drag(resting.root, PENDING, APPROVED)
    assert resting.sync(rested=frozenset()).resting
    (place,) = resting.complete(APPROVED)
    assert "\nstatus: done\n" in text(resting.root / place)
    (deed,) = next(resting.history(place)).deeds
    assert (deed.kind, deed.src) == ("completion", PENDING)
