"""How programs save and move notes. Each says whether it was done: vaultkit may have been there first.

None makes a note anew that has just gone, and none writes over another one: a person sees that, too.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path


def read(note: Path) -> bytes | None:
    try:
        return note.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def create(note: Path, content: bytes) -> bool:
    note.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), open(note, "xb") as file:
        file.write(content)
        return True
    return False


def append(note: Path, content: bytes) -> bool:
    with suppress(FileNotFoundError), open(note, "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(content)
        file.flush()
        return _has_a_name(file.fileno())
    return False


def rewrite(note: Path, content: bytes, pause: float) -> bool:
    """Truncate, then write, as Obsidian does; the note is empty for so many seconds."""
    with suppress(FileNotFoundError), open(note, "r+b") as file:
        file.truncate(0)
        time.sleep(pause)
        file.write(content)
        file.flush()
        return _has_a_name(file.fileno())
    return False


def move(src: Path, dst: Path) -> bool:
    """One rename, of a note or of a folder."""
    if dst.exists() or not src.exists():
        return False
    dst.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        src.rename(dst)
        return True
    return False


def delete(note: Path) -> bool:
    with suppress(FileNotFoundError):
        note.unlink()
        return True
    return False


def _has_a_name(fd: int) -> bool:
    """Or was the note replaced under the program's hands? Then it saved into nowhere."""
    return os.fstat(fd).st_nlink > 0


def names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
