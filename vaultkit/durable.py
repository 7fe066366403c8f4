"""Names and contents that a power cut cannot take back: what every effect on a disk needs."""

from __future__ import annotations

import os


def make_folders(path: str) -> None:
    """Make a folder and those above it, so that none of their names is lost. OSError if a file is there."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    make_folders(above)
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    sync(above)


def sync(path: str) -> None:
    """Make a file's content, or the names in a folder, durable; elsewhere the system sees to it."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
