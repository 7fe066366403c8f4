"""Letting planning hooks edit the draft of a commit.

A hook that fails leaves no trace, is told, and never stops the commit. One that fails again and again is
left out for the rest: ten thousand notes that are dropped at once are not ten thousand complaints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from vaultkit.core.git.tree import Objects, Oid
from vaultkit.core.history.status_moves import wants_to_be_left_alone
from vaultkit.core.hooks.draft import Draft
from vaultkit.core.hooks.hook import Hook, planning
from vaultkit.core.hooks.occasions import HookTick, Occasion

MOST_FAILURES = 5
"""In a row and in one commit; then the hook is left out."""

Called = Callable[[Hook, Occasion, Callable[[], None]], BaseException | None]
"""Calls a hook and says what went wrong, if anything did; whoever watches over hooks does it."""


def call_plainly(_: Hook, __: Occasion, work: Callable[[], None]) -> BaseException | None:
    """Call a hook, and nothing more."""
    try:
        work()
    except (Exception, SystemExit) as error:
        return error
    return None


def plan_edits(
    objects: Objects,
    hooks: Sequence[Hook],
    tree: Oid,
    occasions: Iterable[Occasion],
    call: Called = call_plainly,
    *,
    by_hook: bool = False,
) -> dict[str, Oid]:
    """What planning hooks make of the draft of `tree`: path to new content.

    `by_hook`: a hook is what caused the commit, so only those that want to be called again are.
    """
    draft, failures = Draft(objects, tree), Counter[str]()
    for occasion in occasions:
        wanted = planning(hooks, occasion, by_hook=by_hook)
        for hook in wanted if wanted and not is_left_alone(objects, occasion) else ():
            if failures[hook.name] < MOST_FAILURES:
                is_well = _plan(draft, hook, occasion, call)
                failures[hook.name] = 0 if is_well else failures[hook.name] + 1
    return draft.edits()


def is_left_alone(objects: Objects, occasion: Occasion) -> bool:
    """Is it about a note that no hook is to see?"""
    return not isinstance(occasion, HookTick) and wants_to_be_left_alone(objects.blob(occasion.oid))


def _plan(draft: Draft, hook: Hook, occasion: Occasion, call: Called) -> bool:
    draft.begin()
    error = call(hook, occasion, lambda: hook.call(occasion, draft=draft))
    if error:
        draft.take_back()
    return error is None
