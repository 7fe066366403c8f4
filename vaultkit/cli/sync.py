"""`vaultkit sync`: one cycle."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from vaultkit.cli.held import way_out
from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import complain, name, note_link, print_json, say
from vaultkit.cli.waiting import ANSWER, gone_here
from vaultkit.core.cycle.mass_deletion import MASS_DELETION
from vaultkit.core.rules.staying import told_once
from vaultkit.core.rules.zone_gaps import zone_gaps
from vaultkit.core.text.showing import show_count
from vaultkit.report import SyncReport, words_of
from vaultkit.vault import Vault

UNTOLD = ("error", "look_again", "key", "resting")
MOST_NAMES = 50


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--allow-deletions", is_flag=True, help="Yes, that many notes were meant to be deleted.")
@with_vault
def sync(vault: Vault, as_json: bool, allow_deletions: bool) -> None:
    """Send what changed here, take in what changed elsewhere, once."""
    vault.recover()
    report = sync_until_settled(vault, allow_deletions)
    vault.refresh_git()
    for problem in vault.run_jobs().problems:
        complain(problem)
    if as_json:
        print_json(_as_json(report))
    else:
        _print(vault, report)
    sys.exit(exit_code(report, vault))


def sync_until_settled(vault: Vault, deletions_allowed: bool) -> SyncReport:
    """Look again if another git program moved the branch just then, or a new policy came in."""
    report = vault.sync(deletions_allowed=deletions_allowed)
    if report.ending != "moved" and not report.policy_changed:
        return report
    again = vault.sync(deletions_allowed=deletions_allowed)
    return again.after(report)


def exit_code(report: SyncReport, vault: Vault) -> int:
    """0, or why not: the remote's failure first, then what waits for a person."""
    if report.error:
        return report.error.exit_code
    if report.ending == "waiting" or report.held or report.violations or report.conflicts:
        return NEEDS_A_PERSON
    return 0 if report.in_step else 1


def _print(vault: Vault, report: SyncReport) -> None:
    if report.commits:
        is_sent = report.in_step and vault.machine.remote
        say(f"{'sent' if is_sent else 'committed here'}: {show_count(report.commits, 'commit')}")
    _print_received(vault, report.written)
    for violation in report.violations:
        where = name(violation.path) or "a whole commit"
        why = f"{name(violation.detail)} (rule {violation.rule}, commit {violation.commit[:10]})"
        say(f"refused: {where} by {violation.agent}: {why}")
    for conflict in report.conflicts:
        copy = note_link(str(vault.root), conflict.copy)
        say(f"conflict: {name(conflict.path)}: {conflict.reason}; the other words are in {copy}")
    _print_undone(report)
    _print_held(report)
    for problem in (*report.problems, *zone_gaps(vault.policy)):
        complain(problem)
    _print_ending(vault, report)


def _print_received(vault: Vault, paths: list[str]) -> None:
    for path in paths[:MOST_NAMES]:
        is_there = (vault.root / path).exists()
        say(f"received: {note_link(str(vault.root), path)}" if is_there else f"gone: {name(path)}")
    if len(paths) > MOST_NAMES:
        say(f"received: {len(paths) - MOST_NAMES} more")


def _print_held(report: SyncReport) -> None:
    for path in report.withdrawn:
        say(told_once(name(path)))
    gone = [held.path for held in report.held if held.rule == MASS_DELETION]
    if gone:
        complain(gone_here(gone), ANSWER)
    for held in (held for held in report.held if held.rule != MASS_DELETION):
        way = way_out(held.path, held.rule, held.detail, is_shared=held.base is not None)
        complain(f"held: {name(held.path)}: {held.detail} (rule {held.rule})", way)


def _print_undone(report: SyncReport) -> None:
    for one in report.overruled:
        say(f"undone: {name(words_of(one))}")


def _print_ending(vault: Vault, report: SyncReport) -> None:
    if report.error:
        complain(report.error.message, report.error.hint)
    elif report.ending == "waiting":
        complain(report.detail, ANSWER)
    elif report.in_step:
        say(
            "in step"
            if vault.machine.remote
            else "committed; there is no remote (see `vaultkit init --remote`)"
        )
    else:
        complain(report.detail or report.ending, "Run `vaultkit sync` again.")


def _as_json(report: SyncReport) -> dict[str, object]:
    data = {key: value for key, value in asdict(report).items() if key not in UNTOLD}
    data["held"] = [held._asdict() for held in report.held]
    data["violations"] = [violation._asdict() for violation in report.violations]
    data["conflicts"] = [conflict._asdict() for conflict in report.conflicts]
    data["overruled"] = [one._asdict() for one in report.overruled]
    data["error"] = report.error.message if report.error else None
    return data
