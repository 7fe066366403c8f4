"""Each guard, taken out: then some simulated world breaks just the promise that the guard is for.

The worlds are tried one by one until one breaks it, so a change that shifts all worlds shifts nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from vaultkit.core.cycle.engine import Engine
from vaultkit.core.cycle.outgoing import Outgoing
from vaultkit.core.cycle.protocol import Action
from vaultkit.core.merging import merge
from vaultkit.memory.disk import MemoryDisk
from vaultkit.memory.remote import MemoryTransport
from vaultkit.ports import Stamp
from vaultkit.testing import Broken, Simulation
from vaultkit.testing.people import Gesture, People

WORLDS = 120
Patch = pytest.MonkeyPatch
Actions = tuple[Action, ...]


def no_compare_and_set(patch: Patch) -> None:
    """Whatever is there in the moment of writing is what was expected."""
    typed_into_what_is_written(patch, compares=False)


def typed_into_what_is_written(patch: Patch, *, compares: bool = True) -> None:
    """Every third time somebody types into a note between the last look at it and its being written."""

    def replace(self: MemoryDisk, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        there = self.files.get(path)
        if there and there.data and there.data == expected != new and next(turns) % 3 == 0:
            self.put(path, there.data + b"typed just now\n")
        there = self.files.get(path)
        return real(self, path, expected if compares or not there else there.data, new)

    turns, real = count(1), MemoryDisk.replace
    patch.setattr(MemoryDisk, "replace", replace)


def no_base_check(patch: Patch) -> None:
    def push(self: MemoryTransport, expected: object, new: object) -> object:
        return real(self, self._remote.head, new)  # type: ignore[arg-type]

    real = MemoryTransport.push
    patch.setattr(MemoryTransport, "push", push)


def edits_follow_anywhere(patch: Patch) -> None:
    """What others wrote into a draft goes where the person has moved it."""
    only_drafts(patch)
    patch.setattr(merge, "may_follow", lambda *_: True)


def only_drafts(patch: Patch) -> None:
    """People write drafts and approve them, and do nothing else."""

    def gestures(self: People) -> dict[str, Gesture]:
        return {name: do for name, do in real(self).items() if name in ("create", "append", "approve")}

    real = People.gestures
    patch.setattr(People, "gestures", gestures)


def no_sync(patch: Patch) -> None:
    """What vaultkit writes is as much at risk as what anybody does."""
    patch.setattr(MemoryDisk, "_written", lambda self, *paths: self._platter.risk(*paths))


def no_snapshot(patch: Patch) -> None:
    """What was typed counts as seen, and may be written over, without having been committed."""

    def snapshot(self: Engine, outgoing: Outgoing) -> Actions:
        if self._begun.founding:
            return real(self, outgoing)
        self._pulled |= {path: change.new for path, change in outgoing.accepted.items()}
        return self._look()

    real = Engine._snapshot
    patch.setattr(Engine, "_snapshot", snapshot)


LOST, OVERWRITTEN, APART = "lost: ", "wrote over what nobody had committed", "the trees differ"
GUARDS = {
    "compare-and-set": (no_compare_and_set, OVERWRITTEN),
    "base check": (no_base_check, APART),
    "follow-move rule": (edits_follow_anywhere, "slip into the approved"),
    "fsync": (no_sync, LOST),
    "snapshot before checkout": (no_snapshot, OVERWRITTEN),
}


@pytest.mark.parametrize(("take_out", "broken"), GUARDS.values(), ids=GUARDS)
def test_a_world_without_the_guard_breaks_its_promise(
    take_out: Callable[[Patch], None], broken: str, monkeypatch: Patch
) -> None:
    """The simulator is strict enough to see that each guard is gone."""
    take_out(monkeypatch)
    assert any(broken in what_breaks(seed) for seed in range(WORLDS))


def test_where_only_drafts_are_written_all_is_well(monkeypatch: Patch) -> None:
    """It is not the few gestures that break the promise of the follow-move rule."""
    only_drafts(monkeypatch)
    assert not any(what_breaks(seed) for seed in range(20))


def test_where_somebody_types_into_what_is_written_all_is_well(monkeypatch: Patch) -> None:
    """It is not the typing that breaks the promise of compare-and-set."""
    typed_into_what_is_written(monkeypatch)
    assert not any(OVERWRITTEN in what_breaks(seed) for seed in range(20))


def what_breaks(seed: int) -> str:
    """The promise that is broken; a guard that is gone may also let something fall over first."""
    try:
        Simulation(seed).run()
    except Broken as error:
        return str(error)
    except (AssertionError, KeyError, ValueError):
        return "something fell over"
    return ""
