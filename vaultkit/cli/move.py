"""`vaultkit approve`, `reject` and `done`: the moves a drag in Obsidian makes, by command."""

from __future__ import annotations

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import note_link, say
from vaultkit.vault import Vault


def _told(vault: Vault, words: str, path: str) -> None:
    say(f"{words}: {note_link(str(vault.root), path)}")


@click.command()
@click.argument("note")
@with_vault
def approve(vault: Vault, note: str) -> None:
    """Approve the draft NOTE, as dragging it to Approved/ does."""
    _told(vault, "approved", vault.approve(note))
    tidy_up(vault, published=vault.is_published)


@click.command()
@click.argument("note")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is written into the note.")
@with_vault
def reject(vault: Vault, note: str, reason: str) -> None:
    """Reject the draft NOTE, as dragging it to Rejected/ does."""
    _told(vault, "rejected", vault.reject(note, reason))
    tidy_up(vault, published=vault.is_published)


@click.command()
@click.argument("note")
@with_vault
def done(vault: Vault, note: str) -> None:
    """Move NOTE to Done/, and with a draft the task and the plan it names."""
    before, paths = vault.head(), vault.complete(note)
    for path in paths:
        _told(vault, "done" if vault.head() != before else "done already, nothing was changed", path)
    tidy_up(vault, published=vault.is_published)
