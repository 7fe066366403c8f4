"""The cycle: observe, snapshot, fetch, merge, write, push, as a state machine without any I/O.

    Began -> Observe -> Observed
          -> [Write -> Written -> Observe -> Observed]                 what others have where a held note was
          -> [Keep, Advance -> Advanced -> Observe -> Observed]        words typed into a note that rests
          -> Hold, [Keep, [Rename -> Renamed -> Observe -> Observed]       where a status was edited
          -> [Write stamps -> Written], Advance -> Advanced]           a local commit, if anything changed
          -> Look -> Looked                                            unless there is something to push
          -> [Fetch -> Fetched -> fold, replay                         if something arrived
              -> Write -> Written -> Advance -> Advanced]
          -> [Push -> PushEnded -> Look -> Looked ...]                 if we are ahead
          -> Finish

The driver performs each action and feeds the outcome back through `receive`, the one door. What
must hold, and why:

- What was typed is committed before any file is overwritten: the snapshot comes before the merge.
- Every write names what it expects to replace. Where that is not what the disk has, somebody typed:
  nothing was changed there, and the cycle looks at the disk again. The writes of a merge are
  recorded before the first of them, and each once it is done. So where only a part was written, our
  own work is told from typing: it is taken up first (`core.cycle.interrupted`), and then people's doings
  are judged against it.
- The branch moves only after the disk holds what it says, so the branch always is something the
  disk had, and "what differs from the branch" always means "what somebody did". (What was typed into a
  note whose drag still rests is committed at its old place: what differs from that is the drag.)
- A push is a compare-and-swap, and whatever the server says about it, the next step is to look.
  Only what was seen at the remote counts as published. So a lost acknowledgement, a false one and
  a lost race are all the same case: look, fold, replay, try again, a bounded number of times.
- After-hooks are called for a commit of ours once it was seen at the remote, and before that is
  remembered: after a kill in between they are called again, which their keys make harmless.

Here is decided only what comes next. What a step works out is elsewhere: `gestures` (what people did
and may go), `snapshot` (the local commit), `taking_in` (what arrived, and ours on top), `checkout` (what
to write where), `endings` (why a cycle ends before all is in step).

Objects are read and stored directly: a hash names the same value always, so to the engine the
object store is a value. Everything that changes (disk, branch, remote, memory) is an action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from vaultkit.core.cycle.authoring import commit_what_is_here, make_commit
from vaultkit.core.cycle.checkout import steps_between
from vaultkit.core.cycle.dragged import Targets
from vaultkit.core.cycle.endings import frozen, many_removed, never_still, outrun, rejected, rewound
from vaultkit.core.cycle.gestures import Gestures
from vaultkit.core.cycle.held_notes import is_room_made
from vaultkit.core.cycle.interrupted import read_half
from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.mass_deletion import incoming_mass_deletion
from vaultkit.core.cycle.outgoing import Outgoing, tree_with
from vaultkit.core.cycle.protocol import (
    Action,
    Advance,
    Advanced,
    Began,
    Call,
    Event,
    Fetch,
    Fetched,
    Finish,
    Keep,
    Look,
    Looked,
    Observe,
    Observed,
    Push,
    PushEnded,
    RemoteFailed,
    Rename,
    Renamed,
    Replica,
    Rest,
    Sighting,
    Wait,
    Waited,
    Write,
    WriteStep,
    Written,
)
from vaultkit.core.cycle.snapshot import take_snapshot
from vaultkit.core.cycle.taking_in import TakenIn, fold_up_to, must_replay, take_in
from vaultkit.core.cycle.terms import terms_of
from vaultkit.core.cycle.tidings import tell_fold
from vaultkit.core.cycle.unfinished import gone_for_good
from vaultkit.core.git.changes import Move
from vaultkit.core.git.subject import describe
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, changes_between, find_file, with_edits
from vaultkit.core.history.fold import Fold
from vaultkit.core.history.incoming import removed_by, way_lost
from vaultkit.core.hooks.calls import calls_of
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.planning import Called, call_plainly
from vaultkit.core.rules.identity import Identity
from vaultkit.core.rules.policy import Policy

MOST_TRIES = 8
MOST_LOOKS_AT_DISK = 8

Actions = tuple[Action, ...]


class Engine:
    """One cycle of one agent. Feed it events, perform the actions it returns, until `Finish`."""

    def __init__(
        self,
        objects: Objects,
        identity: Identity,
        hooks: Sequence[Hook],
        call: Called = call_plainly,
    ) -> None:
        self._objects = objects
        self._identity = identity
        self._hooks = hooks
        self._call_hook = call
        self._tries = 0
        self._looks = 0
        self._was_taken = False
        self._remote: Oid | None = None
        self._next: Callable[[], Actions] = tuple
        self._handlers: dict[type, Callable[..., Actions]] = {
            Began: self._begin,
            Observed: self._observed,
            Written: self._written,
            Renamed: self._renamed,
            Advanced: self._advanced,
            Looked: self._looked,
            Fetched: self._fetched,
            PushEnded: self._push_ended,
            RemoteFailed: self._remote_failed,
            Waited: lambda _: (Look(),),
        }

    def receive(self, event: Event) -> Actions:
        """Take one event; the actions to perform next, the last of which leads to the next event."""
        return self._handlers[type(event)](event)

    # Observe and judge

    def _begin(self, event: Began) -> Actions:
        self._begun = event
        self._replica: Replica = event.replica
        is_joining = event.replica.head is None
        self._ours: Targets = event.replica.pending if is_joining else {}
        self._under_way: Targets = {} if is_joining else event.replica.pending
        self._done = frozenset(event.replica.done)
        self._pulled: dict[str, Oid | None] = {}
        self._terms = terms_of(self._objects, self._identity, event)
        self._gestures = Gestures(self._terms)
        self._sighted = dict(event.replica.sighted)
        self._again: frozenset[str] = frozenset()
        self._given_back: frozenset[str] = frozenset()
        self._writing: dict[str, Oid | None] = {}
        return self._observe(None if self._under_way else event.look_at)

    def _observe(self, look_at: frozenset[str] | None) -> Actions:
        self._looks += 1
        if self._looks > MOST_LOOKS_AT_DISK:
            return (never_still(),)
        if look_at is not None:
            look_at |= self._pulled.keys() | self._held_with(look_at)
        return (Observe(self._terms.policy, self._branch.tree, look_at, bool(self._begun.founding)),)

    def _held_with(self, look_at: Set[str]) -> Set[str]:
        """What may be held because of these notes; a commit that has a name is of nothing else."""
        return self._gestures.held.waits if look_at and not self._begun.message else frozenset()

    def _observed(self, event: Observed) -> Actions:
        if self._under_way:
            return self._sort_out(event.sightings)
        outgoing = self._gestures.judge(self._branch, event, self._ours)
        if further := self._look_further(event, outgoing):
            return further
        look_again = None if event.complete else frozenset(event.unsettled | event.sightings.keys())
        if back := outgoing.back - self._given_back:
            return self._give_back(back, event, outgoing, look_again)
        if typed := self._gestures.typed_at_rest(self._branch, outgoing):
            return self._commit_words(typed, look_again)
        remember, moves = self._gestures.settle(self._branch, event, outgoing)
        self._pulled = dict(outgoing.arrived)  # all of it was looked at
        keep = self._keep(outgoing.accepted.keys() | outgoing.arrived.keys())
        return (*remember, *keep, *self._go_on(outgoing, moves))

    def _look_further(self, event: Observed, outgoing: Outgoing) -> Actions:
        """Where this look did not show enough, or somebody is still at it: what leads to another one."""
        if not event.complete and (self._misses_pulled(event) or self._misses_notes(outgoing)):
            return self._observe(None)
        is_going_on = not self._begun.deletions_allowed and self._gestures.is_going_on(outgoing)
        if is_going_on or self._gestures.must_pause(self._branch, event, outgoing):
            return (Rest(), *self._observe(None))
        return ()

    def _give_back(
        self, paths: Set[str], event: Observed, outgoing: Outgoing, look_at: frozenset[str] | None
    ) -> Actions:
        """What others have where a held note was, written before anything else.

        A cycle may end at the remote; then the note would be gone, and held no more: somebody's deletion.
        What this look showed of held notes is remembered: the next will not see that others overtook them.
        """

        def look() -> Actions:
            hold = self._gestures.held.hold(outgoing, complete=event.complete)
            return (hold, *self._observe(look_at))

        self._given_back |= paths
        tree = self._branch.tree
        steps = tuple(WriteStep(path, None, find_file(self._objects, tree, path)) for path in sorted(paths))
        return self._write(steps, look, again=look_at or frozenset())

    def _commit_words(self, typed: Sequence[Move], look_at: frozenset[str] | None) -> Actions:
        """What was typed into notes whose drags still rest, at their old places; the drags alone are left."""
        words: Changes = {move.src: Change(move.old, move.new) for move in typed}
        tree = tree_with(self._objects, self._branch.tree, words)
        commit = make_commit(self._terms, self._replica.head, tree, describe(words, ()))
        self._next = lambda: self._observe(look_at)
        keep = self._keep({move.dst for move in typed})
        return (*keep, *self._advance(commit, self._replica.base, self._replica.tree))

    def _misses_notes(self, outgoing: Outgoing) -> bool:
        return bool(gone_for_good(self._objects, outgoing.seen(self._objects, self._branch.tree)))

    def _misses_pulled(self, event: Observed) -> bool:
        """Is a note gone that another program had put here a moment ago? Somebody may have moved it."""
        seen = {path: sighting.oid for path, sighting in event.sightings.items()}
        return any(oid and not seen.get(path) for path, oid in self._pulled.items())

    def _keep(self, paths: Set[str]) -> Actions:
        return (Keep(frozenset(paths)),) if paths else ()

    def _go_on(self, outgoing: Outgoing, turned: Sequence[Move]) -> Actions:
        if turned:
            self._again = frozenset(outgoing.accepted) | {move.dst for move in turned}
            return (Rename(tuple(turned)),)
        return self._snapshot(outgoing) if outgoing.accepted else self._stay_alive()

    def _renamed(self, event: Renamed) -> Actions:
        """From here on the notes that moved by their status are dragged notes."""
        self._gestures.taken |= event.taken
        return self._observe(self._again)

    # What an interrupted merge left

    def _sort_out(self, seen: Mapping[str, Sighting]) -> Actions:
        """A merge was written in part: take back half moves, and take up the rest."""
        half = read_half(self._objects, self._branch.tree, self._under_way, self._done, seen)
        steps = tuple(WriteStep(path, oid, None) for path, oid in half.twins.items())
        return self._write(steps, lambda: self._take_up(half.made), again=frozenset(half.twins))

    def _take_up(self, made: Mapping[str, Oid | None]) -> Actions:
        """From now on what was written counts as what the disk had, and what differs from it as a gesture."""
        self._under_way, self._done = {}, frozenset()
        before = self._branch.tree
        tree = with_edits(self._objects, before, made)
        head = self._replica.head
        if tree != before:
            head = commit_what_is_here(self._terms, head, tree)
        self._next = lambda: self._observe(None)
        assert head is not None  # noqa: S101 - without history nothing is taken up
        return (*self._keep(made.keys()), *self._advance(head, self._replica.base, self._replica.tree))

    def _must_replay(self) -> bool:
        """Is there something on the local branch, or on the disk, that is not ours to publish?"""
        return bool(self._pulled) or must_replay(self._terms, self._branch, self._gestures.held.stays)

    # Snapshot

    def _snapshot(self, outgoing: Outgoing) -> Actions:
        """Commit what people did here, once the disk holds what hooks add to it."""
        snapshot = take_snapshot(self._terms, self._branch, outgoing, self._hooks, self._call_hook)
        self._sighted |= snapshot.sighted
        write = self._write(
            snapshot.steps,
            lambda: self._advance_to(snapshot.commit, outgoing),
            again=frozenset(outgoing.accepted),
        )
        return (*snapshot.told, *write)

    def _stay_alive(self) -> Actions:
        """Nothing to say but that one is still there, if that is due."""
        replica = self._replica
        is_due = self._begun.alive and replica.has_remote and replica.head == replica.base
        tree = self._branch.tree
        if not (is_due and tree and self._terms.judged_as):
            return self._look()
        self._again = frozenset()
        return self._advance_to(
            make_commit(self._terms, replica.head, tree, self._begun.message or "still here")
        )

    def _advance_to(self, commit: Oid, made_of: Outgoing | None = None) -> Actions:
        """Move the branch to a local commit; without a remote it counts as published at once."""
        outgoing = made_of or Outgoing()
        self._next = lambda: (*self._gestures.held.leave(outgoing.withdrawn), *self._go_on_after(outgoing))
        base, tree = self._replica.base, self._replica.tree
        return self._advance(commit, base, tree)

    def _go_on_after(self, outgoing: Outgoing) -> Actions:
        """Where a note went, another one may come that was held because of it."""
        if is_room_made(outgoing.gestures) and (waits := self._held_with(outgoing.gestures.keys())):
            return self._observe(frozenset(waits))
        return self._send() if self._replica.has_remote else self._finish_alone()

    def _finish_alone(self) -> Actions:
        head = self._replica.head
        if self._pulled and head:
            return self._put_right(head)
        if head is None or head == self._replica.base:
            return (Finish("in step"),)
        return self._confirm(head)

    def _put_right(self, head: Oid) -> Actions:
        """What another program checked out: no merge takes it in here, so the disk is as the branch says."""

        def settle() -> Actions:
            self._pulled, self._next = {}, self._finish_alone
            return self._advance(head, self._replica.base, self._replica.tree)

        return self._write_difference(self._branch.tree, self._terms.policy, settle)

    def _advance(self, head: Oid, base: Oid | None, tree: Oid | None) -> Actions:
        expected = self._replica.head
        self._replica = replace(self._replica, head=head, base=base, tree=tree)
        if head == base:
            self._sighted = {}
        return (Advance(expected, head, base, tree, not self._ours, self._sighted),)

    # Write, and the disk's and the branch's answers

    def _write_difference(self, target: Oid | None, policy: Policy, then: Callable[[], Actions]) -> Actions:
        """Bring the disk from the local branch to `target`; held paths stay as they are."""
        before, held = self._branch.tree, self._gestures.held
        stays = held.paths | held.renamed(changes_between(self._objects, before, target))
        steps = steps_between(self._objects, policy, before, target, self._pulled, stays)
        return self._write(steps, then, resumable=True)

    def _write(
        self,
        steps: tuple[WriteStep, ...],
        then: Callable[[], Actions],
        *,
        again: frozenset[str] = frozenset(),
        resumable: bool = False,
    ) -> Actions:
        """Write, and go on with `then`; where somebody typed meanwhile, look there and at `again`."""
        self._next, self._again = then, again
        self._writing = {step.path: step.new for step in steps} if resumable else {}
        return (Write(steps, resumable),) if steps else then()

    def _written(self, event: Written) -> Actions:
        if not event.mismatched:
            return self._next()
        if event.mismatched & self._gestures.left:
            self._gestures.wait_no_longer()
        is_gone = any(self._writing.get(path, "") is None for path in event.mismatched)
        if done := self._writing.keys() - event.mismatched:
            self._under_way, self._done = self._writing, frozenset(done)
        self._writing = {}
        everywhere = is_gone or bool(self._under_way)
        return self._observe(None if everywhere else event.mismatched | self._again)

    def _advanced(self, event: Advanced) -> Actions:
        return self._next() if event.ok else (Finish("moved"),)

    # Look at the remote and take in what is there

    def _send(self) -> Actions:
        """Push at once: the remote most likely is where it was, and if not, the push says so."""
        if self._replica.base is None or self._must_replay():
            return self._look()
        self._remote = self._replica.base
        return self._push()

    def _look(self) -> Actions:
        return (Look(),) if self._replica.has_remote else self._finish_alone()

    def _looked(self, event: Looked) -> Actions:
        self._remote = event.head
        head, base = self._replica.head, self._replica.base
        if event.head is None:
            return self._push() if base is None else (rewound("is empty now"),)
        if event.head == base and self._was_taken and self._tries >= MOST_TRIES:
            return (frozen(),)
        if event.head == head and head != base:
            return self._confirm(head)
        if event.head == base and not self._must_replay():
            return self._push() if head != base else (Finish("in step"),)
        known = tuple(oid for oid in (base, head) if oid)
        return (Fetch(event.head, known),) if event.head != base else self._fetched(Fetched())

    def _fetched(self, _: Fetched) -> Actions:
        assert self._remote is not None  # noqa: S101 - only a look that found a head leads here
        base = self._replica.base or self._begun.trusted
        if base is None:
            return (rewound("holds another vault"),)
        fold = fold_up_to(self._terms, self._branch, base, self._remote)
        if fold is None:
            return (rewound(way_lost(self._objects, base, self._remote)),)
        return (*tell_fold(self._terms, fold), *self._merge(fold))

    def _merge(self, fold: Fold) -> Actions:
        gone = incoming_mass_deletion(self._objects, self._replica.tree, fold)
        if gone and not (self._begun.deletions_allowed or self._begun.deletions_refused):
            return (many_removed(removed_by(fold, gone), gone),)
        held = self._gestures.held
        taken = take_in(self._terms, self._branch, fold, self._sighted, held.stays, gone)
        calls = self._call_hooks(fold.accepted.items(), fold)
        hold = held.refuse(self._objects, self._branch.tree, taken.refused)
        write = self._write_difference(taken.on_disk, fold.policy, lambda: self._settle_on(taken, calls))
        return (*taken.told, *hold, *write)

    def _settle_on(self, taken: TakenIn, calls: Actions) -> Actions:
        before = self._branch.tree
        self._pulled, self._ours = {}, {}
        held = self._gestures.held

        def go_on() -> Actions:
            after = self._branch.tree
            if held.may_go_now(self._objects, before, after):
                return self._observe(None)
            again = held.to_judge_again(self._objects, before, after)
            return self._observe(again) if again else self._publish()

        self._next = go_on
        return (*calls, *self._advance(taken.head, taken.base, taken.tree))

    # Publish

    def _publish(self) -> Actions:
        return self._push() if self._replica.head != self._remote else (Finish("in step"),)

    def _push(self) -> Actions:
        if self._replica.head is None:
            return (Finish("in step"),)
        self._tries += 1
        if self._tries > MOST_TRIES:
            return (outrun(),)
        return (Push(self._remote, self._replica.head),)

    def _push_ended(self, event: PushEnded) -> Actions:
        if event.rejected:
            return (rejected(event.rejected),)
        self._was_taken = self._was_taken or not event.lost
        return (Wait(self._tries),) if event.lost else (Look(),)

    def _confirm(self, head: Oid) -> Actions:
        """What we pushed was seen at the remote: it is published, and counts as everybody judges it."""
        base = self._replica.base
        fold = fold_up_to(self._terms, self._branch, base, head) if base else None
        if fold and fold.tree != self._branch.tree:
            return (*tell_fold(self._terms, fold), *self._merge(fold))
        calls = self._call_hooks(fold.accepted.items() if fold else self._branch.changes(), fold)
        reports = tell_fold(self._terms, fold) if fold else ()
        self._next = lambda: (Finish("in step"),)
        return (*reports, *calls, *self._advance(head, head, self._branch.tree))

    def _remote_failed(self, event: RemoteFailed) -> Actions:
        if event.during_push and self._tries < MOST_TRIES:
            return (Wait(self._tries),)
        return (Finish("offline", event.error),)

    # After-hooks

    def _call_hooks(self, published: Iterable[tuple[Oid, Changes]], fold: Fold | None) -> Actions:
        """The hooks that are due for commits that count now: ours that are published, others' that arrived.

        What a vault finds when it joins did not arrive: it was there before.
        """
        signers = fold.signers if fold and self._replica.base else {}
        objects, hooks, policy = self._objects, self._hooks, self._terms.policy
        due = [
            call
            for oid, changes in published
            for call in calls_of(objects, self._identity, hooks, policy, oid, changes, signers.get(oid))
        ]
        return (Call(tuple(due)),) if due else ()

    @property
    def _branch(self) -> LocalBranch:
        return LocalBranch(self._objects, self._replica)
