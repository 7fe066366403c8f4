"""When a draft expires: `expires` in its frontmatter, a time or a day; without a zone, the reader's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from vaultkit.core.text.note import BrokenFrontmatter, Note, Value

Localize = Callable[[datetime], datetime]


def is_expired(note: Note, now: int, localize: Localize) -> bool:
    """Is the time over that the note gives itself? One that names no readable time never expires."""
    try:
        end = _end(note.get("expires"))
    except BrokenFrontmatter:
        return False
    if end is None:
        return False
    try:
        return (end if end.tzinfo else localize(end)).timestamp() <= now
    except (ValueError, OverflowError, OSError):
        return False


def _end(value: Value) -> datetime | None:
    """A day alone lasts until it is over."""
    text = str(value).strip() if value is not None else ""
    try:
        end = datetime.fromisoformat(text)
        return end + timedelta(days=1) if len(text) <= len("2026-03-01") else end
    except (ValueError, OverflowError):
        return None
