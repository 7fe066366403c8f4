"""Three versions of a note to one: frontmatter key by key, body by lines.

The result is the published text (`theirs`) with what only the other side changed spliced in, entry by
entry as it was typed, so bytes nobody had to touch stay as published. Two different changes of one key
conflict, except lists to which both sides only added. What is in the frontmatter beside its entries
(fences, comments) is its frame; if just the other side changed that, the merge is built on its text.

Line ends are no words: where one side gave the whole note others, the merge has those.

If a frontmatter is broken, or both changed the frame, the whole text is merged by lines, and its values
are read again. A conflict anywhere makes the whole note a conflict: half a merge would mix two people's
intentions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from vaultkit.core.text.content import is_text
from vaultkit.core.text.frontmatter import comments, read_block
from vaultkit.core.text.line_merge import merge_lines
from vaultkit.core.text.note import BrokenFrontmatter, read_meta, set_values, splice, with_body
from vaultkit.core.text.torn import is_torn

MOST_UNIONS = 8
"""Each list that is united is written and read back; more of them than a person has are a conflict."""


class _Entry(NamedTuple):
    """A top-level entry of a frontmatter as typed and as read; a missing one is empty."""

    raw: bytes | None = None
    value: Any = None


class _Note(NamedTuple):
    """One version, taken apart; `frame` is the frontmatter without its entries."""

    data: bytes
    frame: bytes
    entries: dict[str, _Entry]
    body: bytes


def merge_notes(base: bytes | None, ours: bytes, theirs: bytes) -> bytes | None:
    """The note with the changes of both sides, or None: keep `theirs` and put `ours` into a conflict copy.

    `theirs` is the published version, `base` the one both sides started from (None: both added the note).
    What is not UTF-8 text merges only if at most one side changed it.
    """
    if ours in (base, theirs):
        return theirs
    if base == theirs:
        return ours
    if base is None or not all(is_text(data) for data in (base, ours, theirs)):
        return None
    endings = [_ending(data, _ending(base)) for data in (base, ours, theirs)]
    if None not in endings and len(set(endings)) > 1:
        merged = merge_notes(*(data.replace(b"\r\n", b"\n") for data in (base, ours, theirs)))
        ending = endings[1] if endings[2] == endings[0] else endings[2]
        return merged.replace(b"\n", ending or b"\n") if merged is not None else None
    try:
        return _merge_parts(_read(base), _read(ours), _read(theirs))
    except BrokenFrontmatter:
        return _merge_whole(base, ours, theirs)


def _ending(data: bytes, otherwise: bytes | None = b"\n") -> bytes | None:
    """How all lines end, `otherwise` if no line does; None if they end differently.

    A program that writes a whole note with other line ends has changed no line of it.
    """
    if b"\r" not in data:
        return b"\n" if b"\n" in data else otherwise
    ends = data.count(b"\r\n")
    return b"\r\n" if ends == data.count(b"\n") == data.count(b"\r") else None


def _read(data: bytes) -> _Note:
    block = read_block(data)
    if block is None:
        return _Note(data, b"", {}, data)
    found, frame = {}, block.text
    for key, entry in reversed(block.entries.items()):
        found[key] = _Entry(block.text[entry.start : entry.end].encode(), block.meta.get(key))
        frame = frame[: entry.start] + frame[entry.end :]
    fence = block.tail[: len(block.tail) - len(block.body)]
    return _Note(data, block.head + frame.encode() + fence, dict(reversed(found.items())), block.body)


def _merge_parts(base: _Note, ours: _Note, theirs: _Note) -> bytes | None:
    orders = _orders(base, ours, theirs)
    text = merge_lines(base.body, ours.body, theirs.body) if orders else b""
    if text is None:
        return None
    for onto, other in orders:
        if text and onto.frame and not onto.frame.endswith(b"\n"):  # its last fence and the body would stick
            continue
        try:
            merged = _merge_entries(base, onto, other)
        except BrokenFrontmatter:
            continue
        return with_body(merged, text) if merged is not None else None
    return _merge_whole(base.data, ours.data, theirs.data)


def _orders(base: _Note, ours: _Note, theirs: _Note) -> list[tuple[_Note, _Note]]:
    """Onto which text the other's entries may be put; none if both changed the frame."""
    if ours.frame == theirs.frame:
        return [(theirs, ours), (ours, theirs)]
    if ours.frame == base.frame:
        return [(theirs, ours)]
    return [(ours, theirs)] if theirs.frame == base.frame else []


def _merge_whole(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The note merged by lines; a conflict if that would break a frontmatter, or tear a value."""
    merged = merge_lines(base, ours, theirs)
    return None if merged is None or is_torn(merged, base, ours, theirs) else merged


def _merge_entries(base: _Note, onto: _Note, other: _Note) -> bytes | None:
    """`onto` with the entries that `other` changed; None if both changed one differently."""
    spliced: dict[str, bytes | None] = {}
    unions: dict[str, Any] = {}
    for key in dict.fromkeys([*other.entries, *base.entries]):
        was, mine, yours = (note.entries.get(key, _Entry()) for note in (base, onto, other))
        if _same(yours, was) or _same(yours, mine):
            continue
        if _same(mine, was):
            spliced[key] = yours.raw
        elif (union := _union(was, mine, yours)) is None or len(unions) == MOST_UNIONS:
            return None
        else:
            unions[key] = union
    merged = splice(onto.data, spliced) if spliced else onto.data
    _refuse_other_values(merged, {key: other.entries[key].value for key, raw in spliced.items() if raw})
    return _set(merged, unions) if unions else merged


def _refuse_other_values(merged: bytes, wanted: dict[str, Any]) -> None:
    """A text of several lines may take the blank line below it for its own, where it has come to."""
    after = read_meta(merged) if wanted else {}
    if any(repr(after[key]) != repr(value) for key, value in wanted.items()):
        raise BrokenFrontmatter("an entry would say something else in its new place")


def _set(data: bytes, values: dict[str, Any]) -> bytes | None:
    """The note with the values set; None if a comment stood in their way."""
    result = set_values(data, values)
    return result if comments(result) == comments(data) else None


def _same(one: _Entry, other: _Entry) -> bool:
    """The same bytes, or the same value typed differently (quotes, list style); a comment is words too."""
    if one.raw is None or other.raw is None or one.raw == other.raw:
        return one.raw == other.raw
    return repr(one.value) == repr(other.value) and comments(one.raw) == comments(other.raw)


def _union(was: _Entry, mine: _Entry, yours: _Entry) -> list[Any] | None:
    """All items of both lists, `mine` first; None unless both sides only added to the list."""
    if not (isinstance(mine.value, list) and isinstance(yours.value, list)):
        return None
    if not isinstance(was.value, list | None) or comments(mine.raw or b"") != comments(yours.raw or b""):
        return None
    before, here, there = (_items(entry.value or []) for entry in (was, mine, yours))
    return list((here | there).values()) if before.keys() <= here.keys() & there.keys() else None


def _items(values: list[Any]) -> dict[str, Any]:
    """The items by what they look like, so that `1`, `"1"` and `true` stay apart, and maps count too."""
    return {repr(value): value for value in values}
