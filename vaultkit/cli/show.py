"""`vaultkit show`: a note's content, now, then, or as some commit has it, also one that was refused."""

from __future__ import annotations

import sys

import click

from vaultkit.cli.main import with_vault
from vaultkit.cli.output import say
from vaultkit.errors import UsageError
from vaultkit.vault import Vault


@click.command()
@click.argument("note", required=False)
@click.option("--at", metavar="WHEN", help="As it was then: a time, an age (2h, 3d) or a commit.")
@click.option("--violation", "number", type=int, metavar="NUMBER", help="As `violations` counts them.")
@with_vault
def show(vault: Vault, note: str | None, at: str | None, number: int | None) -> None:
    """Print NOTE, as it is or was, or what a violation would have brought.

    WHEN is a time such as 2026-03-01T14:30 (yours, unless a zone follows), how long ago (45m, 2h, 3d), or a
    commit: 7 digits of its hash or more. What a violation holds can be read this way without its ever
    being a note in the vault. On a terminal, characters that could steer it are shown as marks.
    """
    if number is not None:
        note, at = _of_violation(vault, number)
    if note is None:
        raise UsageError("which note?", hint="Name a NOTE, or a violation with --violation NUMBER.")
    data = vault.content(note, at)
    if sys.stdout.isatty():
        say(data.decode("utf-8", "replace").rstrip("\n"))
    else:
        click.echo(data, nl=False)


def _of_violation(vault: Vault, number: int) -> tuple[str, str]:
    """Its path and commit; a path may hold what nobody can type."""
    found = vault.violations()
    if not 1 <= number <= len(found):
        raise UsageError(f"there is no violation {number}", hint="`vaultkit violations --all` counts them.")
    return found[number - 1].path, found[number - 1].commit
