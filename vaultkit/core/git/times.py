"""The times of commits. They order history for people; nothing is decided by them."""

from __future__ import annotations

MOST_AHEAD_SECONDS = 24 * 3600


def after(parent: int, now: int) -> int:
    """When a commit on top of one from `parent` was made: now, but not before its parent (UTC seconds).

    A parent from far in the future lies, and a lie is not handed on.
    """
    return parent + 1 if now <= parent <= now + MOST_AHEAD_SECONDS else now
