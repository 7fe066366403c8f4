"""Does a merged frontmatter say what its three versions come to, key by key?

Lines know nothing of values: a line put into a text of several lines, or a blank line below one, makes
another value of it. So whoever merged, the values are read again.
"""

from __future__ import annotations

from vaultkit.core.text.frontmatter import BrokenFrontmatter, read_block

_Values = dict[str, str]


def is_torn(merged: bytes, base: bytes, ours: bytes, theirs: bytes) -> bool:
    """Is it unreadable, or has a key a value that no side gave it? False where a side is unreadable."""
    now, was, mine, yours = map(_values, (merged, base, ours, theirs))
    if mine is None or yours is None:
        return False
    if now is None:
        return True
    keys = {**now, **mine, **yours}
    return any(now.get(key) not in _wanted(key, was, mine, yours) for key in keys)


def _values(data: bytes) -> _Values | None:
    """What is under each key, as it looks: 1 is not true, and not 1.0."""
    try:
        block = read_block(data)
    except BrokenFrontmatter:
        return None
    return {key: repr(value) for key, value in block.meta.items()} if block else {}


def _wanted(key: str, was: _Values | None, mine: _Values, yours: _Values) -> set[str | None]:
    """The value of the side that changed it; either one where both did, or nobody knows."""
    one, other = mine.get(key), yours.get(key)
    if was is not None and was.get(key) in (one, other):
        return {other if was.get(key) == one else one}
    return {one, other}
