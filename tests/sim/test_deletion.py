"""A folder of notes is deleted one by one; whoever looks in the middle of it asks about all of them."""

from __future__ import annotations

import pytest

from tests.sim.world import Replica, World
from vaultkit.core.cycle.mass_deletion import MASS_DELETION
from vaultkit.core.cycle.protocol import Rest
from vaultkit.core.git.tree import walk

NAMES = [f"Needs_Action/{n:02}.md" for n in range(80)]


@pytest.fixture
def local() -> Replica:
    """The person's machine, with eighty published notes."""
    local = World(1).replicas[0]
    for name in NAMES:
        local.disk.put(name, f"{name}\n".encode())
    local.sync()
    return local


def delete(local: Replica, names: list[str]) -> None:
    for name in names:
        local.disk.take(name)


def sync_while_deleting(local: Replica, *parts: list[str]) -> int:
    """A cycle, at each rest of which the next part is deleted; how often it rested."""
    rests, left = 0, list(parts)
    for action in local.driver.steps():
        if isinstance(action, Rest):
            rests += 1
            delete(local, left.pop(0) if left else [])
    return rests


def asked(local: Replica) -> int:
    return sum(held.rule == MASS_DELETION for held in local.desk.state.held())


def test_a_deletion_that_goes_on_is_asked_about_as_one(local: Replica) -> None:
    """A few are gone at first, then more: none of them is published as deleted."""
    delete(local, NAMES[:3])
    assert sync_while_deleting(local, NAMES[3:45], NAMES[45:]) == 3
    assert asked(local) == 80
    assert sum(path in NAMES for path, _ in walk(local.desk.objects, local.desk.head_tree())) == 80


def test_a_deletion_of_some_notes_that_is_over_goes_through(local: Replica) -> None:
    """It rests once, sees that nothing more vanishes, and publishes it."""
    delete(local, NAMES[:30])
    assert sync_while_deleting(local) == 1
    assert asked(local) == 0
    assert sum(path in NAMES for path, _ in walk(local.desk.objects, local.desk.head_tree())) == 50


def test_a_few_notes_are_deleted_at_once(local: Replica) -> None:
    """No rest for one or two, nor for many that were only moved."""
    delete(local, NAMES[:2])
    assert sync_while_deleting(local) == 0
    for name in NAMES[2:]:
        local.disk.move(name, name.replace("Needs_Action", "Notes"))
    assert sync_while_deleting(local) == 0


def test_while_a_deletion_waits_for_an_answer_other_notes_go_at_once(local: Replica) -> None:
    """A look at another note asks for no new look at all that is gone, and so for no rest."""
    delete(local, NAMES)
    local.sync()
    local.disk.put("Plans/other.md", b"other\n")
    actions = list(local.driver.steps(frozenset(["Plans/other.md"])))
    assert not any(isinstance(action, Rest) for action in actions)
    assert asked(local) == 80
    assert local.driver.report.commits == 1


def test_what_needs_the_place_of_a_note_whose_deletion_waits_is_held_too(local: Replica) -> None:
    """The others would refuse a new note whose name differs from one of theirs in case alone."""
    local.disk.put("Needs_Action/x.md", b"one\n")
    local.sync()
    delete(local, [*NAMES, "Needs_Action/x.md"])
    local.disk.put("Needs_Action/X.md", b"another\n")
    report = local.sync()
    assert (report.commits, asked(local)) == (0, 81)
    assert {one.path: one.rule for one in report.held}["Needs_Action/X.md"] == "collision"
