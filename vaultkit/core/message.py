"""Commit messages: a line for people, and trailers for programs in the last paragraph."""

from __future__ import annotations

import re

_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")


def one_line(text: str) -> str:
    """`text` as one line: whatever a file name holds, it cannot become a trailer."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "(no words)"


def read_trailer(message: str, key: str) -> str | None:
    """The last value of `key` among the trailers, None if it is not there."""
    values = [found[2] for found in _trailers(message) if found[1] == key]
    return values[-1] if values else None


def add_trailer(message: str, key: str, value: str) -> str:
    """The message with the trailer `key` set to `value`, in place of one that was there."""
    lines = message.rstrip("\n").split("\n")
    trailers = [found[0] for found in _trailers(message) if found[1] != key]
    words = lines[: len(lines) - len(_trailers(message))]
    subject = "\n".join(words).rstrip("\n")
    return "\n".join([subject, "", *trailers, f"{key}: {one_line(value)}"]) + "\n"


def _trailers(message: str) -> list[re.Match[str]]:
    """The lines of the last paragraph, if it is not the first one and all of it are trailers."""
    paragraphs = message.rstrip("\n").split("\n\n")
    if len(paragraphs) < 2:
        return []
    found = [_TRAILER.fullmatch(line) for line in paragraphs[-1].split("\n")]
    return [line for line in found if line] if all(found) else []
