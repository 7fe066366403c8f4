"""The frontmatter keys that a move writes, and how a lost move takes them back.

A stamp says what a move meant (`status`, `owner`, when, by whom). It belongs to the move: where the
move is undone because another one was published first, its stamps are not "words" worth keeping.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vaultkit.core.note import BrokenFrontmatter, body, entries, splice

STAMPS = frozenset(
    {
        "status",
        "owner",
        "claimed_at",
        "released_at",
        "submitted_at",
        "approved_at",
        "approved_by",
        "rejected_at",
        "rejected_by",
        "reason",
        "completed_at",
    }
)


def utc(time: int) -> str:
    """A time as stamps write it: ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_stamps(base: bytes, stamped: bytes) -> bytes:
    """`stamped` with every stamp as it was in `base`; unchanged if its frontmatter cannot be edited.

    A frontmatter that the stamps had made goes with them, unless somebody wrote something into it.
    """
    try:
        before, after = entries(base), entries(stamped)
        stamps = [key for key in {**before, **after} if key in STAMPS]  # a set has no order of its own
        back = {key: before.get(key) for key in stamps if before.get(key) != after.get(key)}
        restored = splice(stamped, back) if back else stamped
        return base if not before and _is_only_fences(restored, base) else restored
    except BrokenFrontmatter:
        return stamped


def _is_only_fences(data: bytes, text: bytes) -> bool:
    """Is it this text below a frontmatter with nothing in it?"""
    return body(data) == text and not data.removesuffix(text).strip(b"-\r\n ")
