"""`vaultkit log`: what counted, newest first, of the vault or of one note."""

from __future__ import annotations

from itertools import islice

import click

from vaultkit.cli.main import with_vault
from vaultkit.cli.output import name, print_json, say, when
from vaultkit.vault import LogEntry, Vault

MOST_DEEDS = 5


@click.command()
@click.argument("note", required=False)
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="How many commits; 0 for all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_vault
def log(vault: Vault, note: str | None, number: int, as_json: bool) -> None:
    """Show what happened in the vault, or to NOTE: when, in which commit, by whom, and what.

    Only what counted: what was refused is in `vaultkit violations`. A note is followed through its
    renames, and may be gone.
    """
    history = vault.history(note)
    found = list(islice(history, number or None))
    if as_json:
        return print_json([_as_json(entry) for entry in found])
    for entry in found:
        _print(entry)
    if next(history, None):
        say(f"and older ones; `vaultkit log -n {2 * number}` shows more")
    return None


def _print(entry: LogEntry) -> None:
    deeds = [_words(deed.kind, deed.src, deed.path) for deed in entry.deeds]
    more = [f"and {len(deeds) - MOST_DEEDS} more"] if len(deeds) > MOST_DEEDS else []
    mark = "" if entry.published else " (not published yet)"
    who = f"{entry.signer} ({name(entry.actor)})" if entry.actor else entry.signer
    head = f"{when(entry.time)}  {entry.commit[:10]}  {who}{mark}  "
    for line in (*deeds[:MOST_DEEDS], *more):
        say(head + line)
        head = " " * len(head)


def _words(kind: str, src: str, path: str) -> str:
    return f"{kind}: {name(src)} -> {name(path)}" if src else f"{kind}: {name(path)}"


def _as_json(entry: LogEntry) -> dict[str, object]:
    return {
        "commit": entry.commit,
        "time": entry.time,
        "signer": entry.signer,
        "actor": entry.actor,
        "message": entry.message,
        "published": entry.published,
        "deeds": [deed._asdict() for deed in entry.deeds],
    }
