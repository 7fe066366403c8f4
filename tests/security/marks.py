"""Secrets that can be found again: each form one could be written in, and a search of all that was."""

from __future__ import annotations

import base64
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.servers import require


class Mark:
    """A password with characters that each writer would write in its own way, and the user it belongs to."""

    def __init__(self, username: str = "ada", tail: str = "/+&~") -> None:
        self.username = username
        self.core = secrets.token_hex(12)
        self.password = f"{self.core}{tail}"

    @property
    def quoted(self) -> str:
        """As it is written inside an address."""
        return quote(self.password, safe="")

    def forms(self) -> set[bytes]:
        """What to search for. The core alone is in every form that spells its letters out."""
        pair = f"{self.username}:{self.password}"
        encoded = {base64.b64encode(text.encode()) for text in (self.password, pair, self.quoted)}
        urlsafe = {base64.urlsafe_b64encode(text.encode()) for text in (self.password, pair)}
        spelled = {self.password, self.quoted, quote_plus(self.password), self.core}
        return encoded | urlsafe | {text.encode() for text in spelled}


class TokenMark(Mark):
    """A token that stands where the user name should."""

    def __init__(self, password: str) -> None:
        super().__init__(tail="")
        self.username, self.token_password = self.core, password

    def forms(self) -> set[bytes]:
        pair = base64.b64encode(f"{self.core}:{self.token_password}".encode())
        return {*super().forms(), pair, base64.b64encode(f"{self.core}:".encode())}


def places_with(marks: Sequence[Mark], root: Path, leave_out: Sequence[Path]) -> list[str]:
    """Every file below `root` with a mark in its name, its bytes or, in a git repository, its objects."""
    forms = [form for mark in marks for form in mark.forms()]
    return [where for where, data in _written(root, leave_out) if any(form in data for form in forms)]


def _written(root: Path, leave_out: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for path in root.rglob("*"):
        if any(path == left or left in path.parents for left in leave_out):
            continue
        yield f"the name of {path}", str(path.relative_to(root)).encode("utf-8", "surrogateescape")
        if path.is_file():
            yield str(path), path.read_bytes()
        if path.name == "objects" and (path.parent / "HEAD").is_file():
            yield f"the objects in {path}", objects_of(path.parent)


def objects_of(repository: Path) -> bytes:
    """All objects, unpacked: compressed they would hide what they hold."""
    command = [require("git"), "--git-dir", str(repository), "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(command, capture_output=True, check=True).stdout
