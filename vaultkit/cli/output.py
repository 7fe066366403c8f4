"""What people see: words on standard output, complaints on standard error, links on a terminal.

No text gets there with a password in it (see `hush`), or with characters that steer the terminal.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from vaultkit.cli.hush import hush

MARK = "\N{REPLACEMENT CHARACTER}"

if TYPE_CHECKING:
    from rich.console import Console


def complain(message: str, hint: str = "") -> None:
    """An error and what to do next, on standard error."""
    click.echo(f"vaultkit: {_shown(message)}", err=True)
    if hint:
        click.echo(f"  {_shown(hint)}", err=True)


def complain_of_usage(error: click.ClickException) -> None:
    """What was wrong with the call, and how it is made."""
    words = io.StringIO()
    error.show(words)
    click.echo(_shown(words.getvalue()), err=True, nl=False)


class Complaints(logging.Handler):
    """Tells the library's warnings like a command's own."""

    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def say(message: str = "") -> None:
    click.echo(_shown(message))


def print_json(data: object) -> None:
    click.echo(hush(json.dumps(data, indent=2, ensure_ascii=True, default=str)))


def name(text: str) -> str:
    """A name or another text from elsewhere, as one line that cannot pass for a line of ours."""
    return _shown(text).replace("\n", MARK).replace("\t", MARK)


def note_link(root: str, path: str) -> str:
    """The note's path; on a terminal one that opens it in Obsidian."""
    shown = name(path)
    if not sys.stdout.isatty():
        return shown
    target = quote(str(Path(root, path)).encode("utf-8", "surrogatepass"), safe="")
    return f"\x1b]8;;obsidian://open?path={target}\x1b\\{shown}\x1b]8;;\x1b\\"


def ago(then: int | None) -> str:
    """A time in the past, as a person says it."""
    if then is None:
        return "never"
    seconds = max(0, int(time.time()) - then)
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 5 else f"{seconds} seconds ago"


def when(time_: int) -> str:
    """A moment, in the reader's own time; times come from anywhere."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(time_))
    except (OverflowError, ValueError, OSError):
        return "at no known time"


def since(time_: int) -> str:
    """A moment not long ago: the time of day, with the day if it was another one."""
    day, _, hour = when(time_).partition(" ")
    return hour if day == when(int(time.time())).partition(" ")[0] else when(time_)


@contextmanager
def spinner(words: str) -> Iterator[None]:
    """Something that moves while a long step runs, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    with _console().status(words):
        yield


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _shown(text: str) -> str:
    """Text that cannot steer the terminal: names come from anywhere."""
    safe = "".join(c if c.isprintable() or c in "\n\t" else MARK for c in hush(text))
    return safe.encode("utf-8", "replace").decode()
