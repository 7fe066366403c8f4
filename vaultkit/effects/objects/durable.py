"""Files that are whole and on the disk before anybody can see them under their name.

`Access` is what a repository that several people share (`core.sharedRepository`) asks for: its files
and folders must stay usable for all of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from dulwich.file import SharedPerm, adjust_shared_perm

READ_ONLY = 0o444
Access = SharedPerm | None


@contextmanager
def temporary_file(folder: str, prefix: str, access: Access = None) -> Iterator[tuple[BinaryIO, str]]:
    """A new file in `folder` and its path: synced when the block ends well, and then to be renamed away.

    Whatever is still there under the temporary path afterwards is removed by `discard`.
    """
    handle, path = tempfile.mkstemp(prefix=prefix, dir=folder)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file, path
            file.flush()
            os.fsync(file.fileno())
        os.chmod(path, READ_ONLY)
        share(path, access)
    except BaseException:
        discard(path)
        raise


def share(path: str, access: Access) -> None:
    """Give a new file or folder the rights that the others who use the repository need."""
    adjust_shared_perm(path, access)


def discard(path: str) -> None:
    """Remove a file that may be read-only, or gone already."""
    with suppress(FileNotFoundError):
        if os.name == "nt":
            os.chmod(path, 0o600)  # Windows removes no read-only file
        os.unlink(path)


def put_in_place(temporary: str, path: str) -> None:
    """Give a finished temporary file its name, in place of what has that name now."""
    try:
        if os.name == "nt":
            discard(path)
        os.replace(temporary, path)
    except BaseException:
        discard(temporary)
        raise
