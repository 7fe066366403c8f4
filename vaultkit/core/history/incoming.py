"""What arrived: folding it, and telling a person's gesture from what another program pulled in.

git or obsidian-git may pull into the vault's folder behind vaultkit's back. What they bring has not
been judged, so it must not pass for something the person did here. Contents tell: where a path holds
exactly what some commit from elsewhere put there, that commit did it. Where the commit is known
before the disk is judged, the change is incoming at once (`brought_by`); where it turns out
later, it is taken out of the local commit again, if its signer had no right to it
(`foreign_versions`). What git committed on this machine is the person's own all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set

from vaultkit.core.git.tree import Changes, Objects, Oid
from vaultkit.core.history.fold import Fold, fold_commits
from vaultkit.core.history.versions import Versions
from vaultkit.core.history.ways import Standing, commits_beyond, is_below, is_readable, parents_of
from vaultkit.core.rules.identity import Identity, standing
from vaultkit.core.rules.policy import Policy


def standing_in(policy: Policy, unpublished: Set[Oid] = frozenset()) -> Standing:
    """How much a commit's signer counts for under `policy`; `unpublished` is what nobody else can know."""
    return lambda oid, commit: -1 if oid in unpublished else standing(commit, policy)


def fold_path(objects: Objects, base: Oid, tree: Oid | None, policy: Policy, path: Sequence[Oid]) -> Fold:
    """What counts after the commits of `path`, which begin after `base` with the effective `tree`."""
    return fold_commits(objects, Fold(base, tree, policy), path)


def brought_by(
    objects: Objects, identity: Identity, tip: Oid, known: Set[Oid], made_here: Set[Oid]
) -> frozenset[Oid] | None:
    """The commits from elsewhere at or below `tip`, but not below `known`.

    None if there are no such commits at all, which stays so for ever.
    """
    beyond = sorted(commits_beyond(objects, [tip], known))
    return frozenset(_from_elsewhere(objects, identity, beyond, made_here)) if beyond else None


def foreign_versions(
    objects: Objects, identity: Identity, fold: Fold, made_here: Set[Oid], local: Sequence[Oid]
) -> Versions:
    """The contents that folded commits from elsewhere gave to paths without having the right to.

    A merge that took in a commit of this machine (`local`) has its contents from there.
    """
    refused = refused_commits(objects, identity, fold, made_here)
    return Versions(objects, [oid for oid in refused if not _took_in(objects, oid, local)], fold.accepted)


def _took_in(objects: Objects, oid: Oid, local: Sequence[Oid]) -> bool:
    """Is it a merge with the oldest of the `local` commits below it?"""
    return bool(local) and len(objects.commit(oid).parents) > 1 and is_below(objects, local[0], oid)


def refused_commits(objects: Objects, identity: Identity, fold: Fold, made_here: Set[Oid]) -> list[Oid]:
    """The folded commits from elsewhere of which something does not count."""
    return _from_elsewhere(objects, identity, sorted(fold.refused), made_here)


def _from_elsewhere(
    objects: Objects, identity: Identity, commits: Iterable[Oid], made_here: Set[Oid]
) -> list[Oid]:
    """Without what was made on this machine: by vaultkit, whose key tells, or by git, whose log does."""
    readable = (oid for oid in commits if oid not in made_here and is_readable(objects, oid))
    return [oid for oid in readable if not identity.made(objects.commit(oid))]


def given_to(fold: Fold) -> frozenset[str]:
    """The agents into whose folders of tasks in progress something was put."""
    workflow, agents = fold.policy.workflow, fold.policy.agents
    new = (
        path for changes in fold.accepted.values() for path, change in changes.items() if change.old is None
    )
    return frozenset(holder for path in new if (holder := workflow.holder(path, agents)))


def removed_by(fold: Fold, paths: Collection[str]) -> str:
    """Who removed these notes, in words."""
    gone = set(paths)
    commits = (oid for oid, changes in fold.accepted.items() if _removes_any(changes, gone))
    return " and ".join(sorted({fold.signers.get(oid, "nobody known") for oid in commits})) or "the remote"


def _removes_any(changes: Changes, paths: Set[str]) -> bool:
    return any(change.new is None and path in paths for path, change in changes.items())


def way_lost(objects: Objects, base: Oid, head: Oid) -> str:
    """Why `head` does not follow from `base`, in words that go on from "the remote"."""
    if is_below(objects, head, base):
        return "was rewound to an earlier state"
    if commits_beyond(objects, [base], [head]) and _roots(objects, base) & _roots(objects, head):
        return "took another way: its history was rewritten after what was last seen there"
    return "holds another history, which has nothing to do with this vault's"


def _roots(objects: Objects, head: Oid) -> set[Oid]:
    """Where the history of `head` begins."""
    waiting, seen, roots = [head], {head}, set()
    while waiting:
        oid = waiting.pop()
        parents = parents_of(objects, oid)
        if not parents:
            roots.add(oid)
        waiting += [parent for parent in parents if parent not in seen]
        seen.update(parents)
    return roots
