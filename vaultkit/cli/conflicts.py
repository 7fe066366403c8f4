"""`vaultkit conflicts`: the words that could not be merged and wait for a decision."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import name, note_link, print_json, say, when
from vaultkit.vault import OpenConflict, Vault


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_vault
def conflicts(vault: Vault, as_json: bool) -> None:
    """Show the open conflicts: which note, why, and where the words of either side are.

    `vaultkit resolve` settles one.
    """
    found = vault.conflicts()
    if as_json:
        print_json([asdict(conflict) for conflict in found])
    elif not found:
        say("No open conflicts.")
    for conflict in () if as_json else found:
        _print(vault, conflict)
    sys.exit(NEEDS_A_PERSON if found else 0)


def _print(vault: Vault, conflict: OpenConflict) -> None:
    root = str(vault.root)
    note = note_link(root, conflict.note) if conflict.is_there else f"{name(conflict.note)} (it is gone)"
    copy = f"{note_link(root, conflict.copy)} ({conflict.agent}, {when(conflict.time)})"
    mine, theirs = (copy, note) if conflict.mine == "copy" else (note, copy)
    say(f"{name(conflict.note)}: {name(conflict.reason)}")
    say(f"  mine:   {mine}")
    say(f"  theirs: {theirs}")
