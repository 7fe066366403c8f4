"""How `vaultkit status` tells of hooks that failed, and how to run them again."""

from __future__ import annotations

from vaultkit.cli.output import name, note_link, say, since
from vaultkit.core.text.showing import show_count
from vaultkit.hooks_at_work import AtWork
from vaultkit.status import Status

NEVER_ENDS = (
    "if it never ends, end vaultkit (the second Ctrl-C ends it at once), then `vaultkit hooks disable {0}`"
)


def print_hooks(found: Status) -> None:
    for work in found.hooks_at_work:
        at = note_link(found.root, work.note) if work.note else "its time"
        say(f"\nHOOK: {name(work.hook)} is at work at {at} since {since(work.since)}{_behind(found, work)}")
        if work.plans:
            say(f"  {NEVER_ENDS.format(_module(work.hook))}")
    for failed in found.failed_hooks:
        at = note_link(found.root, failed.note) if failed.note else "its time"
        times = show_count(failed.tries, "time")
        say(f"\nHOOK: {name(failed.hook)} failed {times} at {at}: {name(failed.error)}")
        module = _module(failed.hook)
        drop = f", `vaultkit hooks drop {module}` drops it"
        then = "it is given up" if failed.given_up else "it is tried again"
        again = f"{then}; `vaultkit hooks retry {module}` runs it now{drop if failed.given_up else ''}"
        off = f"the hook is disabled; `vaultkit hooks enable {module}` tries it again{drop}"
        say(f"  {again if failed.enabled else off}")
    for trouble in found.hook_troubles:
        at = f" at {note_link(found.root, trouble.note)}" if trouble.note else ""
        state = "is OFF" if trouble.is_off else "could not do its part"
        failures = show_count(trouble.count, "failure")
        say(f"\nHOOK: {name(trouble.hook)} {state}: {failures} in a row, the last{at}:")
        say(f"  {name(trouble.error)}")
        say(f"  put it right, then `vaultkit hooks enable {_module(trouble.hook)}`")
    for module, problem in found.hook_problems.items():
        say(f"\nHOOK: {name(module)} is left out: {name(problem)}")


def until_when(work: AtWork) -> str:
    """How long a hook that is disabled may still go on."""
    if work.limit is None:
        return "until vaultkit is ended (the second Ctrl-C ends it at once)"
    return f"until {since(int(work.since + work.limit))} at the latest (the setting hook_limit)"


def _behind(found: Status, work: AtWork) -> str:
    """What has to wait for it."""
    if work.plans:
        return ", and the sync waits for it"
    return f"; behind it {show_count(found.queued_calls, 'call')} waiting" if found.queued_calls else ""


def _module(hook: str) -> str:
    return hook.partition(".")[0]
