"""`vaultkit violations`: what others tried and had no right to."""

from __future__ import annotations

import sys

import click

from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import name, print_json, say, when
from vaultkit.vault import Vault


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that were acknowledged.")
@click.option("--acknowledge", is_flag=True, help="Say that you have seen them; the status is quiet again.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@with_vault
def violations(vault: Vault, everything: bool, acknowledge: bool, as_json: bool) -> None:
    """Show what others tried and had no right to: who, what, and in which commit.

    None of it is in the vault. `vaultkit show --violation NUMBER` prints its content.
    """
    unseen = set(vault.violations(unseen=True))
    numbered = list(enumerate(vault.violations(), 1))
    found = [(number, one) for number, one in numbered if everything or one in unseen]
    if as_json:
        print_json([{"number": number, **one._asdict()} for number, one in found])
    elif not found:
        say("No violations." if everything else "No new violations.")
    else:
        for number, one in found:
            say(f"{number}. {name(one.path) or '(a whole commit)'}, by {one.agent}, {when(one.time)}")
            say(f"   {name(one.detail)} (rule {one.rule}, commit {one.commit[:10]})")
    if acknowledge:
        vault.acknowledge()
    sys.exit(NEEDS_A_PERSON if found and not acknowledge else 0)
