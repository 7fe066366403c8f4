"""What a person should know of what arrived, and of what became of local commits on top of it."""

from __future__ import annotations

from collections.abc import Mapping

from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.protocol import Report
from vaultkit.core.cycle.terms import Terms
from vaultkit.core.git.changes import infer_moves
from vaultkit.core.git.message import read_trailer
from vaultkit.core.git.tree import Changes, Oid, find_file
from vaultkit.core.history.fold import Fold
from vaultkit.core.history.incoming import given_to
from vaultkit.core.history.status_moves import others_too
from vaultkit.core.merging.applying import Replayed
from vaultkit.core.rules.identity import CHANGE
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.odd_words import odd_words


def tell_fold(terms: Terms, fold: Fold) -> tuple[Report, ...]:
    """Who was heard, what they had no right to, and whether the policy is another one now."""
    heard = frozenset(fold.signers.values())
    violations = tuple(fold.violations)
    changed = fold.policy != terms.policy
    if not (heard or violations or changed):
        return ()
    renewed = any(_is_of_this_cycle(terms, oid) for oid in fold.accepted)
    return (Report(violations, (), terms.begun.time, heard, changed, given=given_to(fold), renewed=renewed),)


def tell_replayed(terms: Terms, replayed: Replayed) -> tuple[Report, ...]:
    """Conflict copies, moves of ours that others were before, and statuses that moved nothing."""
    return (*_conflicts(terms, replayed), *_unmoved(terms, replayed))


def tell_odd_words(
    terms: Terms, branch: LocalBranch, policy: Policy, changes: Changes, planned: Mapping[str, Oid]
) -> tuple[Report, ...]:
    """Statuses and owners that mean nothing; what was there before this vault was one is left alone."""
    if terms.begun.founding or branch.replica.head is None:
        return ()
    moves = infer_moves(changes, terms.objects.blob)
    odd = odd_words(terms.objects, policy, changes, moves, planned)
    return tuple(Report(told=told, about=key) for key, told in odd.items())


def _is_of_this_cycle(terms: Terms, oid: Oid) -> bool:
    commit = terms.objects.commit(oid)
    return read_trailer(commit.message, CHANGE) == terms.begun.nonce and terms.identity.made(commit)


def _conflicts(terms: Terms, replayed: Replayed) -> tuple[Report, ...]:
    conflicts, overruled = tuple(replayed.conflicts), tuple(replayed.overruled)
    if not (conflicts or overruled):
        return ()
    return (Report(conflicts=conflicts, time=terms.begun.time, overruled=overruled),)


def _unmoved(terms: Terms, replayed: Replayed) -> tuple[Report, ...]:
    found = {path: find_file(terms.objects, replayed.tree, path) for path in replayed.unmoved}
    told = {path: others_too(terms.objects.blob(oid)) for path, oid in found.items() if oid}
    return (Report(told=told),) if told else ()
