"""Replays what Obsidian does to the files of a vault, from recordings of its file operations.

A recording is text, one operation a line, as a trace of Obsidian's own file adapter shows them:

    make FOLDER           a folder is made
    rename OLD > NEW      one rename, of a note or of a folder; `.trash/` is where deleted notes go
    save NOTE             the note is emptied in place, and a moment later written in place
      | its text, line by line
    rest                  the two seconds between one save and the next, in short

After a rename of its own Obsidian rewrites the links in other notes: that is a `save` of each.
Properties and the cells of a table are saves too, of the whole note with its frontmatter written anew.
"""

from __future__ import annotations

import time
from pathlib import Path

EMPTY_SECONDS = 0.02
REST_SECONDS = 0.15


def replay(vault: Path, recording: str) -> None:
    """Do what is recorded, in order."""
    lines = recording.strip("\n").splitlines()
    for number, line in enumerate(lines):
        verb, _, rest = line.strip().partition(" ")
        if verb == "make":
            (vault / rest).mkdir(parents=True, exist_ok=True)
        elif verb == "rename":
            old, new = rest.split(" > ")
            (vault / old).rename(vault / new)
        elif verb == "save":
            save(vault / rest, _text_below(lines[number + 1 :]))
        elif verb == "rest":
            time.sleep(REST_SECONDS)
        elif verb != "|":
            raise ValueError(f"a recording holds no {verb!r}")


def save(note: Path, text: str) -> None:
    """Empty it, and write it: the same file throughout."""
    with open(note, "wb") as file:
        file.flush()
        time.sleep(EMPTY_SECONDS)
        file.write(text.encode())


def _text_below(lines: list[str]) -> str:
    text = []
    for line in lines:
        head, bar, words = line.partition("|")
        if head.strip() or not bar:
            break
        text.append(words.removeprefix(" ") + "\n")
    return "".join(text)
