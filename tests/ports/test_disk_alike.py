"""The Disk port: whatever is done, a real folder and one in memory show and answer the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vaultkit.effects.files import VaultFiles
from vaultkit.memory.disk import MemoryDisk
from vaultkit.ports import Disk, Item, Kind

PATHS = st.sampled_from(
    [
        "a.md",
        "b.md",
        "F",
        "F/a.md",
        "F/b.md",
        "F/G/c.md",
        "F/G/H/d.md",
        "a.md/x.md",
        "caf\udce9.md",
        "\u00e9.md",
    ]
)
CONTENTS = st.sampled_from([b"", b"1", b"2", b"22"])
MOST = st.sampled_from([0, 1, 100])
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
RUNS = int(os.environ.get("VAULTKIT_ROUNDS", "25"))
LEFT = ".vk-0123456789abcdef.tmp"


class TwoDisks(RuleBasedStateMachine):
    """A real folder and a disk in memory, to which the same is done."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vaultkit-disk-", dir=MEMORY))
        self.root, self.outside = self.folder / "vault", self.folder / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self.numbers = count()
        self.real, self.memory = VaultFiles(str(self.root)), MemoryDisk()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # What other programs do

    @rule(path=PATHS, data=CONTENTS)
    def put(self, path: str, data: bytes) -> None:
        if self.has_room(path) and not (self.root / path).is_symlink():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(data)
            self.memory.put(path, data)

    @rule(path=PATHS)
    def link(self, path: str) -> None:
        """Put a link there, which leads out of the vault."""
        if self.has_room(path) and not os.path.lexists(self.root / path):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).symlink_to(self.outside)
            self.memory.put(path, None)

    @rule(path=PATHS)
    def share(self, path: str) -> None:
        """Give a file a name outside."""
        if self.is_file(path):
            os.link(self.root / path, self.outside / str(next(self.numbers)))
            self.memory.share(path)

    @rule(path=PATHS)
    def take(self, path: str) -> None:
        if self.has_room(path) and os.path.lexists(self.root / path):
            (self.root / path).unlink()
            self.memory.take(path)

    @rule(src=PATHS, dst=PATHS)
    def move(self, src: str, dst: str) -> None:
        if self.is_file(src) and src != dst and self.has_room(dst) and not (self.root / dst).is_symlink():
            (self.root / dst).parent.mkdir(parents=True, exist_ok=True)
            (self.root / src).rename(self.root / dst)
            self.memory.move(src, dst)

    def has_room(self, path: str) -> bool:
        """Is no folder there, and nothing else on the way?"""
        parents = list(Path(path).parents)[:-1]
        on_the_way = [self.root / parent for parent in parents]
        blocked = any(p.is_symlink() or (p.exists() and not p.is_dir()) for p in on_the_way)
        return not blocked and ((self.root / path).is_symlink() or not (self.root / path).is_dir())

    def is_file(self, path: str) -> bool:
        return self.has_room(path) and (self.root / path).is_file() and not (self.root / path).is_symlink()

    # What the port does

    @rule(path=PATHS, expected=st.none() | CONTENTS, new=CONTENTS)
    def replace(self, path: str, expected: bytes | None, new: bytes) -> None:
        one, other = (disk.replace(path, expected, new) for disk in self.disks())
        assert (one and one.size) == (other and other.size)
        assert [disk.item(path) and disk.item(path).stamp for disk in self.disks()] == [one, other] or not one  # type: ignore[union-attr]

    @rule(path=PATHS, expected=CONTENTS)
    def remove(self, path: str, expected: bytes) -> None:
        one, other = (disk.remove(path, expected) for disk in self.disks())
        assert one == other

    @rule(src=PATHS, dst=PATHS)
    def rename(self, src: str, dst: str) -> None:
        one, other = (disk.rename(src, dst) for disk in self.disks())
        assert one == other

    @rule(path=PATHS, most=MOST)
    def read(self, path: str, most: int) -> None:
        one, other = (disk.read(path, most) for disk in self.disks())
        assert (one and one[0]) == (other and other[0])

    @rule(folder=st.sampled_from(["", "F", "none"]), was_killed=st.booleans())
    def clear(self, folder: str, was_killed: bool) -> None:
        """With or without what a killed write leaves; the note beside it stays in either case."""
        if was_killed and (self.root / folder).is_dir() and not (self.root / folder).is_symlink():
            self.put(f"{folder}/{LEFT}".lstrip("/"), b"half")
        one, other = (disk.clear(folder, disk.items(folder)) for disk in self.disks())
        assert one == other

    def disks(self) -> tuple[Disk, Disk]:
        return self.real, self.memory

    # What both show

    @invariant()
    def all_is_alike(self) -> None:
        """Everything that is there, from the top down, and by single looks."""
        folders = [""]
        for folder in folders:
            one, other = (sorted(map(shown, disk.items(folder))) for disk in self.disks())
            assert one == other
            paths = [f"{folder}/{name}".lstrip("/") for name, kind, _ in one]
            assert [self.looked_at(self.real, path) for path in paths] == one
            assert [self.looked_at(self.memory, path) for path in paths] == one
            folders += [path for path, (_, kind, _) in zip(paths, one, strict=True) if kind == "folder"]

    @staticmethod
    def looked_at(disk: Disk, path: str) -> tuple[str, str, int] | None:
        item = disk.item(path)
        return shown(item) if item else None


def shown(item: Item) -> tuple[str, str, int]:
    """Name, kind and, for a file, size."""
    is_file = item.kind in (Kind.FILE, Kind.SHARED)
    return item.name, item.kind.value, item.stamp.size if is_file else 0


TwoDisks.TestCase.settings = settings(max_examples=RUNS, stateful_step_count=30, deadline=None)
TestTwoDisks = pytest.mark.skipif(os.name != "posix", reason="needs links and names that are no UTF-8")(
    TwoDisks.TestCase
)
