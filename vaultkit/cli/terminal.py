"""The person at the terminal: asked for credentials where the remote wants some and nothing else has any.

Only if both standard input and standard error are terminals: never in a pipe, a service, a test.
`watch` asks while it starts and then never again, for nobody expects a question in the background.
The user name an address was given with is not shown: it may be a token.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from getpass import getpass

import click

from vaultkit.cli.hush import remember
from vaultkit.cli.output import complain
from vaultkit.credentials import Credentials, Place


class Terminal:
    """The terminal this process was started on. `pause` makes what moves on it stand still."""

    def __init__(self) -> None:
        self.pause: Callable[[], AbstractContextManager[object]] = nullcontext
        self._has_left = False

    def is_there(self) -> bool:
        """Is there somebody to ask?"""
        return not self._has_left and sys.stdin.isatty() and sys.stderr.isatty()

    def leave(self) -> None:
        """Ask nothing from now on."""
        self._has_left = True

    def ask(self, place: Place, again: bool) -> Credentials | None:
        """What the person types; None if there is nobody, or no answer. KeyboardInterrupt for Ctrl-C."""
        if not self.is_there():
            return None
        with self.pause():
            if again:
                complain("that was refused; once more, or nothing to give up")
            username = place.username or _read(f"User name for {place.origin}")
            password = _read_unseen(f"Password or token for {place.origin}") if username else ""
        if not username or not password:
            return None
        typed = Credentials(username, password)
        remember(typed)
        return typed

    def keep(self, place: Place, keyring: str) -> bool:
        """Does the person want what was just typed to be kept?"""
        if not self.is_there():
            return False
        with self.pause():
            question = f"Keep it for {place.origin} in {keyring}? [y/N]"
            return _read(question).lower() in ("y", "yes")


def _read(question: str) -> str:
    """What is typed, seen; the question goes to standard error, for standard output may be data."""
    try:
        return str(click.prompt(question, default="", show_default=False, err=True)).strip()
    except click.Abort:
        raise KeyboardInterrupt from None


def _read_unseen(question: str) -> str:
    """What is typed, unseen also if it was typed before the question was there to read."""
    try:
        return getpass(f"{question}: ")
    except EOFError:
        raise KeyboardInterrupt from None


terminal = Terminal()
