"""Commit messages: a line for people, and trailers for programs in the last paragraph.

The last paragraph holds trailers only if it is not also the first one and each of its lines is one.
So a line that looks like a trailer counts nowhere else. Whatever a file name or another value holds,
`one_line` keeps it from starting a line, and with that from becoming a trailer.
"""

from __future__ import annotations

import re

_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")


def one_line(text: str) -> str:
    """`text` as one line without control characters; a file name goes through here into a subject."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "(no words)"


def summary(message: str) -> str:
    """The first line, fit to be shown in a list."""
    return one_line(message.strip("\n").partition("\n")[0])


def with_summary(message: str, text: str) -> str:
    """The message with other words before the trailers."""
    return "\n".join([one_line(text), "", *(found[0] for found in _split(message)[1])]).rstrip("\n") + "\n"


def author_line(agent: str) -> str:
    """Whom a commit names as its author. It proves nothing; the signature does."""
    return f"{agent} <{agent}@vaultkit.invalid>"


def read_trailer(message: str, key: str) -> str | None:
    """The last value of `key` among the trailers, None if there is none."""
    values = [found[2].strip() for found in _split(message)[1] if found[1] == key]
    return (values[-1] or None) if values else None


def add_trailer(message: str, key: str, value: str) -> str:
    """The message with the trailer `key` set to `value`, in place of one that was there."""
    words, trailers = _split(message)
    kept = [found[0] for found in trailers if found[1] != key]
    return "\n".join([words, "", *kept, f"{key}: {one_line(value)}"]) + "\n"


def _split(message: str) -> tuple[str, list[re.Match[str]]]:
    """What comes before the trailers, and the trailers."""
    text = message.replace("\r\n", "\n").rstrip("\n")
    words, gap, last = text.rpartition("\n\n")
    found = [_TRAILER.fullmatch(line) for line in last.lstrip("\n").split("\n")]
    trailers = [line for line in found if line]
    return (words.rstrip("\n"), trailers) if gap and len(trailers) == len(found) else (text, [])
