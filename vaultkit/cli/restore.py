"""`vaultkit restore`: an earlier version of a note, brought back as a new change."""

from __future__ import annotations

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import note_link, say, when
from vaultkit.vault import Vault


@click.command()
@click.argument("note")
@click.option("--at", metavar="WHEN", help="As it was then: a time, an age (2h, 3d) or a commit.")
@with_vault
def restore(vault: Vault, note: str, at: str | None) -> None:
    """Make NOTE hold again what it held at WHEN; a note that was deleted comes back.

    WHEN is a time such as 2026-03-01T14:30 (yours, unless a zone follows), how long ago (45m, 2h, 3d), or a
    commit of `vaultkit log`: 7 digits of its hash or more. A deleted note comes back without it as it
    was last, and a change of NOTE that is held is taken back. What NOTE holds now stays in history, but for
    what is held.
    """
    done = vault.restore(note, at=at)
    link = note_link(str(vault.root), done.path)
    since = f"{done.commit[:10]}, {when(done.time)}"
    if done.changed:
        say(f"restored: {link} (as of {since})")
    else:
        say(f"nothing to restore: {link} holds just that (as of {since})")
    if done.dropped:
        say(f"  the change that was held is git's object {done.dropped[:10]} until git tidies up")
    tidy_up(vault, published=done.published or not done.changed)
