"""`vaultkit audit`: the whole history judged anew."""

from __future__ import annotations

import sys

import click

from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import complain, name, print_json, say, spinner, when
from vaultkit.vault import AuditReport, Vault


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_vault
def audit(vault: Vault, as_json: bool) -> None:
    """Judge the whole history anew: agents, policies, claims, approvals, violations, and who signed them.

    It ends with whether that gives the tree this machine holds.
    """
    with spinner("judging every commit"):
        found = vault.audit()
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    sys.exit(0 if found.holds and not found.violations else NEEDS_A_PERSON if found.holds else 1)


def _print(found: AuditReport) -> None:
    say(f"founded by {found.founded[:10]}; {found.commits} commits since, up to {found.head[:10]}")
    for deed in found.deeds:
        say(f"{when(deed.time)}  {deed.commit[:10]}  {deed.signer}  {deed.kind}: {name(deed.what)}")
    for one in found.violations:
        where = name(one.path) or "(the whole commit)"
        what = f"VIOLATION ({one.rule}): {where}: {name(one.detail)}"
        say(f"{when(one.time)}  {one.commit[:10]}  {one.agent}  {what}")
    for agent, standing in found.agents.items():
        say(f"agent {agent}: {standing}")
    say(f"what counts is the tree {found.tree}")
    if found.holds:
        return say("This machine holds just that.")
    complain(
        f"this machine holds another one: {found.held}",
        "One of them was deceived. Keep this folder, join anew in another one, and compare.",
    )
    return None


def _as_json(found: AuditReport) -> dict[str, object]:
    return {
        "founded": found.founded,
        "head": found.head,
        "commits": found.commits,
        "tree": found.tree,
        "held": found.held,
        "holds": found.holds,
        "agents": found.agents,
        "deeds": [deed._asdict() for deed in found.deeds],
        "violations": [violation._asdict() for violation in found.violations],
    }
