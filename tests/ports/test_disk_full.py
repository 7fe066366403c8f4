"""The Disk port over a real folder, where the system says no: an error, and everything as it was."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vaultkit.effects.files import VaultFiles

OLD, NEW = b"old\n", b"new\n" * 100_000


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system refuses to write on, as it does where a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(os.name != "posix", reason="needs a limit that the system enforces")
def test_a_write_that_the_disk_has_no_room_for_leaves_the_old_content(tmp_path: Path) -> None:
    """OSError, the old words whole, nothing where nothing was, and no half file beside it; later it works."""
    disk = VaultFiles(str(tmp_path))
    assert disk.replace("a.md", None, OLD)
    with no_file_larger_than(100_000):
        for path, expected in (("a.md", OLD), ("new.md", None)):
            with pytest.raises(OSError):
                disk.replace(path, expected, NEW)
    assert os.listdir(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == OLD
    assert disk.replace("a.md", OLD, NEW)
    assert (tmp_path / "a.md").read_bytes() == NEW
