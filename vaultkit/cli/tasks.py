"""`vaultkit tasks`: what is to be done, who has it, and for how long."""

from __future__ import annotations

from dataclasses import asdict

import click

from vaultkit.cli.main import with_vault
from vaultkit.cli.output import name, note_link, print_json, say
from vaultkit.vault import Vault
from vaultkit.worklist import WorkItem

WORDS = {
    "needs_action": "to do",
    "in_progress": "in progress",
    "pending_approval": "waiting for approval",
    "approved": "approved",
}


@click.command()
@click.option("--mine", is_flag=True, help="Only what this machine's agent holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the tasks as JSON.")
@with_vault
def tasks(vault: Vault, mine: bool, as_json: bool) -> None:
    """List the tasks: stage, who has it, since when, and how long a claim still holds."""
    found = vault.worklist(mine=mine)
    if as_json:
        print_json([asdict(task) for task in found])
        return
    for task in found:
        say(f"{WORDS[task.stage]}: {note_link(str(vault.root), task.path)}{_details(task)}")
    if not found:
        say("No tasks.")


def _details(task: WorkItem) -> str:
    details = [name(task.holder or ""), f"for {_time(task.age)}" if task.age is not None else ""]
    if task.stage == "in_progress":
        details.append(lease_words(task))
    told = ", ".join(detail for detail in details if detail)
    return f" ({told})" if told else ""


def lease_words(task: WorkItem) -> str:
    """How long the claim of a task in progress still holds."""
    if task.lease is None:
        return "nobody takes it over"
    return f"lease {_time(task.lease)}" if task.lease > 0 else "its lease is over"


def _time(seconds: float) -> str:
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {word}"
    return f"{seconds:.0f} s"
