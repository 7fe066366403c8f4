"""`vaultkit resolve`: settle a conflict, or answer whether many deletions were meant."""

from __future__ import annotations

import sys
from typing import cast

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import complain, name, note_link, say
from vaultkit.cli.sync import exit_code
from vaultkit.errors import UsageError
from vaultkit.resolve import Keep
from vaultkit.vault import Vault


@click.command()
@click.argument("note", required=False)
@click.option("--keep", type=click.Choice(["mine", "theirs", "both"]), help="Whose words are to stand.")
@click.option("--done", is_flag=True, help="NOTE is as it should be: you edited it by hand.")
@click.option(
    "--deletions", type=click.Choice(["allow", "restore"]), help="Answer a deletion of many notes at once."
)
@with_vault
def resolve(vault: Vault, note: str | None, keep: str | None, done: bool, deletions: str | None) -> None:
    """Settle the conflict over NOTE, in one commit; NOTE may be the copy, too.

    `vaultkit conflicts` shows what is mine and what is theirs. With both, the copy becomes a note of its own
    beside NOTE. What is not kept stays in history. Or, without NOTE, answer with --deletions.
    """
    answers = [answer for answer in (keep, "done" if done else None, deletions) if answer]
    if len(answers) != 1 or (note is None) != bool(deletions):
        hint = "NOTE with --keep mine|theirs|both or --done; or --deletions allow|restore."
        raise UsageError("what is to be resolved, and how?", hint=hint)
    if note is None:
        _answer_deletions(vault, allowed=deletions == "allow")
    else:
        _settle(vault, note, cast("Keep", answers[0]))


def _settle(vault: Vault, note: str, keep: Keep) -> None:
    resolved = vault.resolve(note, keep)
    links = " and ".join(note_link(str(vault.root), path) for path in resolved.notes)
    say(f"resolved: {links or 'the note stays deleted'}; gone: {name(resolved.copy)}")
    tidy_up(vault, published=resolved.published)


def _answer_deletions(vault: Vault, *, allowed: bool) -> None:
    waiting = vault.deletions()
    count = len({*waiting.here, *waiting.there})
    report = vault.resolve_deletions("allow" if allowed else "restore")
    say(f"{'deleted' if allowed else 'kept'}: {count} notes")
    if report.error:
        complain(report.error.message, report.error.hint)
    tidy_up(vault)
    sys.exit(exit_code(report, vault))
