"""Words and names from elsewhere, as they may stand in a note that a person trusts.

Whoever wrote them must not be able to steer what the person sees: one line, so long at most, and
no Markdown, HTML, link, embed, tag, comment or plug-in's code comes of it. Every sign that could begin
one of these is escaped, so what is shown is what was written.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

MOST_CHARACTERS = 200
_SYNTAX = re.compile(r"([\\`*\[\]<>#^|~=$%{}&@]|(?<!\w)_|_(?!\w)|!(?=\[)|:(?=[:/])|(?<=www)\.)")
_UNLINKABLE = re.compile(r"[\[\]|#^\\`\n]|%%")


def show_words(text: str, most: int = MOST_CHARACTERS) -> str:
    """`text` in one harmless line of at most `most` characters of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: most * 8]).split())
    if len(line) > most:
        line = line[: most - 1].rstrip() + "…"
    return _SYNTAX.sub(r"\\\1", line)


def show_link(path: str, label: str = "") -> str:
    """A link to the note at `path`, shown as `label` or else by its name; words where none fits."""
    if _UNLINKABLE.search(path):
        return show_words(path)
    return f"[[{path.removesuffix('.md')}|{label or path.rpartition('/')[2].removesuffix('.md')}]]"


def show_count(number: int, noun: str) -> str:
    """ "1 commit", "2 commits"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def show_date(time: int | None) -> str:
    """The day (UTC), "" for no known time; a commit may lie about its time, so any number is taken."""
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d") if time is not None else ""
    except (OverflowError, ValueError, OSError):
        return ""
