"""The notes that may not leave: which they are, and what history had when each was held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from vaultkit.core.cycle.outgoing import Outgoing
from vaultkit.core.cycle.protocol import Hold, Replica
from vaultkit.core.git.tree import Changes, Objects, Oid, changes_between, find_file
from vaultkit.core.naming.conflict_copies import is_beside
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.policy import Refusal
from vaultkit.core.rules.staying import LEFT, LOCAL

BY_OTHERS = frozenset({"move", "collision", "superseded", "status", "take-over", "owner", "zone"})
"""The rules by which a note is held as long as others, or its own other place, are as they are."""

MOST_WAITING = 50
"""So many held notes are looked at together with any other; of more, a look at everything tells."""


class HeldNotes:
    """What is held in the course of one cycle, beginning with what was held before it.

    `paths` are not to be written to. `bases`: what history had at each path when it was held. `stays`: those
    that are held because they say so themselves. `waits`: those of which other notes may decide whether they
    still are; whoever looks at some notes looks at these too. `dragged`: the places that a note has left for
    one where it may not be.
    """

    def __init__(self, replica: Replica, agent: str) -> None:
        self._agent = agent
        self.paths: Set[str] = frozenset(replica.held)
        self.bases: Mapping[str, Oid | None] = replica.held
        self.stays: Set[str] = frozenset(replica.stays)
        self.waits: Set[str] = frozenset(replica.waits)
        self.dragged: Set[str] = frozenset()

    def hold(self, outgoing: Outgoing, *, complete: bool) -> Hold:
        """What is held from now on, also for a further look in this cycle. `complete`: all was looked at."""
        held = {path: base for path, (_, base) in outgoing.held.items()}
        release = frozenset(outgoing.same | outgoing.accepted.keys() | outgoing.arrived.keys()) - held.keys()
        known = frozenset[str]() if complete else self.paths - release
        self.paths = known | held.keys()
        staying = {path for path, (why, _) in outgoing.held.items() if why.rule == LOCAL}
        self.stays = (self.stays - release - held.keys()) | staying
        waiting = waiting_among((path, why.rule) for path, (why, _) in outgoing.held.items())
        self.waits = (self.waits & self.paths - held.keys()) | waiting
        dragged = {path for path, (why, base) in outgoing.held.items() if why.rule == "move" and base}
        self.dragged = (self.dragged & self.paths - held.keys()) | dragged
        before = {} if complete else self.bases
        self.bases = {path: base for path, base in before.items() if path not in release} | held
        return Hold(outgoing.held, release, complete)

    def leave(self, withdrawn: Set[str]) -> tuple[Hold, ...]:
        """History has nothing at these paths any more; what others put there from now on is another note."""
        if not withdrawn:
            return ()
        self.bases = dict(self.bases) | dict.fromkeys(withdrawn)
        return (Hold(dict.fromkeys(withdrawn, (LEFT, None)), frozenset(), False, frozenset(withdrawn)),)

    def may_go_now(self, objects: Objects, before: Oid | None, after: Oid | None) -> bool:
        """Is a name free now that a held note waited for? That note may go in this same cycle."""
        old, new = (Names(objects, tree) for tree in (before, after))
        return any(old.collision(path) and not new.collision(path) for path in self.bases)

    def to_judge_again(self, objects: Objects, before: Oid | None, after: Oid | None) -> frozenset[str]:
        """The held notes to look at once more: others changed theirs, or a place is free now."""
        changes = changes_between(objects, before, after) if self.bases else {}
        theirs = (changes.keys() & self.bases.keys()) | self.renamed(changes)
        return frozenset(theirs | self.waits) if theirs or is_room_made(changes) else frozenset()

    def renamed(self, changes: Changes) -> frozenset[str]:
        """The new names that a merge, which makes `changes`, gives to notes of ours that were `dragged` away.

        There is nothing to be renamed on the disk: written there, the note would be in two places.
        """
        gone = {path: changes[path].old for path in self.dragged & changes.keys()}
        came = [(path, change.new) for path, change in changes.items() if not change.old and gone]
        return frozenset(
            new for new, oid in came for old in gone if oid == gone[old] and is_beside(new, old, self._agent)
        )

    def refuse(
        self, objects: Objects, head_tree: Oid | None, refused: Mapping[str, Refusal]
    ) -> tuple[Hold, ...]:
        """Results of a merge that this agent may not publish; they stay on the disk as they are."""
        if not refused:
            return ()
        self.paths = self.paths | refused.keys()
        held = {path: (why, find_file(objects, head_tree, path)) for path, why in refused.items()}
        return (Hold(held, frozenset(), complete=False),)


def is_room_made(changes: Changes) -> bool:
    """Did a note leave its place?"""
    return any(change.new is None for change in changes.values())


def waiting_among(rules: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The held notes, of (path, rule), of which others decide whether they still are; none of very many."""
    found = frozenset(path for path, rule in rules if rule in BY_OTHERS)
    return found if len(found) <= MOST_WAITING else frozenset()
