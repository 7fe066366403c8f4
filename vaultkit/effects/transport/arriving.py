"""Has everything arrived that the new commits need?

A ref may point at what was not delivered: a remote on a synced folder may be behind, two writers may
race, and a hostile one may name whatever it likes. A missing commit always means: try again. Missing
folders and files mean that too at first; but somebody who pushed such a commit on purpose must not
stop the sync for ever. So a head that stays incomplete for several tries and some time is taken as
it is: what is missing counts as missing, and whoever reads it refuses those paths.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from vaultkit.core.git.budget import OverBudget
from vaultkit.core.git.reachable import Needed, new_below, new_commits
from vaultkit.core.git.tree import Oid
from vaultkit.effects.transport.patience import Patience
from vaultkit.effects.transport.sending import needed_objects
from vaultkit.errors import Incomplete
from vaultkit.ports import Lookup

NOTHING = Oid("0" * 40)


class LeftOut:
    """What was left out on purpose because it is too large: by name, or so many that nobody can name."""

    def __init__(self, is_large: Callable[[Oid], bool], unnamed: int = 0) -> None:
        self._is_large = is_large
        self._unnamed = unnamed
        self._explained: set[Oid] = set()

    def explains(self, oid: Oid) -> bool:
        """Is the missing object one of them?"""
        if self._is_large(oid):
            return True
        self._explained.add(oid)
        return len(self._explained) <= self._unnamed


def check_arrived(
    objects: Lookup,
    head: Oid,
    known: Sequence[Oid],
    left_out: LeftOut,
    patience: Patience,
    boundary: Collection[Oid] = (),
) -> bool:
    """Raise Incomplete unless all between `known` and `head` can be read (True), or the patience is over.

    In a first fetch, with nothing known, it is all commits and what the newest of them needs. Where
    looking on would cost more than it is worth, what was not looked at is taken for complete.
    """
    try:
        commits = new_commits(objects, head, known, boundary)
    except KeyError as error:
        raise Incomplete("the remote named a commit that it did not deliver", hint="Try again.") from error
    needed = needed_objects(objects, commits) if known else _whole_tree(objects, head)
    if _is_complete(objects, needed, left_out):
        return True
    if patience.is_over(head):
        return False
    raise Incomplete("the remote named something it did not deliver", hint="Try again.")


def _whole_tree(objects: Lookup, head: Oid) -> Iterator[Needed]:
    return new_below(objects, objects.commit(head).tree, None, set())


def _is_complete(objects: Lookup, needed: Iterable[Needed], left_out: LeftOut) -> bool:
    """What is there and is no folder, or no file, will never be one: waiting is only for what is missing."""
    try:
        return all(
            (it.is_folder and it.is_readable) or is_there(objects, it.oid) or left_out.explains(it.oid)
            for it in needed
        )
    except OverBudget:
        return True


def is_there(objects: Lookup, oid: Oid) -> bool:
    """Is there an object of that hash, of whatever kind? Nothing has the hash that is all zeros."""
    try:
        return oid == NOTHING or bool(objects.kind(oid))
    except KeyError:
        return False
