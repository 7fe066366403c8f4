"""`vaultkit hooks`: which hooks this machine runs; trying them, switching them on and off, running them."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from vaultkit.cli.hook_trouble import until_when
from vaultkit.cli.main import NEEDS_A_PERSON, with_vault
from vaultkit.cli.output import complain, name, note_link, print_json, say, since
from vaultkit.core.text.showing import show_count
from vaultkit.hook_status import WaitingCall
from vaultkit.hook_trial import HookTrial
from vaultkit.hooks_here import HookInfo
from vaultkit.vault import Vault

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
DROP = "`vaultkit hooks drop {0}` drops it"
WHY = {
    "": "queued",
    "disabled": f"the hook is disabled; `vaultkit hooks enable {{0}}` makes it, {DROP}",
    "off": f"the hook is OFF; `vaultkit hooks enable {{0}}` makes it, {DROP}",
    "given up": f"given up; `vaultkit hooks retry {{0}}` makes it, {DROP}",
}


@click.group()
def hooks() -> None:
    """The hooks of this machine: what reacts to moves, new and edited notes."""


def _at(vault: Vault, call: WaitingCall) -> str:
    return f"for {note_link(str(vault.root), call.note)}" if call.note else "at its time"


def _how_far(call: WaitingCall) -> str:
    """What becomes of a call, or that it is being made."""
    why = WHY[call.why].format(call.hook.partition(".")[0])
    if call.since is None:
        return why
    return f"running since {since(call.since)}{f'; {why}' if call.why else ''}"


@hooks.command("list")
@AS_JSON
@with_vault
def list_hooks(vault: Vault, as_json: bool) -> None:
    """Show the enabled hooks in their order, and the others there are."""
    found = vault.hooks.all()
    if as_json:
        return print_json([asdict(info) for info in found])
    for info in found:
        _print(info)
    return None


def _print(info: HookInfo) -> None:
    turn = f"{info.order}." if info.order else "  "
    say(f"{turn} {name(info.name)} ({info.source}){': ' if info.about else ''}{name(info.about)}")
    for function, what in info.functions.items():
        say(f"     {name(function)}: {name(what)}")
    if info.problem:
        say(f"     CANNOT BE USED: {name(info.problem)}")
    for trouble in info.troubles:
        state = "OFF" if trouble.is_off else "FAILED"
        say(f"     {state}: {name(trouble.hook)}, {trouble.count} in a row, last: {name(trouble.error)}")
    if info.waiting:
        say(f"     {show_count(info.waiting, 'call')} waiting")


@hooks.command()
@click.argument("name")
@with_vault
def new(vault: Vault, name: str) -> None:
    """Write a commented template for a hook of your own, NAME. It does nothing before you enable it."""
    say(f"{vault.hooks.new(name)}")
    say(f"Edit it, try it with `vaultkit hooks test`, then `vaultkit hooks enable {name}`.")


@hooks.command()
@click.argument("name")
@with_vault
def enable(vault: Vault, name: str) -> None:
    """Let the hook NAME run on this machine, after the others; or switch it on again after failures.

    A stock hook that was disabled gets its turn among the stock ones back.
    """
    vault.hooks.enable(name)
    say(f"{name} is enabled; a `vaultkit watch` that runs takes it up by itself.")


@hooks.command()
@click.argument("name")
@with_vault
def disable(vault: Vault, name: str) -> None:
    """Do not let the hook NAME run any more."""
    waiting = vault.hooks.disable(name)
    say(f"{name} is disabled.")
    for work in vault.hooks_at_work():
        if work.hook.partition(".")[0] == name:
            say(f"{work.hook} is still at work, since {since(work.since)}; it goes on {until_when(work)}.")
    if waiting:
        calls = show_count(waiting, "call")
        say(f"{calls} waiting until it is enabled again; `vaultkit hooks drop {name}` drops that.")


@hooks.command()
@AS_JSON
@with_vault
def waiting(vault: Vault, as_json: bool) -> None:
    """Show the calls that are not made yet, and those that nobody makes unless you say so."""
    found = vault.waiting_calls()
    if as_json:
        return print_json([call._asdict() for call in found])
    for call in found:
        say(f"{name(call.hook)} {_at(vault, call)}: {_how_far(call)}")
    if not found:
        say("No call is waiting.")
    return None


@hooks.command()
@click.argument("name")
@click.argument("note", required=False, default="")
@with_vault
def drop(vault: Vault, name: str, note: str) -> None:
    """Never make the calls of the hook NAME that wait for you: those for NOTE, or all."""
    for call in vault.drop_calls(name, note):
        say(f"dropped: {call.hook} {_at(vault, call)}")


@hooks.command()
@click.argument("name", required=False)
@with_vault
def retry(vault: Vault, name: str | None) -> None:
    """Run again what failed: of the hook NAME, or all. What a hook did in part may be done twice."""
    count = vault.hooks.ask_again(name)
    report = vault.run_jobs()
    say(f"{show_count(count, 'call')} to run again, {report.done} done.")
    for problem in report.problems:
        complain(problem)
    vault.refresh_git()
    sys.exit(NEEDS_A_PERSON if report.problems else 0)


@hooks.command()
@click.argument("note")
@click.argument("src", metavar="FROM")
@click.argument("dst", metavar="TO")
@click.option("--with", "module", metavar="NAME", help="Also this hook, which is not enabled yet.")
@AS_JSON
@with_vault
def test(vault: Vault, note: str, src: str, dst: str, module: str | None, as_json: bool) -> None:
    """Show what would run if NOTE went FROM one folder TO another. Changes nothing.

    FROM and TO are stages (pending_approval), folders or paths; FROM - is a new note, and the same twice an
    edited one.
    """
    trial = vault.try_hooks(note, src, dst, module=module)
    if as_json:
        ran = [{"hook": hook, "error": error} for hook, error in trial.ran]
        print_json({**asdict(trial), "ran": ran})
    else:
        _print_trial(vault, trial)
    sys.exit(NEEDS_A_PERSON if any(error for _, error in trial.ran) else 0)


def _print_trial(vault: Vault, trial: HookTrial) -> None:
    for hook, error in trial.ran:
        say(f"plans: {name(hook)}{f' FAILS: {name(error)}' if error else ''}")
    for path, diff in trial.edits.items():
        refused = " (this agent may not write there, so it stays)" if path in trial.refused else ""
        say(f"edits {note_link(str(vault.root), path)}{refused}")
        for line in diff.splitlines():
            say(f"  {line}")
    for hook in trial.acting:
        say(f"acts afterwards: {name(hook)}")
    if not (trial.ran or trial.acting):
        say("No enabled hook is called for that.")
