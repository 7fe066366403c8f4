"""Making a commit: who, when, by what cycle, at whose request; and signing it."""

from __future__ import annotations

from collections.abc import Set

from vaultkit.core.cycle.terms import Terms
from vaultkit.core.git.message import add_trailer, author_line
from vaultkit.core.git.times import after
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.hooks.calls import with_marks
from vaultkit.core.rules.commit_marks import TAKES_UP
from vaultkit.core.rules.identity import ACTOR, CHANGE
from vaultkit.core.rules.policy import Policy


def make_commit(
    terms: Terms,
    on: Oid | None,
    tree: Oid,
    subject: str,
    *,
    policy: Policy | None = None,
    by_hook: str = "",
    touched: Set[str] = frozenset(),
) -> Oid:
    """A commit with `tree` on top of `on`. `by_hook`: the hook that caused it; `touched`: by hooks alone."""
    message = with_marks(subject, by_hook, touched)
    if terms.identity.actor:
        message = add_trailer(message, ACTOR, terms.identity.actor)
    message = add_trailer(message, CHANGE, terms.begun.nonce)
    return _put_commit(terms, on, tree, message, policy or terms.policy)


def commit_what_is_here(terms: Terms, on: Oid | None, tree: Oid) -> Oid:
    """A commit that says only what an interrupted merge left on the disk."""
    message = add_trailer("take up what a sync began to write", TAKES_UP, terms.begun.nonce)
    return _put_commit(terms, on, tree, message, terms.policy)


def _put_commit(terms: Terms, on: Oid | None, tree: Oid, message: str, policy: Policy) -> Oid:
    now = terms.begun.time
    time = after(terms.objects.commit(on).time, now) if on else now
    commit = Commit(tree, (on,) if on else (), author_line(terms.identity.agent), time, message)
    return terms.objects.put_commit(terms.identity.sign(commit, policy))
