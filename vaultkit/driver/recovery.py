"""Without a state file (lost, or damaged and set aside) the refs tell where we were."""

from __future__ import annotations

import json

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Fold
from vaultkit.core.history.incoming import refused_commits
from vaultkit.core.history.trust import fold_from
from vaultkit.core.history.ways import parents_of
from vaultkit.desk import Desk


def recover(desk: Desk, ref: Oid | None) -> None:
    """Put into the state what the branch at `ref` and the remote's last known head say, if it is empty."""
    if desk.state.get("head") or ref is None:
        return
    fold = _trusted_fold(desk)
    base, tree = (fold.commit, fold.tree) if fold else (None, None)
    desk.state.put(head=_newest_of_ours(desk, ref, base), base=base, tree=tree)
    if fold:
        distrust(desk, fold)


def distrust(desk: Desk, fold: Fold) -> None:
    """What another program may have checked out of refused commits is no gesture of anybody here.

    That holds until everything was looked at once, and put right.
    """
    refused = refused_commits(desk.objects, desk.identity, fold, desk.objects.made_here())
    desk.state.put(distrusted=json.dumps(refused) if refused else None)
    desk.state.report(fold.violations)


def _trusted_fold(desk: Desk) -> Fold | None:
    """What counts of what the remote was last seen to hold, judged anew from where trust begins."""
    objects, start = desk.objects, desk.trusted
    seen = objects.tracking()
    if not (start and seen and objects.contains(seen) and objects.contains(start)):
        return None
    return fold_from(objects, start, seen)


def _newest_of_ours(desk: Desk, ref: Oid, base: Oid | None) -> Oid | None:
    """The newest commit on the branch that was made here; another program may have moved it since."""
    at: Oid | None = ref
    while at and at != base and not desk.identity.made(desk.objects.commit(at)):
        at = next(iter(parents_of(desk.objects, at)), None)
    return at or base
