"""Worlds by chance, all faults at once: nothing is lost, all machines agree and come to rest.

`VAULTKIT_SEEDS` says how many worlds, of 500 steps each and what it takes to settle. A world that breaks
a promise is told step by step by `python -m vaultkit.testing SEED`.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vaultkit.memory.disk import MemoryDisk
from vaultkit.ports import Item
from vaultkit.testing import Simulation

SEEDS = int(os.environ.get("VAULTKIT_SEEDS", "180"))
MEASURED = 40
"""So many worlds go wherever in the code all of them go."""

ONCE_BROKEN = [
    *(222, 290, 366, 525, 586, 654, 870, 1154, 1380, 1566, 1644, 1713, 3506, 3566),
    *(3718, 4270, 6105, 6293, 6493, 7002, 7284, 7352, 7801),
]
"""Of all that were ever run."""

Patch = pytest.MonkeyPatch


def seeds() -> list[object]:
    """All of them, the first ones measured."""
    return [
        *range(SEEDS)[:MEASURED],
        *(pytest.param(seed, marks=pytest.mark.unmeasured) for seed in range(SEEDS)[MEASURED:]),
    ]


@pytest.mark.parametrize("seed", seeds())
def test_a_world_keeps_its_promises(seed: int) -> None:
    """Whatever happens to it, and whoever attacks it, for some 500 steps."""
    Simulation(seed).run()


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(SEEDS // 8))
def test_a_world_in_which_statuses_are_edited(seed: int) -> None:
    """The same promises where people also say by its status where a note belongs."""
    Simulation(seed, edit_statuses=True).run()


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(SEEDS // 8))
def test_a_world_with_a_dashboard(seed: int) -> None:
    """Each signal is told once, what is typed in the page stays, and the page comes to rest."""
    Simulation(seed, dashboard=True).run()


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(SEEDS // 8))
def test_a_world_in_which_decisions_rest(seed: int) -> None:
    """Drags are left alone for a cycle, as `watch` does; what is typed or done by others is not."""
    Simulation(seed, edit_statuses=seed % 2 == 0, resting=True).run()


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_a_world_that_once_broke_a_promise(seed: int) -> None:
    """Beyond those of a short run: a note stood twice, a word was lost, or three cycles were not enough."""
    Simulation(seed).run()


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("seed", "edit_statuses"),
    [
        *((seed, False) for seed in (353, 10465, 25025, 25132, 28202)),
        *((seed, True) for seed in (1256, 2354, 11346)),
    ],
)
def test_a_world_in_which_decisions_rest_that_once_broke(seed: int, edit_statuses: bool) -> None:
    """A note came to the place, but for its case, that a resting one had left; a held one was typed into, or
    dragged from where others had put theirs; one was renamed and saved at once; a merge wrote into a drag."""
    Simulation(seed, edit_statuses=edit_statuses, resting=True).run()


def test_the_same_seed_is_the_same_world_in_every_process() -> None:
    """Nothing depends on the order of a set or on an address in memory."""
    runs = [run_with_hashes(number) for number in ("1", "2")]
    assert runs[0] == runs[1]
    assert "ends well" in runs[0]


def test_a_world_of_another_kind_is_told_too() -> None:
    """What a resting world with a Dashboard leads to is not what the plain one of that seed does."""
    command = [sys.executable, "-m", "vaultkit.testing", "1"]
    kinds = ([], ["--resting", "--dashboard"])
    told = [subprocess.run([*command, *kind], capture_output=True, check=True).stdout for kind in kinds]
    assert b"dashboard: " in told[1]
    assert b"dashboard: " not in told[0]


def run_with_hashes(number: str) -> str:
    command = [sys.executable, "-m", "vaultkit.testing", "1", "7"]
    env = {**os.environ, "PYTHONHASHSEED": number}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("seed", range(8))
def test_nothing_depends_on_the_order_of_a_folder(seed: int, monkeypatch: Patch) -> None:
    """A disk that lists its folders the other way round leads to the same commits."""
    worlds = [Simulation(seed, 300), Simulation(seed, 300)]
    worlds[0].run()
    items = MemoryDisk.items

    def reversed_items(self: MemoryDisk, folder: str) -> list[Item]:
        return items(self, folder)[::-1]

    monkeypatch.setattr(MemoryDisk, "items", reversed_items)
    worlds[1].run()
    assert worlds[0].digest == worlds[1].digest
