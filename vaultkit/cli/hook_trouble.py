"""How `vaultkit status` tells of hooks that failed, and how to run them again."""

from __future__ import annotations

from vaultkit.cli.output import name, note_link, say
from vaultkit.status import Status


def print_hooks(found: Status) -> None:
    for failed in found.failed_hooks:
        at = note_link(found.root, failed.note) if failed.note else "its time"
        say(f"\nHOOK: {name(failed.hook)} failed {failed.tries} time(s) at {at}: {name(failed.error)}")
        module = _module(failed.hook)
        drop = f", `vaultkit hooks drop {module}` drops it"
        then = "it is given up" if failed.given_up else "it is tried again"
        again = f"{then}; `vaultkit hooks retry {module}` runs it now{drop if failed.given_up else ''}"
        off = f"the hook is disabled; `vaultkit hooks enable {module}` tries it again{drop}"
        say(f"  {again if failed.enabled else off}")
    for trouble in found.hook_troubles:
        at = f" at {note_link(found.root, trouble.note)}" if trouble.note else ""
        state = "is OFF" if trouble.is_off else "could not do its part"
        say(f"\nHOOK: {name(trouble.hook)} {state}: {trouble.count} failure(s) in a row, the last{at}:")
        say(f"  {name(trouble.error)}")
        say(f"  put it right, then `vaultkit hooks enable {_module(trouble.hook)}`")
    for module, problem in found.hook_problems.items():
        say(f"\nHOOK: {name(module)} is left out: {name(problem)}")


def _module(hook: str) -> str:
    return hook.partition(".")[0]
