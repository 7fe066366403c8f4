"""What a note looks like, and the edits people make to its text. Bytes in, bytes out."""

from __future__ import annotations

import random
import re
from pathlib import Path

IDENTITY = re.compile(rb"^# Note (\d+)$", re.MULTILINE)
"""Which note it is, wherever it was moved: nobody edits its title."""

_FRONTMATTER = re.compile(rb"\A---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
_LEVEL = re.compile(rb"^level: .*\n", re.MULTILINE)
FILLER = "A line that was there before, number {}.\n"


def new_note(number: int, words: str, chance: random.Random) -> bytes:
    """A note, every other one with frontmatter."""
    head = "---\nkind: email\nlevel: low\n---\n" if chance.random() < 0.5 else ""
    filler = "".join(FILLER.format(chance.randrange(10_000)) for _ in range(chance.randint(2, 8)))
    return f"{head}# Note {number}\n\n{filler}{words}\n".encode()


def identity(data: bytes) -> bytes | None:
    found = IDENTITY.search(data)
    return found.group(1) if found else None


def with_line_replaced(data: bytes, line: str, chance: random.Random) -> bytes:
    """Some line of the body is another one now."""
    lines = data.splitlines(keepends=True)
    start = _first_line_of_body(data)
    if start >= len(lines):
        return data + f"{line}\n".encode()
    lines[chance.randrange(start, len(lines))] = f"{line}\n".encode()
    return b"".join(lines)


def with_line_inserted(data: bytes, line: str, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.insert(chance.randint(min(_first_line_of_body(data), len(lines)), len(lines)), f"{line}\n".encode())
    return b"".join(lines)


def written_anew(data: bytes, line: str, chance: random.Random) -> bytes:
    """Much of the body is new; the title stays, and some of the lines."""
    lines = data.splitlines(keepends=True)
    start = _first_line_of_body(data)
    kept = [kept for kept in lines[start:] if chance.random() < 0.5]
    return b"".join([*lines[:start], f"{line}\n".encode(), *kept])


def with_level(data: bytes, words: str) -> bytes:
    """A property edited, as in Obsidian's panel; a frontmatter is made if there is none."""
    entry = f"level: {words}\n".encode()
    found = _FRONTMATTER.match(data)
    if found is None:
        return b"---\n" + entry + b"---\n" + data
    if _LEVEL.search(found.group(1)):
        return _LEVEL.sub(entry, data, count=1)
    return data[: found.end(1)] + entry + data[found.end(1) :]


def _first_line_of_body(data: bytes) -> int:
    """The number of the line after the title and the empty line below it."""
    found = IDENTITY.search(data)
    return data[: found.end()].count(b"\n") + 2 if found else 0


def write_notes(root: Path, count: int, chance: random.Random) -> None:
    """A vault that is there already: a person's own notes, hundred to a folder."""
    for number in range(count):
        path = root / note_path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(new_note(number, "Nothing yet.", chance))


def note_path(number: int) -> str:
    folder = number // 100
    return f"Notes/area {folder // 20}/topic {folder}/note {number}.md"
