"""The names of tasks that were made for an event: readable by its title, and found again by its key.

A file name ends in a digest of the key, so the task of an event is found by its name alone wherever it is
by now. Whoever makes it, on whichever machine, gives it the same name and the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from vaultkit.core.naming.name_characters import unshared_in
from vaultkit.core.text.note import Value, set_values

DIGITS = 12
LONGEST_TITLE = 48
ID = "id"
_DIGEST = re.compile(r"(?:^|[-/])([0-9a-f]{12})(?: \([^()/]+\))*\.md$")


def digest_of(key: str) -> str:
    """What stands for a key in file names."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def digest_in(path: str) -> str | None:
    """The digest in a note's name, None if there is none; a copy `x (agent).md` has that of `x.md`."""
    found = _DIGEST.search(path)
    return found[1] if found else None


def task_name(title: str, key: str) -> str:
    """The file name of the task with this key."""
    return f"{_slug(title) or 'task'}-{digest_of(key)}.md"


def task_note(key: str, title: str, text: str, meta: Mapping[str, Value]) -> bytes:
    """The task's content, the same wherever it is made: no time and no agent is in it."""
    heading = f"# {' '.join(title.split())}\n\n" if title else ""
    body = heading + (text if text.endswith("\n") or not text else f"{text}\n")
    return set_values(body.encode(), {ID: key, "status": "needs_action", **meta})


def _slug(title: str) -> str:
    """The letters and digits of a title, as far as every machine has them, joined by dashes."""
    text = unicodedata.normalize("NFC", title).casefold()
    plain = "".join(c if c.isalnum() and not unshared_in(c) else " " for c in text)
    return unicodedata.normalize("NFC", "-".join(plain.split())[:LONGEST_TITLE].strip("-"))
