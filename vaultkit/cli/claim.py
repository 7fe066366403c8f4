"""`vaultkit claim` and `release`: taking a task, and giving it back."""

from __future__ import annotations

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import note_link, say
from vaultkit.errors import StillHeld
from vaultkit.vault import Claim, Vault


@click.command()
@click.argument("note")
@click.option("--take-over", is_flag=True, help="Take it from an agent that was silent for a whole lease.")
@click.option("--wait", is_flag=True, help="With --take-over: wait until it was silent for so long.")
@with_vault
def claim(vault: Vault, note: str, take_over: bool, wait: bool) -> None:
    """Claim the task NOTE, or renew the claim; succeeds only once the remote has confirmed it."""
    if wait and not take_over:
        raise click.UsageError("--wait goes with --take-over")
    claimed = _take_over(vault, note, wait) if take_over else vault.claim(note)
    say(f"claimed: {note_link(str(vault.root), claimed.path)}")
    tidy_up(vault)


def _take_over(vault: Vault, note: str, wait: bool) -> Claim:
    try:
        return vault.take_over(note)
    except StillHeld as held:
        if not wait:
            raise
        say(f"{held.message}; waiting")
        return vault.take_over(note, wait=True)


@click.command()
@click.argument("note")
@with_vault
def release(vault: Vault, note: str) -> None:
    """Give the task NOTE back, for another agent to claim."""
    say(f"released: {note_link(str(vault.root), vault.release(note))}")
    tidy_up(vault, published=vault.is_published)
