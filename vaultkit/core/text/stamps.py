"""The frontmatter keys that a move writes, and how a lost move takes them back.

A stamp says what a move meant (`status`, `owner`, when, by whom). It belongs to the move: where the
move is undone because another one was published first, its stamps are not "words" worth keeping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from vaultkit.core.text.frontmatter import comments
from vaultkit.core.text.note import (
    BrokenFrontmatter,
    Value,
    body,
    entries,
    read_meta,
    remove_values,
    set_values,
    splice,
)

EPOCH = "claim_epoch"
MOST_EPOCH = 2**31
STAMPS = frozenset(
    {
        "status",
        "owner",
        "actor",
        "claimed_at",
        EPOCH,
        "released_at",
        "submitted_at",
        "approved_at",
        "approved_by",
        "rejected_at",
        "rejected_by",
        "completed_at",
    }
)


def utc(time: int) -> str:
    """A time as stamps write it: ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_stamps(base: bytes, stamped: bytes) -> bytes:
    """`stamped` with every stamp as it was in `base`; unchanged if its frontmatter cannot be edited.

    A frontmatter that the stamps had made goes with them, unless somebody wrote something into it. A
    comment that somebody wrote beside a stamp is words, and stays.
    """
    try:
        before, after = entries(base), entries(stamped)
        stamps = [key for key in {**before, **after} if key in STAMPS]  # a set has no order of its own
        changed = [key for key in stamps if before.get(key) != after.get(key)]
        spoken_of = [key for key in changed if _new_comments(before.get(key), after.get(key))]
        back = {key: before.get(key) for key in changed if key not in spoken_of}
        restored = splice(stamped, back) if back else stamped
        restored = _with_values_of(base, restored, spoken_of)
        return base if not before and _is_only_fences(restored, base) else restored
    except BrokenFrontmatter:
        return stamped


def stamped_over(base: bytes, stamped: bytes, onto: bytes) -> bytes | None:
    """What others made of a note meanwhile (`onto`), with the stamps that a move wrote into it over theirs.

    None where both gave a reason, for that is words.
    """
    try:
        before, after, there = read_meta(base), read_meta(stamped), read_meta(onto)
        new = {key: after[key] for key in after if key in STAMPS and after[key] != before.get(key)}
        if "reason" in new and there.get("reason") != before.get("reason"):
            return None
        gone = [key for key in before if key in STAMPS and key not in after]
        return remove_values(set_values(onto, new), gone)
    except BrokenFrontmatter:
        return None


def claimed_after(base: bytes, claimed: bytes, others: bytes) -> bytes:
    """The note as it was claimed, with a higher epoch than the claims that others made of it meanwhile."""
    try:
        first, mine, theirs = (epoch_in(read_meta(data)) for data in (base, claimed, others))
        return claimed if mine in (0, first) else set_values(claimed, {EPOCH: max(mine, theirs + 1)})
    except BrokenFrontmatter:
        return claimed


def only_stamped(base: bytes, stamped: bytes) -> bool:
    """Is nothing new but stamps (the note was claimed and released, say)? A reason is words, too."""
    try:
        before, after = read_meta(base), read_meta(stamped)
    except BrokenFrontmatter:
        return False
    return before.get("reason") == after.get("reason") and without_stamps(base, stamped) == base


def epoch_in(meta: Mapping[str, Value]) -> int:
    """How often the note was claimed, as its frontmatter says; 0 if it says nothing that makes sense."""
    epoch = meta.get(EPOCH)
    return epoch if isinstance(epoch, int) and 0 <= epoch < MOST_EPOCH else 0


def _new_comments(before: bytes | None, after: bytes | None) -> set[bytes]:
    return set(comments(after or b"")) - set(comments(before or b""))


def _with_values_of(base: bytes, stamped: bytes, keys: Iterable[str]) -> bytes:
    """These stamps with the values they had, and all comments; a stamp that would take one along stays."""
    values, result = read_meta(base), stamped
    for key in keys:
        took = set_values(result, {key: values[key]}) if key in values else remove_values(result, [key])
        result = took if comments(took) == comments(result) else result
    return result


def _is_only_fences(data: bytes, text: bytes) -> bool:
    """Is it this text below a frontmatter with nothing in it?"""
    return body(data) == text and not data.removesuffix(text).strip(b"-\r\n ")
