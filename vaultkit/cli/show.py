"""`vaultkit show`: a note's content, now or as some commit has it, also one that was refused."""

from __future__ import annotations

import sys

import click

from vaultkit.cli.main import with_vault
from vaultkit.cli.output import say
from vaultkit.vault import Vault


@click.command()
@click.argument("note")
@click.option("--at", "commit", metavar="COMMIT", help="As this commit has it; a hash or its beginning.")
@with_vault
def show(vault: Vault, note: str, commit: str | None) -> None:
    """Print NOTE, as it is or as a commit has it.

    What a violation holds can be read this way without its ever being a note in the vault. On a
    terminal, characters that could steer it are shown as marks.
    """
    data = vault.content(note, commit)
    if sys.stdout.isatty():
        say(data.decode("utf-8", "replace").rstrip("\n"))
    else:
        click.echo(data, nl=False)
