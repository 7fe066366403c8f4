"""Saying when: a time, an age, or a commit.

`2026-03-01T14:30` (a zone may follow, else it is the reader's own; a date alone is its first moment),
`45m 2h 3d 1w` ago, or a commit's hash, at least seven digits of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from vaultkit.errors import UsageError

HINT = "Give a time (2026-03-01 or 2026-03-01T14:30), an age (45m, 2h, 3d, 1w), or 7 digits of a commit."
HASH = re.compile(r"[0-9a-f]{7,40}")
_AGE = re.compile(r"(\d{1,6})([smhdw])")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}

Localize = Callable[[datetime], datetime]
"""Gives a time without a zone the reader's own, summer time and all."""


class Moment(NamedTuple):
    """A time (UTC seconds), or a commit by the beginning of its hash; `text` is how that was said."""

    text: str
    time: int = 0
    commit: str = ""


def read_moment(text: str, now: int, localize: Localize) -> Moment:
    """What `text` says; UsageError if nothing, or a time that is still to come."""
    word = text.strip()
    if HASH.fullmatch(word.lower()):
        return Moment(text, commit=word.lower())
    time = _read_time(word, now, localize)
    if time is None:
        raise UsageError(f"{text!r} is neither a time nor a commit", hint=HINT)
    if time > now:
        raise UsageError(f"{text} is still to come", hint=HINT)
    return Moment(text, time)


def _read_time(word: str, now: int, localize: Localize) -> int | None:
    if age := _AGE.fullmatch(word.lower()):
        return max(0, now - int(age[1]) * _SECONDS[age[2].lower()])
    if not _ISO.fullmatch(word):
        return None
    try:
        time = datetime.fromisoformat(word)
        return int((time if time.tzinfo else localize(time)).timestamp())
    except (ValueError, OverflowError, OSError):
        return None
