"""What a line of Markdown is, and where each line of a note stands.

A merge knows lines only; this is what it knows of their meaning. A line that stands in code in one
version must not stand in prose in the result, nor a row in a table of other columns, nor a paragraph right
below a list, quote or table, which would make it a part of that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LEAD = rb"[ \t>]*"
_ENTRY = re.compile(_LEAD + rb"(?:[-*+]|\d+[.)]|\d\d?:\d\d|\d{4}-\d\d-\d\d)[ \tT:]")
_ROW = re.compile(_LEAD + rb"\|")
_HEADING = re.compile(rb"#{1,6}[ \t]")
_CALLOUT = re.compile(_LEAD + rb">[ \t]*\[!")
_FENCE = re.compile(_LEAD + rb"(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:(`{3,})[^`]*|(~{3,}).*)\Z", re.DOTALL)
_TASK = re.compile(
    rb"\A([ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)[^\]\r\n]{1,4}(\][^\r\n]*?)(?: \xe2\x9c\x85 [\d-]{10})?(\r?\n)?\Z"
)
"""A task, perhaps with the date that a plugin writes behind what is done."""
_NOTE = re.compile(_LEAD + rb"(\[\^[^\]\s]+\]:)")
_WORD = re.compile(rb"[^\W_]|[\x80-\xff]")


def is_heading(line: bytes) -> bool:
    return bool(_HEADING.match(line))


def is_entry(line: bytes) -> bool:
    """An item of a list, or a line that begins with its time or date."""
    return bool(_ENTRY.match(line))


def is_row(line: bytes) -> bool:
    return bool(_ROW.match(line))


def is_separator(line: bytes) -> bool:
    """The line below a table's header."""
    text = line.strip(b" \t>\r\n")
    return b"|" in text and b"-" in text and not text.strip(b"|:- \t")


def opens(line: bytes) -> bool:
    """Does what is below it belong to it? A heading, a fence, a callout's title, a table's header."""
    return is_heading(line) or is_separator(line) or bool(_CALLOUT.match(line) or _closer(line))


def is_blank(line: bytes) -> bool:
    return not line.strip(b" \t>\r\n")


def has_words(line: bytes) -> bool:
    return bool(_WORD.search(line))


def indent(line: bytes) -> int:
    """How far the line is indented, quote marks and all."""
    body = line.lstrip(b" \t>")
    return len(line[: len(line) - len(body)].expandtabs(4))


def without_tick(line: bytes) -> bytes:
    """A task as if it was open: ticking changes no task into another one."""
    return _TASK.sub(rb"\1 \2\3", line)


def footnotes(lines: Sequence[bytes]) -> Counter[bytes]:
    """The labels of the footnotes that the lines define; of two with one label only one is ever shown."""
    return Counter(note[1] for line in lines if (note := _NOTE.match(line)))


def places(lines: Sequence[bytes]) -> set[tuple[bytes, bytes]]:
    """Each line with where it stands, and (as an empty line) where the text ends."""
    found = set()
    closer = block = b""
    columns: int | None = None
    for line, after in zip([*lines, b""], [*lines[1:], b"", b""], strict=False):
        if closer:
            found.add((line, b"within " + closer[:2]))
            closer = b"" if _closes(line, closer) else closer
            continue
        closer = _closer(line)
        begun = b"" if closer else _block_of(line)
        block = block if begun is None else begun
        if not is_row(line):
            columns = None
        elif columns is None:
            columns = after.count(b"|") if is_separator(after) else 0
        found.add((line, b"" if columns is None else b"of %d columns" % columns))
        if begun is None and block:
            found.add((line, block))
    return found


def _block_of(line: bytes) -> bytes | None:
    """What plain words in the next line would be a part of; None for plain words."""
    if is_blank(line) or is_heading(line) or not has_words(line):
        return b""
    if line.lstrip().startswith(b">"):
        return b"in a quote"
    return b"in an item" if is_entry(line) else b"in a table" if is_row(line) else None


def _closer(line: bytes) -> bytes:
    """What will end the code, formula or comment that the line begins; empty if it begins none."""
    fence = _FENCE.match(line)
    if fence:
        return fence[1] or fence[2]
    text = line.strip(b" \t>\r\n")
    for mark in (b"%%", b"$$"):
        if text.startswith(mark) and text.count(mark) % 2:
            return mark
    return b"-->" if text.startswith(b"<!--") and b"-->" not in text else b""


def _closes(line: bytes, closer: bytes) -> bool:
    text = line.strip(b" \t>\r\n")
    if closer[:1] in b"`~":
        return len(text) >= len(closer) and not text.strip(closer[:1])
    return closer in text
