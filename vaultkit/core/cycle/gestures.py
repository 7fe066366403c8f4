"""What people and agents did here: judged, look after look, until it is clear what is to be committed.

What may not leave is held. An edited status is to move its note. What somebody may still be at is left alone,
unless what others did to the same notes cannot wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from operator import attrgetter

from vaultkit.core.cycle.dragged import Targets
from vaultkit.core.cycle.held_notes import HeldNotes
from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.mass_deletion import hold_mass_deletion, removals_of_many
from vaultkit.core.cycle.outgoing import Outgoing, judge_sightings, judge_the_rest
from vaultkit.core.cycle.protocol import Action, Leave, Observed, Report
from vaultkit.core.cycle.terms import Terms
from vaultkit.core.cycle.unfinished import fresh_decisions, half_seen, may_go_ahead
from vaultkit.core.git.changes import Move, infer_moves
from vaultkit.core.history.status_moves import StatusMoves, moves_by_status
from vaultkit.core.history.versions import Versions

Actions = tuple[Action, ...]


class Gestures:
    """Judges what each look shows. `held`: what may not leave, as far as the cycle has come.

    `taken`: places to which no note moves by its status, for something is there. `left`: where the disk was
    left as it is.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._rested = terms.begun.rested
        self._may_wait = True
        self._gone = 0
        self._arrived = Versions(terms.objects)
        self.held = HeldNotes(terms.begun.replica, terms.identity.agent)
        self.taken: frozenset[str] = frozenset()
        self.left: set[str] = set()
        self._has_paused = False

    def judge(self, branch: LocalBranch, event: Observed, ours: Targets) -> Outgoing:
        """Sort what was seen into what may leave and what may not; where it is as in `ours`, we wrote it."""
        terms = self._terms
        seen = {path: s for path, s in event.sightings.items() if path not in ours or ours[path] != s.oid}
        self._arrived = Versions(terms.objects, sorted(branch.replica.arrived))
        return judge_sightings(
            terms.objects,
            terms.policy,
            terms.judged_as,
            seen,
            branch.tree,
            self._arrived,
            self.held.bases,
            terms.begun.taking,
        )

    def is_going_on(self, outgoing: Outgoing) -> bool:
        """Do notes vanish one by one? Many that somebody deletes are one deletion, asked about as one."""
        before = self._gone
        self._gone = removals_of_many(self._terms.objects, self._terms.policy, outgoing.gestures)
        return self._gone > before

    def must_pause(self, branch: LocalBranch, event: Observed, outgoing: Outgoing) -> bool:
        """Is a note that is gone perhaps just being saved, where nothing is left alone? True once only."""
        if self._may_wait or self._has_paused:
            return False
        self._has_paused = bool(self._half_seen(branch, event, outgoing))
        return self._has_paused

    def settle(self, branch: LocalBranch, event: Observed, outgoing: Outgoing) -> tuple[Actions, list[Move]]:
        """Take out of `outgoing` what does not go now; what to remember of it, and the moves to make."""
        may_go = len(outgoing.accepted)
        if not self._terms.begun.deletions_allowed:
            hold_mass_deletion(self._terms.objects, self._terms.policy, outgoing, branch.tree)
        turned = self._heed_statuses(branch, outgoing)
        left = (*self._leave_half_seen(branch, event, outgoing), *self._leave_fresh(outgoing, turned))
        if len(outgoing.accepted) < may_go:
            terms = self._terms
            judge_the_rest(terms.objects, terms.policy, terms.judged_as, outgoing, branch.tree)
        hold = self.held.hold(outgoing, complete=event.complete)
        told = (Report(told=turned.told),) if turned.told else ()
        return (hold, *left, *told), turned.moves

    def typed_at_rest(self, branch: LocalBranch, outgoing: Outgoing) -> list[Move]:
        """The fresh decisions on notes that were also typed into, where the words alone may go already.

        Not where a held note is: what comes to its place is taken for another one.
        """
        terms = self._terms
        free = (move for move in self._fresh(outgoing) if move.src not in self.held.bases)
        fresh = sorted(free, key=attrgetter("src"))
        return [
            move
            for move in fresh
            if may_go_ahead(terms.objects, terms.policy, terms.judged_as, move, branch.tree)
        ]

    def wait_no_longer(self) -> None:
        """What others did to the notes that were left alone cannot wait: nothing is left alone any more."""
        self._rested, self._may_wait = None, False

    def _heed_statuses(self, branch: LocalBranch, outgoing: Outgoing) -> StatusMoves:
        """Notes to be moved because somebody edited their status; those that may not be are held."""
        terms = self._terms
        if terms.begun.as_written:
            return StatusMoves()
        turned = moves_by_status(
            terms.objects,
            terms.policy,
            terms.judged_as,
            outgoing.gestures,
            branch.tree,
            self._arrived,
            self._occupied(outgoing),
        )
        for path, refusal in turned.refused.items():
            outgoing.held[path] = (refusal, outgoing.accepted.pop(path).old)
        return turned

    def _occupied(self, outgoing: Outgoing) -> Set[str]:
        """Places where something is that history knows nothing of; of those looked at, what is there now."""
        known = self.held.paths - outgoing.same - outgoing.accepted.keys()
        return known | self.taken | outgoing.held.keys()

    def _leave_fresh(self, outgoing: Outgoing, turned: StatusMoves) -> Actions:
        """A decision that has not rested yet is left as it is on the disk: it may be a slip of the hand."""
        fresh = self._fresh(outgoing, turned.moves)
        turned.moves = [move for move in turned.moves if move not in fresh]
        self._leave(outgoing, [end for move in fresh for end in (move.src, move.dst)])
        return (Leave(fresh),) if fresh else ()

    def _fresh(self, outgoing: Outgoing, moves: Iterable[Move] = ()) -> frozenset[Move]:
        """The decisions that have not rested yet, of the drags seen and of other `moves`."""
        if self._rested is None:
            return frozenset()
        dragged = infer_moves(outgoing.gestures, self._terms.objects.blob)
        return fresh_decisions(self._terms.policy.workflow, (*dragged, *moves), self._rested)

    def _leave_half_seen(self, branch: LocalBranch, event: Observed, outgoing: Outgoing) -> Actions:
        """A note that is gone, while one is just being saved at a new place: moved there, maybe."""
        if not self._may_wait:
            return ()
        half = self._half_seen(branch, event, outgoing)
        self._leave(outgoing, half)
        return (Leave(paths=half),) if half else ()

    def _half_seen(self, branch: LocalBranch, event: Observed, outgoing: Outgoing) -> frozenset[str]:
        if not event.unsettled:  # as nearly always: what was seen need not be gathered
            return frozenset()
        objects, tree = self._terms.objects, branch.tree
        return half_seen(objects, tree, outgoing.seen(objects, tree), event.unsettled)

    def _leave(self, outgoing: Outgoing, paths: Iterable[str]) -> None:
        for path in paths:
            outgoing.accepted.pop(path, None)
            outgoing.arrived.pop(path, None)
            self.left.add(path)
