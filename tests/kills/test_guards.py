"""fsync, taken out of one module after the other: what looks for it in the trace of a run says so."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.durable import Disk
from tests.kills.folders import much_arrives
from tests.kills.machine import Machine, require_tracing
from tests.kills.stories import sync_cloud

pytestmark = pytest.mark.real
SYNCING = {
    "a note's content": "vaultkit.effects.files.hidden",
    "a folder's names": "vaultkit.effects.files.handles",
    "an object's content": "vaultkit.effects.objects.durable",
    "a ref's content": "vaultkit.effects.objects.ref_lock",
    "names in the repository": "vaultkit.durable",
}


class Desk:
    """A vault into which much is to be synced, again and again from the same beginning."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self._at, self._start, self._machine = folder / "at", folder / "start", machine
        self._start.mkdir()
        much_arrives(self._at)
        shutil.copytree(self._at, self._start, dirs_exist_ok=True)

    def left_unsynced(self, *first: str) -> list[str]:
        """What the sync publishes before it is on the disk."""
        shutil.rmtree(self._at)
        shutil.copytree(self._start, self._at)
        done, calls = self._machine.traced([*first, *sync_cloud(self._at)])
        assert done.code == 0, done.said
        disk = Disk(f"{self._at}/")
        disk.see(calls)
        assert disk.published
        return disk.broken


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    require_tracing()
    with (
        tempfile.TemporaryDirectory(prefix="vaultkit-kills-") as name,
        Machine(Path(name), Path(name, "at", "home")) as machine,
    ):
        Path(name, "at").mkdir()
        yield Desk(Path(name), machine)


def test_with_every_sync_nothing_is_published_too_early(desk: Desk) -> None:
    """The run in which each guard is missed below is sound with all of them."""
    assert desk.left_unsynced() == []


@pytest.mark.parametrize("module", SYNCING.values(), ids=SYNCING)
def test_without_a_sync_something_is_published_too_early(desk: Desk, module: str) -> None:
    """A module that syncs nothing any more leaves what a power cut could take back."""
    assert desk.left_unsynced("unsynced", module)
