"""Which claim of a note is it? The holder's worker remembers, and so knows its own claim from a later one.

The mark is what the claim hook stamps: an epoch that only grows, and when. A note may have lost its stamps
(a worker that writes its note anew); that says nothing, and the folder alone tells who holds it.
"""

from __future__ import annotations

from typing import NamedTuple

from vaultkit.core.text.note import BrokenFrontmatter, read_meta
from vaultkit.core.text.stamps import epoch_in


class Mark(NamedTuple):
    """`epoch` is 0 where the note says nothing; `since` is as it stands there."""

    epoch: int = 0
    since: str = ""

    def is_other_than(self, now: Mark) -> bool:
        """Does a note with the mark `now` stand for another claim than this one?"""
        return now.epoch != 0 and now != self


def read_mark(data: bytes) -> Mark:
    """The mark in a note's frontmatter."""
    try:
        meta = read_meta(data)
    except BrokenFrontmatter:
        return Mark()
    since = meta.get("claimed_at")
    return Mark(epoch_in(meta), since if isinstance(since, str) else "")
