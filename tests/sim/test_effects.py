"""What is done outside because of a move: once for each approval, and for none less."""

from __future__ import annotations

import pytest

from vaultkit.memory.clock import FakeClock
from vaultkit.testing import Machine, Simulation

WAITING, APPROVED = "Pending_Approval/email/a.md", "Approved/email/a.md"


def machine_with_draft() -> Machine:
    """The person's machine, in a world in which nothing happens by itself."""
    machine = Simulation(1, steps=0).machines[0]
    machine.disk.before_write = None
    machine.disk.put(WAITING, b"---\nid: 1\n---\n# A draft\n\nwords\n")
    machine.whole_cycle()
    return machine


def approve_twice(machine: Machine) -> list[str]:
    """Approve the draft, take it back, approve it again; the moves that were acted on, by their keys."""
    for src, dst in ((WAITING, APPROVED), (APPROVED, WAITING), (WAITING, APPROVED)):
        machine.disk.move(src, dst)
        machine.whole_cycle()
    return [move.key for move in machine.carried_out]


def test_each_approval_of_a_note_is_acted_on() -> None:
    """A draft that is approved again is acted on again: the second approval is not taken for the first."""
    keys = approve_twice(machine_with_draft())
    assert len(keys) == len(set(keys)) == 2


def test_without_a_nonce_the_second_approval_passes_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard is the nonce in the commit: were it always the same, a person's second yes would be lost."""
    monkeypatch.setattr(FakeClock, "nonce", lambda _: "0" * 32)
    assert len(approve_twice(machine_with_draft())) == 1


def test_a_kill_at_any_step_loses_no_approval() -> None:
    """Killed before whichever action of the cycle, the machine acts on the approval, and as one move."""
    ends = [end_of_a_killed_approval(steps) for steps in range(1, 30)]
    assert len({before for before, _ in ends}) > 5
    assert not [before for before, keys in ends if keys != 1]


def end_of_a_killed_approval(steps: int) -> tuple[str, int]:
    """Kill the machine after so many steps; before which action that is, and how many moves were acted on."""
    machine = machine_with_draft()
    machine.disk.move(WAITING, APPROVED)
    machine.start(None)
    before = [machine.step() for _ in range(steps)][-1]
    machine.kill()
    for _ in range(2):
        machine.whole_cycle()
    return before, len({move.key for move in machine.carried_out})
