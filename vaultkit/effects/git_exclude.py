"""Tells other git programs in the vault which notes they must leave alone, in `.git/info/exclude`.

vaultkit itself never reads that file. What stands there beside our own lines stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dulwich.file import FileLocked, GitFile
from dulwich.repo import Repo

BEGIN, END = b"# vaultkit: these notes stay on this machine\n", b"# vaultkit: end\n"
_OURS = re.compile(re.escape(BEGIN) + rb"(?:.*\n)*?" + re.escape(END))


def exclude_notes(repo: Repo, paths: Iterable[str]) -> None:
    """Have git pass over just these notes; if another program holds the file, the next call does it."""
    file = Path(repo.commondir(), "info", "exclude")
    before = file.read_bytes() if file.exists() else b""
    after = _with_lines(before, b"".join(map(_pattern, sorted(paths))))
    if after != before:
        file.parent.mkdir(exist_ok=True)
        with suppress(FileLocked), GitFile(str(file), "wb") as new:
            new.write(after)


def _with_lines(before: bytes, lines: bytes) -> bytes:
    others = _OURS.sub(b"", before)
    if not lines:
        return others
    gap = b"" if not others or others.endswith(b"\n") else b"\n"
    return others + gap + BEGIN + lines + END


def _pattern(path: str) -> bytes:
    """Just this path, whatever characters are in it."""
    escaped = re.sub(r"([\\*?\[\]])", r"\\\1", path)
    return f"/{escaped}\n".encode()
