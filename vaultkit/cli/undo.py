"""`vaultkit undo`: take back the last thing done here."""

from __future__ import annotations

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import name, note_link, say, when
from vaultkit.core.telling.deeds import NoteDeed
from vaultkit.vault import Vault

MOST_DEEDS = 10


@click.command()
@with_vault
def undo(vault: Vault) -> None:
    """Take back the last thing done on this machine, as a new change. Again: do it again.

    All of it or nothing. Nothing is undone where others worked on since, or where what was approved
    has been carried out; the reason is told.
    """
    undone = vault.undo()
    say(f"undone: {name(undone.message)} ({undone.commit[:10]}, {when(undone.time)})")
    for deed in undone.deeds[:MOST_DEEDS]:
        say(f"  {_words(vault, deed)}")
    if len(undone.deeds) > MOST_DEEDS:
        say(f"  and {len(undone.deeds) - MOST_DEEDS} more")
    tidy_up(vault, published=undone.published)


def _words(vault: Vault, deed: NoteDeed) -> str:
    link = note_link(str(vault.root), deed.path)
    if deed.src:
        return f"back: {name(deed.src)} -> {link}"
    return f"{ {'add': 'back', 'remove': 'gone'}.get(deed.kind, 'as before') }: {link}"
