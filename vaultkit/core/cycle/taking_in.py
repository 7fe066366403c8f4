"""Taking in what arrived: what counts of it, and the local commits replayed on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from vaultkit.core.cycle.authoring import make_commit
from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.protocol import Report
from vaultkit.core.cycle.terms import Terms
from vaultkit.core.cycle.tidings import tell_odd_words, tell_replayed
from vaultkit.core.git.tree import Commit, Oid, changes_between, find_file
from vaultkit.core.history.fold import Fold, policy_at
from vaultkit.core.history.incoming import fold_path, foreign_versions, standing_in
from vaultkit.core.history.takeover import is_in_vain
from vaultkit.core.history.ways import path_between
from vaultkit.core.merging.applying import Replayed
from vaultkit.core.merging.replay import bring_back, replay_commits
from vaultkit.core.merging.withdrawal import trees_without
from vaultkit.core.rules.commit_marks import takes_up
from vaultkit.core.rules.policy import Refusal


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The new branch, on top of what is published (`base`, where `tree` counts).

    `on_disk`: the tree that the disk is to hold; `refused`: the notes in it that this agent may not publish.
    `told`: what a person should know.
    """

    head: Oid
    base: Oid
    tree: Oid | None
    on_disk: Oid | None
    refused: Mapping[str, Refusal]
    told: tuple[Report, ...]


def fold_up_to(terms: Terms, branch: LocalBranch, base: Oid, head: Oid) -> Fold | None:
    """What counts at `head`; None if no way leads there. A vault that joins takes its start as it is."""
    objects, replica = terms.objects, branch.replica
    tree = replica.tree if base == replica.base else objects.commit(base).tree
    policy = policy_at(objects, tree)
    own = frozenset(branch.commits())
    path = path_between(objects, standing_in(policy, own), base, head)
    return None if path is None else fold_path(objects, base, tree, policy, path)


def must_replay(terms: Terms, branch: LocalBranch, stays: Set[str]) -> bool:
    """Is there something on the local branch that is not ours to publish, or not any more?"""
    local = branch.commits()
    commits = [terms.objects.commit(oid) for oid in local]
    if any(_is_not_to_be_sent(terms, commit) for commit in commits):
        return True
    trees = [commit.tree for commit in commits]
    return trees_without(terms.objects, branch.made_on(local), trees, stays) != trees


def take_in(
    terms: Terms,
    branch: LocalBranch,
    fold: Fold,
    sighted: Mapping[str, Oid],
    stays: Set[str],
    wanted: Sequence[str] = (),
) -> TakenIn:
    """Replay the local branch on `fold`; notes that others removed and that are `wanted` are brought back.

    `sighted` and `stays` are explained at `core.cycle.protocol.Replica`.
    """
    replayed = _replay(terms, branch, fold, sighted, stays)
    if terms.begun.deletions_refused:
        _bring_back(terms, branch, wanted, replayed)
    assert fold.commit is not None  # noqa: S101 - folding at least one commit sets it
    head = _say_what_counts(terms, branch, fold) if replayed.head == fold.commit else replayed.head
    told = (*tell_replayed(terms, replayed), *_tell_odd_arrivals(terms, branch, fold, replayed))
    return TakenIn(head, fold.commit, fold.tree, replayed.tree, replayed.refused, told)


def _is_not_to_be_sent(terms: Terms, commit: Commit) -> bool:
    return takes_up(commit, terms.identity) or is_in_vain(commit, terms.identity, terms.begun.nonce)


def _replay(
    terms: Terms, branch: LocalBranch, fold: Fold, sighted: Mapping[str, Oid], stays: Set[str]
) -> Replayed:
    local = branch.commits(beyond=fold.accepted.keys())
    return replay_commits(
        terms.objects,
        terms.identity,
        local,
        branch.made_on(local),
        fold,
        foreign_versions(terms.objects, terms.identity, fold, branch.replica.made_here, local),
        sighted,
        stays,
        terms.begun.nonce,
    )


def _tell_odd_arrivals(
    terms: Terms, branch: LocalBranch, fold: Fold, replayed: Replayed
) -> tuple[Report, ...]:
    changes = changes_between(terms.objects, branch.tree, replayed.tree)
    untold = {path: change for path, change in changes.items() if path not in replayed.unmoved}
    return tell_odd_words(terms, branch, fold.policy, untold, {})


def _say_what_counts(terms: Terms, branch: LocalBranch, fold: Fold) -> Oid:
    """After a merge that took in what a human agent's machine had not published, it says what counts.

    It alone knows which side was the published one; with that all replicas come to agree.
    """
    assert fold.commit is not None  # noqa: S101 - as above
    decides = branch.commits() and terms.identity.acts_as(fold.policy) in fold.policy.humans
    if not (fold.is_unclear and fold.tree and decides):
        return fold.commit
    subject = terms.begun.message or "settle what a merge left open"
    return make_commit(terms, fold.commit, fold.tree, subject, policy=fold.policy)


def _bring_back(terms: Terms, branch: LocalBranch, wanted: Sequence[str], replayed: Replayed) -> None:
    """A commit of our own on top, with the notes that others removed and a person wants to keep."""
    notes = {path: find_file(terms.objects, branch.replica.tree, path) for path in wanted}
    key = f"{terms.begun.nonce}-restored"
    bring_back(terms.objects, terms.identity, notes, terms.begun.time, key, replayed)
