"""`vaultkit status`: what a person would want to know."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import asdict

import click

from vaultkit.cli.held import way_out
from vaultkit.cli.hook_trouble import print_hooks
from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import ago, name, note_link, print_json, say
from vaultkit.cli.tasks import lease_words
from vaultkit.cli.waiting import ANSWER, gone_here, words_for
from vaultkit.core.rules.staying import LEFT, LOCAL, STILL_IN_HISTORY
from vaultkit.core.telling.board import DASHBOARD
from vaultkit.core.text.showing import show_count
from vaultkit.report import words_of
from vaultkit.status import Status
from vaultkit.vault import Vault

HEADLINES = {
    "pending_approval": "waiting for your approval",
    "needs_action": "to do",
    "in_progress": "in progress",
    "approved": "approved, not done yet",
}
MOST_NAMES = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_vault
def status(vault: Vault, as_json: bool) -> None:
    """Show where things stand: sync, tasks, approvals, and what needs you."""
    found = vault.status()
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    sys.exit(NEEDS_A_PERSON if found.needs_person else 0)


def _print(found: Status) -> None:
    _print_sync(found)
    for stage, headline in HEADLINES.items():
        _print_list(found, headline, found.stages.get(stage, []))
    _print_leases(found)
    _print_trouble(found)
    _print_conflicts(found)
    _print_deletions(found)
    _print_staying(found)
    _print_held(found)
    if not found.needs_person:
        _print_end(found)


def _print_end(found: Status) -> None:
    drafts = len(found.stages.get("pending_approval", ())) if found.human else 0
    decide = f"\nNothing is wrong; {show_count(drafts, 'draft')} for you to decide."
    say(decide if drafts else "Nothing needs you.")


def _print_sync(found: Status) -> None:
    say(f"{found.root}: {found.agent}{' (human)' if found.human else ''}")
    if found.remote is None:
        say("No remote: this vault stays on this machine.")
    elif found.last_error:
        say(f"Not in step since {ago(found.last_sync)}: {found.last_error}")
    else:
        say(f"In step with {found.remote}: {ago(found.last_sync)}.")
    if found.ahead:
        say(f"{show_count(found.ahead, 'local commit')} not published yet.")
    say("`vaultkit watch` is running." if found.watching else "`vaultkit watch` is not running here.")


def _print_list(found: Status, headline: str, paths: list[str]) -> None:
    if not paths:
        return
    say(f"\n{len(paths)} {headline}:")
    for path in paths[:MOST_NAMES]:
        say(f"  {note_link(found.root, path)}")
    if len(paths) > MOST_NAMES:
        say(f"  and {len(paths) - MOST_NAMES} more")


def _print_leases(found: Status) -> None:
    if found.leases:
        say("\nClaims:")
    for task in found.leases:
        say(f"  {name(task.holder or 'nobody')} holds {name(task.path)}: {lease_words(task)}")
    for one in found.overruled:
        say(f"\nUNDONE: {name(words_of(one))}")


def _print_trouble(found: Status) -> None:
    if not found.trusted:
        say("\nUNTRUSTED: nothing this machine does counts until the person's machine trusts its key:")
        say("  `vaultkit agents show` here prints the line for `vaultkit agents add` there")
    for agent, seconds in found.silent.items():
        say(f"\nSILENT: nothing signed by {agent} has arrived for {seconds // 3600} hours:")
        say("  it is down, or the remote withholds what it publishes (shows an old state)")
    for violation in found.violations:
        where = name(violation.path) or "a whole commit"
        rule = f"(rule {violation.rule}, commit {violation.commit[:10]})"
        say(f"\nREFUSED on arrival: {where}: {violation.agent}: {name(violation.detail)} {rule}")
    if found.violations:
        say("  see `vaultkit violations`; nothing of it is in the vault")
    print_hooks(found)
    for path, reason in found.broken.items():
        say(f"\nFRONTMATTER: {note_link(found.root, path)}: {reason}; it syncs, but drives nothing")
    if found.page_problem:
        say(f"\nDASHBOARD: {note_link(found.root, DASHBOARD)}, {name(found.page_problem)}")
        say("  mend the marked lines, or take them out; until then it is not brought up to date")
    for gap in found.zone_gaps:
        say(f"\nZONES: {name(gap)}")
    _print_odd_words(found)


def _print_odd_words(found: Status) -> None:
    for path, reason in found.unmoved.items():
        say(f"\nSTATUS: {note_link(found.root, path)}: {name(reason)}")
    for path, reason in found.unowned.items():
        say(f"\nOWNER: {note_link(found.root, path)}: {name(reason)}")


def _print_conflicts(found: Status) -> None:
    for path, copy, reason, _ in found.conflicts:
        say(f"\nCONFLICT: {name(path)}: {name(reason)}; the other words are in {note_link(found.root, copy)}")
    if found.conflicts:
        say("  see `vaultkit conflicts`; `vaultkit resolve` settles them")


def _print_deletions(found: Status) -> None:
    waiting = found.deletions
    if waiting.here:
        say(f"\nWAITING: {gone_here(waiting.here)}; they are still everywhere else")
    if waiting.there:
        say(f"\nWAITING: {words_for(name(waiting.told), waiting.there)}; they are still here")
    if waiting:
        say(f"  {ANSWER}")


def _print_staying(found: Status) -> None:
    staying = [held for held in found.held if held.rule == LOCAL]
    _print_list(found, "kept on this machine (zone: local)", [held.path for held in staying])
    for held in [held for held in staying if held.detail == LEFT.detail][:MOST_NAMES]:
        say(f"  {name(held.path)}: {STILL_IN_HISTORY.format(name(held.path))}")


def _print_held(found: Status) -> None:
    quiet: dict[str, list[str]] = defaultdict(list)
    waiting = set(found.deletions.here)
    for held in (held for held in found.held if held.path not in waiting and held.rule != LOCAL):
        if held.quiet and held.rule != "secret-name":
            quiet[held.rule].append(held.path)
        else:
            say(f"\nHELD: {note_link(found.root, held.path)}: {held.detail} (rule {held.rule})")
            if words := way_out(held.path, held.rule, held.detail, is_shared=held.base is not None):
                say(f"  {words}")
    for rule, paths in quiet.items():
        names = ", ".join(map(name, paths[:3])) + (" ..." if len(paths) > 3 else "")
        say(f"\n{len(paths)} not synced (rule {rule}): {names}")


def _as_json(found: Status) -> dict[str, object]:
    data = asdict(found)
    data["held"] = [held._asdict() for held in found.held]
    data["failed_hooks"] = [failed._asdict() for failed in found.failed_hooks]
    data["hooks_at_work"] = [work._asdict() for work in found.hooks_at_work]
    data["violations"] = [violation._asdict() for violation in found.violations]
    names = ("path", "copy", "reason", "time")
    data["conflicts"] = [dict(zip(names, conflict, strict=True)) for conflict in found.conflicts]
    data["overruled"] = [one._asdict() for one in found.overruled]
    data["needs_person"] = found.needs_person
    return data
