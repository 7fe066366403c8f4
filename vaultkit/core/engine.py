"""The cycle: observe, snapshot, fetch, merge, write, push, as a state machine without any I/O.

    Began -> Observe -> Observed
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
  own work is told from typing: it is taken up first (`core.interrupted`), and then people's doings
  are judged against it.
- The branch moves only after the disk holds what it says, so the branch always is something the
  disk had, and "what differs from the branch" always means "what somebody did".
- A push is a compare-and-swap, and whatever the server says about it, the next step is to look.
  Only what was seen at the remote counts as published. So a lost acknowledgement, a false one and
  a lost race are all the same case: look, fold, replay, try again, a bounded number of times.
- After-hooks are called for a commit of ours once it was seen at the remote, and before that is
  remembered: after a kill in between they are called again, which their keys make harmless.

Objects are read and stored directly: a hash names the same value always, so to the engine the
object store is a value. Everything that changes (disk, branch, remote, memory) is an action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from vaultkit.core.admission import look_alikes, marked_notes, note_at
from vaultkit.core.board import is_upkeep
from vaultkit.core.calls import calls_of, is_made_by_machine, with_marks
from vaultkit.core.changes import Move, file_name, infer_moves
from vaultkit.core.cycle import (
    Action,
    Advance,
    Advanced,
    Began,
    Call,
    Event,
    Fetch,
    Fetched,
    Finish,
    Hold,
    Keep,
    Leave,
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
    Report,
    Rest,
    Sighting,
    Wait,
    Waited,
    Write,
    WriteStep,
    Written,
)
from vaultkit.core.dragged import Targets
from vaultkit.core.fold import Fold, policy_at
from vaultkit.core.history import path_between
from vaultkit.core.hooks import Hook
from vaultkit.core.identity import ACTOR, CHANGE, Identity
from vaultkit.core.incoming import (
    fold_path,
    foreign_versions,
    given_to,
    removed_by,
    standing_in,
    way_lost,
)
from vaultkit.core.interrupted import TAKES_UP, read_half, takes_up
from vaultkit.core.message import add_trailer, author_line, read_trailer
from vaultkit.core.names import Names
from vaultkit.core.occasions import Occasion, Source, changes_from, moves_from
from vaultkit.core.odd_words import odd_words
from vaultkit.core.outgoing import (
    Outgoing,
    describe,
    hold_mass_deletion,
    is_mass_deletion,
    judge_sightings,
    removals,
    removals_of_many,
    tree_with,
)
from vaultkit.core.owner import owner_refusal
from vaultkit.core.planning import Called, call_plainly, plan_edits
from vaultkit.core.policy import Policy, Refusal
from vaultkit.core.replay import Replayed, bring_back, replay_commits
from vaultkit.core.status_moves import StatusMoves, moves_by_status, others_too
from vaultkit.core.staying import LEFT, LOCAL
from vaultkit.core.takeover import is_in_vain
from vaultkit.core.times import after
from vaultkit.core.tree import Changes, Commit, Objects, Oid, changes_between, find_file, with_edits
from vaultkit.core.versions import Versions
from vaultkit.core.withdrawal import trees_without
from vaultkit.errors import LostRace, RejectedByRemote, RemoteFrozen, RemoteRewound

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
        self._agent = identity.agent
        self._hooks = hooks
        self._call_hook = call
        self._tries = 0
        self._looks = 0
        self._gone = 0
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
        self._held_paths = set(event.replica.held)
        self._stays = set(event.replica.stays)
        self._policy = self._policy_to_judge_by(event)
        self._judged_as = self._identity.acts_as(self._policy)
        self._sighted = dict(event.replica.sighted)
        self._again: frozenset[str] = frozenset()
        self._writing: dict[str, Oid | None] = {}
        self._rested = event.rested
        self._may_wait = True
        self._left: set[str] = set()
        self._taken: frozenset[str] = frozenset()
        return self._observe(None if self._under_way else event.look_at)

    def _policy_to_judge_by(self, event: Began) -> Policy:
        return event.founding or policy_at(self._objects, self._head_tree())

    def _observe(self, look_at: frozenset[str] | None) -> Actions:
        self._looks += 1
        if self._looks > MOST_LOOKS_AT_DISK:
            return (Finish("busy", detail="notes kept changing while they were being synced"),)
        if look_at is not None:
            look_at |= self._pulled.keys()
        return (Observe(self._policy, self._head_tree(), look_at, bool(self._begun.founding)),)

    def _observed(self, event: Observed) -> Actions:
        if self._under_way:
            return self._sort_out(event.sightings)
        tree = self._head_tree()
        ours = self._ours  # what a join that was interrupted had written before there was any history
        seen = {path: s for path, s in event.sightings.items() if path not in ours or ours[path] != s.oid}
        held = self._replica.held
        arrived = Versions(self._objects, sorted(self._replica.arrived))
        outgoing = judge_sightings(
            self._objects, self._policy, self._judged_as, seen, tree, arrived, held, self._begun.taking
        )
        if not event.complete and self._misses_notes(outgoing.gestures):
            return self._observe(None)
        if not self._begun.deletions_allowed:
            if self._is_going_on(outgoing):
                return (Rest(), *self._observe(None))
            hold_mass_deletion(self._objects, self._policy, outgoing, tree)
        self._pulled |= outgoing.arrived
        turned = self._heed_statuses(outgoing, arrived)
        left = (*self._leave_half_seen(outgoing, event), *self._leave_fresh(outgoing, turned))
        hold = self._hold(outgoing, event.complete)
        told = (Report(told=turned.told),) if turned.told else ()
        keep = self._keep(outgoing.accepted.keys() | outgoing.arrived.keys())
        return (hold, *left, *told, *keep, *self._go_on(outgoing, turned.moves))

    def _keep(self, paths: Set[str]) -> Actions:
        return (Keep(frozenset(paths)),) if paths else ()

    def _hold(self, outgoing: Outgoing, complete: bool) -> Hold:
        """What is held from now on, also for a further look in this cycle."""
        held = {path: base for path, (_, base) in outgoing.held.items()}
        release = frozenset(outgoing.same | outgoing.accepted.keys() | outgoing.arrived.keys()) - held.keys()
        known = frozenset[str]() if complete else self._held_paths - release
        self._held_paths = {*known, *held}
        staying = {path for path, (why, _) in outgoing.held.items() if why.rule == LOCAL}
        self._stays = (self._stays - release - held.keys()) | staying
        before = {} if complete else self._replica.held
        kept = {path: base for path, base in before.items() if path not in release}
        self._replica = replace(self._replica, held=kept | held)
        return Hold(outgoing.held, release, complete)

    def _go_on(self, outgoing: Outgoing, turned: Sequence[Move]) -> Actions:
        if turned:
            self._again = frozenset(outgoing.accepted) | {move.dst for move in turned}
            return (Rename(tuple(turned)),)
        return self._snapshot(outgoing) if outgoing.accepted else self._stay_alive()

    def _misses_notes(self, changes: Changes) -> bool:
        """Is a note gone that turned up nowhere? It may have been moved where nobody said to look.

        A move that is taken for a removal and a new note comes undone when others changed the note.
        """
        return bool(self._gone_for_good(changes))

    def _gone_for_good(self, changes: Changes) -> set[str]:
        """The notes that are gone and turned up nowhere."""
        gone = {path for path, change in changes.items() if change.new is None}
        return gone - {move.src for move in infer_moves(changes, self._objects.blob)} if gone else set()

    def _is_going_on(self, outgoing: Outgoing) -> bool:
        """Do notes vanish one by one? Many that somebody deletes are one deletion, asked about as one."""
        before, self._gone = self._gone, removals_of_many(self._objects, self._policy, outgoing.gestures)
        return self._gone > before

    # What statuses say, and what is still fresh

    def _heed_statuses(self, outgoing: Outgoing, arrived: Versions) -> StatusMoves:
        """Notes to be moved because somebody edited their status; those that may not be are held."""
        if self._begun.as_written:
            return StatusMoves()
        taken = self._held_paths | self._taken | outgoing.held.keys()
        turned = moves_by_status(
            self._objects,
            self._policy,
            self._judged_as,
            outgoing.gestures,
            self._head_tree(),
            arrived,
            taken,
        )
        for path, refusal in turned.refused.items():
            outgoing.held[path] = (refusal, outgoing.accepted.pop(path).old)
        return turned

    def _leave_fresh(self, outgoing: Outgoing, turned: StatusMoves) -> Actions:
        """A decision that has not rested yet is left as it is on the disk: it may be a slip of the hand."""
        if self._rested is None:
            return ()
        dragged = infer_moves(outgoing.gestures, self._objects.blob)
        flow, rested = self._policy.workflow, self._rested
        decided = (move for move in (*dragged, *turned.moves) if flow.is_decision(move.src, move.dst))
        fresh = frozenset(move for move in decided if move not in rested)
        turned.moves = [move for move in turned.moves if move not in fresh]
        self._leave(outgoing, [end for move in fresh for end in (move.src, move.dst)])
        return (Leave(fresh),) if fresh else ()

    def _leave_half_seen(self, outgoing: Outgoing, event: Observed) -> Actions:
        """A note that is gone, while one of its name is just being saved at a new place: dragged there."""
        tree = self._head_tree()
        saved = {file_name(path) for path in event.unsettled if find_file(self._objects, tree, path) is None}
        if not (saved and self._may_wait):
            return ()
        gone = self._gone_for_good(outgoing.gestures)
        half = frozenset(path for path in gone if file_name(path) in saved)
        self._leave(outgoing, half)
        return (Leave(paths=half),) if half else ()

    def _leave(self, outgoing: Outgoing, paths: Iterable[str]) -> None:
        for path in paths:
            outgoing.accepted.pop(path, None)
            self._left.add(path)

    def _renamed(self, event: Renamed) -> Actions:
        """From here on the notes that moved by their status are dragged notes."""
        self._taken |= event.taken
        return self._observe(self._again)

    # What an interrupted merge left

    def _sort_out(self, seen: Mapping[str, Sighting]) -> Actions:
        """A merge was written in part: take back half moves, and take up the rest."""
        half = read_half(self._objects, self._head_tree(), self._under_way, self._done, seen)
        self._next = lambda: self._take_up(half.made)
        self._again, self._writing = frozenset(half.twins), {}
        steps = tuple(WriteStep(path, oid, None) for path, oid in half.twins.items())
        return (Write(steps, resumable=False),) if steps else self._next()

    def _take_up(self, made: Mapping[str, Oid | None]) -> Actions:
        """From now on what was written counts as what the disk had, and what differs from it as a gesture."""
        self._under_way, self._done = {}, frozenset()
        before = self._head_tree()
        tree = with_edits(self._objects, before, made)
        head = self._replica.head if tree == before else self._say_what_is_here(tree)
        self._next = lambda: self._observe(None)
        assert head is not None  # noqa: S101 - without history nothing is taken up
        return (*self._keep(made.keys()), *self._advance(head, self._replica.base, self._replica.tree))

    def _say_what_is_here(self, tree: Oid) -> Oid:
        message = add_trailer("take up what a sync began to write", TAKES_UP, self._begun.nonce)
        return self._put_commit(tree, message, self._replica.head, self._policy)

    def _must_replay(self) -> bool:
        """Is there something on the local branch, or on the disk, that is not ours to publish?"""
        local = self._local_commits()
        commits = [self._objects.commit(oid) for oid in local]
        if self._pulled or any(self._is_not_to_be_sent(commit) for commit in commits):
            return True
        trees = [commit.tree for commit in commits]
        return trees_without(self._objects, self._made_on(local), trees, self._stays) != trees

    def _is_not_to_be_sent(self, commit: Commit) -> bool:
        return takes_up(commit, self._identity) or is_in_vain(commit, self._identity, self._begun.nonce)

    # Snapshot

    def _snapshot(self, outgoing: Outgoing) -> Actions:
        accepted = outgoing.accepted
        moves = infer_moves(outgoing.gestures, self._objects.blob)
        tree = tree_with(self._objects, self._head_tree(), accepted)
        if self._begun.founding:
            tree = with_edits(self._objects, tree, dict(marked_notes(self._objects, self._policy, tree)))
        planned = self._plan(tree, moves, accepted)
        self._sighted |= {path: new for path in planned if path in accepted and (new := accepted[path].new)}
        subject = self._message_for(accepted) or describe(accepted, moves)
        touched = planned.keys() - accepted.keys()
        commit = self._commit(
            with_edits(self._objects, tree, planned),
            subject,
            by_hook=self._by_hook(accepted),
            touched=touched,
        )
        self._next = lambda: self._advance_to(commit, outgoing.withdrawn)
        self._again, self._writing = frozenset(accepted), {}
        steps = tuple(
            WriteStep(path, find_file(self._objects, tree, path), new) for path, new in planned.items()
        )
        told = self._tell_odd(self._policy, outgoing.gestures, planned)
        return (*told, Write(steps, resumable=False)) if steps else (*told, *self._next())

    def _stay_alive(self) -> Actions:
        """Nothing to say but that one is still there, if that is due."""
        replica = self._replica
        is_due = self._begun.alive and replica.has_remote and replica.head == replica.base
        tree = self._head_tree()
        if not (is_due and tree and self._judged_as):
            return self._look()
        self._again = frozenset()
        return self._advance_to(self._commit(tree, self._begun.message or "still here"))

    def _plan(self, tree: Oid, moves: Sequence[Move], accepted: Changes) -> dict[str, Oid]:
        """What planning hooks write into notes that this agent may write."""
        begun, policy, objects = self._begun, self._policy, self._objects
        source = Source(self._agent, begun.time, begun.nonce, self._identity.actor)
        occasions: list[Occasion] = [*moves_from(moves, source, policy.workflow, policy.agents)]
        if not begun.founding:  # what was there before there was a vault is not new
            occasions += changes_from(accepted, moves, source)
        by_hook = bool(self._by_hook(accepted)) or is_made_by_machine(self._message_for(accepted))
        planned = plan_edits(objects, self._hooks, tree, occasions, self._call_hook, by_hook=by_hook)
        return {path: oid for path, oid in planned.items() if self._may_plan(path, accepted)}

    def _by_hook(self, accepted: Changes) -> str:
        """The hook whose doing these changes are, "" if they are, or may be, somebody else's too."""
        begun = self._begun
        return begun.by_hook if begun.look_at is not None and accepted.keys() <= begun.look_at else ""

    def _message_for(self, accepted: Changes) -> str:
        """What the cycle was asked to say; what it comes upon by looking further is nobody's upkeep."""
        asked, message = self._begun.look_at, self._begun.message
        is_asked = asked is not None and accepted.keys() <= asked
        return message if is_asked or not is_upkeep(message) else ""

    def _may_plan(self, path: str, accepted: Changes) -> bool:
        """A hook may write what its agent may: where it was not this agent's change, what stands there."""
        stands = None if path in accepted else find_file(self._objects, self._head_tree(), path)
        is_owned = owner_refusal(self._policy, self._judged_as, path, stands, self._objects)
        is_new = path in accepted and accepted[path].old is None
        return self._policy.may(self._judged_as, path, adds=is_new) and not is_owned

    def _commit(
        self,
        tree: Oid,
        subject: str,
        *,
        on: Oid | None = None,
        policy: Policy | None = None,
        by_hook: str = "",
        touched: Set[str] = frozenset(),
    ) -> Oid:
        message = with_marks(subject, by_hook, touched)
        if self._identity.actor:
            message = add_trailer(message, ACTOR, self._identity.actor)
        message = add_trailer(message, CHANGE, self._begun.nonce)
        return self._put_commit(tree, message, on or self._replica.head, policy or self._policy)

    def _put_commit(self, tree: Oid, message: str, head: Oid | None, policy: Policy) -> Oid:
        time = after(self._objects.commit(head).time, self._begun.time) if head else self._begun.time
        commit = Commit(tree, (head,) if head else (), author_line(self._agent), time, message)
        return self._objects.put_commit(self._identity.sign(commit, policy))

    def _advance_to(self, commit: Oid, withdrawn: Set[str] = frozenset()) -> Actions:
        """Move the branch to a local commit; without a remote it counts as published at once."""
        go_on = self._send if self._replica.has_remote else self._finish_alone
        self._next = lambda: (*self._say_they_left(withdrawn), *go_on())
        base, tree = self._replica.base, self._replica.tree
        return self._advance(commit, base, tree)

    def _say_they_left(self, withdrawn: Set[str]) -> Actions:
        """History has nothing at these paths any more; what others put there from now on is another note."""
        if not withdrawn:
            return ()
        held = dict(self._replica.held) | dict.fromkeys(withdrawn)
        self._replica = replace(self._replica, held=held)
        return (Hold(dict.fromkeys(withdrawn, (LEFT, None)), frozenset(), False, frozenset(withdrawn)),)

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

        self._next = settle
        return self._write_difference(self._head_tree(), self._policy)

    def _advance(self, head: Oid, base: Oid | None, tree: Oid | None) -> Actions:
        expected = self._replica.head
        self._replica = replace(self._replica, head=head, base=base, tree=tree)
        if head == base:
            self._sighted = {}
        return (Advance(expected, head, base, tree, not self._ours, self._sighted),)

    # The disk's and the branch's answers

    def _written(self, event: Written) -> Actions:
        if not event.mismatched:
            return self._next()
        if event.mismatched & self._left:
            self._rested, self._may_wait = None, False  # what others did to these notes cannot wait
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
            return self._push() if base is None else self._rewound("is empty now")
        if event.head == base and self._was_taken and self._tries >= MOST_TRIES:
            return self._frozen()
        if event.head == head and head != base:
            return self._confirm(head)
        if event.head == base and not self._must_replay():
            return self._push() if head != base else (Finish("in step"),)
        known = tuple(oid for oid in (base, head) if oid)
        return (Fetch(event.head, known),) if event.head != base else self._fetched(Fetched())

    def _rewound(self, what: str) -> Actions:
        hint = "Find out who rewrote it. Nothing here was touched; your notes and history are safe."
        error = RemoteRewound(f"the remote {what}: it no longer holds what was published there", hint=hint)
        return (Finish("offline", error),)

    def _frozen(self) -> Actions:
        hint = "Ask whoever runs it. Your work is committed here and stays; it was not seen by the others."
        error = RemoteFrozen("the remote says yes to what is sent, and then shows its old state", hint=hint)
        return (Finish("offline", error),)

    def _fetched(self, _: Fetched) -> Actions:
        assert self._remote is not None  # noqa: S101 - only a look that found a head leads here
        base = self._replica.base or self._begun.trusted
        if base is None:
            return self._rewound("holds another vault")
        fold = self._fold_up_to(base, self._remote)
        if fold is None:
            return self._rewound(way_lost(self._objects, base, self._remote))
        return (*self._reports(fold), *self._merge(fold))

    def _fold_up_to(self, base: Oid, head: Oid) -> Fold | None:
        """What counts at `head`; None if no way leads there. A vault that joins takes its start as it is."""
        tree = self._replica.tree if base == self._replica.base else self._objects.commit(base).tree
        policy = policy_at(self._objects, tree)
        own = frozenset(self._local_commits())
        path = path_between(self._objects, standing_in(policy, own), base, head)
        return None if path is None else fold_path(self._objects, base, tree, policy, path)

    def _reports(self, fold: Fold) -> Actions:
        heard = frozenset(fold.signers.values())
        violations = tuple(fold.violations)
        changed = fold.policy != self._policy
        if not (heard or violations or changed):
            return ()
        given, renewed = given_to(fold), any(map(self._is_of_this_cycle, fold.accepted))
        time = self._begun.time
        return (Report(violations, (), time, heard, changed, given=given, renewed=renewed),)

    def _is_of_this_cycle(self, oid: Oid) -> bool:
        commit = self._objects.commit(oid)
        return read_trailer(commit.message, CHANGE) == self._begun.nonce and self._identity.made(commit)

    def _merge(self, fold: Fold) -> Actions:
        gone = self._removed_by(fold)
        if gone and not (self._begun.deletions_allowed or self._begun.deletions_refused):
            told = f"{removed_by(fold, gone)} removes {len(gone)} notes at once"
            return (Finish("waiting", detail=told, gone=tuple(gone)),)
        local = self._local_commits(beyond=fold.accepted.keys())
        foreign = foreign_versions(self._objects, self._identity, fold, self._replica.made_here, local)
        made_on = self._made_on(local)
        replayed = replay_commits(
            self._objects,
            self._identity,
            local,
            made_on,
            fold,
            foreign,
            self._sighted,
            self._stays,
            self._begun.nonce,
        )
        if self._begun.deletions_refused:
            self._bring_back(gone, replayed)
        calls = self._call_hooks(fold.accepted.items(), fold)
        report = (*self._report_conflicts(replayed), *self._tell_unmoved(replayed))
        report += self._tell_odd_arrivals(replayed, fold.policy)
        hold = self._hold_refused(replayed.refused)
        assert fold.commit is not None  # noqa: S101 - folding at least one commit sets it
        base, tree = fold.commit, fold.tree
        head = self._say_what_counts(fold) if replayed.head == base else replayed.head
        self._next = lambda: self._settle_on(head, base, tree, calls)
        return (*report, *hold, *self._write_difference(replayed.tree, fold.policy))

    def _say_what_counts(self, fold: Fold) -> Oid:
        """After a merge that took in what a human agent's machine had not published, it says what counts.

        It alone knows which side was the published one; with that all replicas come to agree.
        """
        assert fold.commit is not None  # noqa: S101 - as above
        decides = self._local_commits() and self._identity.acts_as(fold.policy) in fold.policy.humans
        if not (fold.is_unclear and fold.tree and decides):
            return fold.commit
        subject = self._begun.message or "settle what a merge left open"
        return self._commit(fold.tree, subject, on=fold.commit, policy=fold.policy)

    def _removed_by(self, fold: Fold) -> list[str]:
        """The notes that vanish, if they are alarmingly many."""
        changes = changes_between(self._objects, self._replica.tree, fold.tree)
        gone = [path for path, change in changes.items() if change.new is None]
        if not is_mass_deletion(self._objects, fold.policy, self._replica.tree, gone):
            return []
        left = removals(self._objects, changes)
        return left if is_mass_deletion(self._objects, fold.policy, self._replica.tree, left) else []

    def _bring_back(self, gone: Sequence[str], replayed: Replayed) -> None:
        """A commit of our own on top, with the notes that others removed and a person wants to keep."""
        notes = {path: find_file(self._objects, self._replica.tree, path) for path in gone}
        key = f"{self._begun.nonce}-restored"
        bring_back(self._objects, self._identity, notes, self._begun.time, key, replayed)

    def _report_conflicts(self, replayed: Replayed) -> Actions:
        conflicts, overruled = tuple(replayed.conflicts), tuple(replayed.overruled)
        if not (conflicts or overruled):
            return ()
        return (Report(conflicts=conflicts, time=self._begun.time, overruled=overruled),)

    def _tell_unmoved(self, replayed: Replayed) -> Actions:
        found = {path: find_file(self._objects, replayed.tree, path) for path in replayed.unmoved}
        told = {path: others_too(self._objects.blob(oid)) for path, oid in found.items() if oid}
        return (Report(told=told),) if told else ()

    def _tell_odd_arrivals(self, replayed: Replayed, policy: Policy) -> Actions:
        changes = changes_between(self._objects, self._head_tree(), replayed.tree)
        untold = {path: change for path, change in changes.items() if path not in replayed.unmoved}
        return self._tell_odd(policy, untold, {})

    def _tell_odd(self, policy: Policy, changes: Changes, planned: Mapping[str, Oid]) -> Actions:
        """Statuses and owners that mean nothing; what was there before this vault was one is left alone."""
        if self._begun.founding or self._replica.head is None:
            return ()
        moves = infer_moves(changes, self._objects.blob)
        odd = odd_words(self._objects, policy, changes, moves, planned)
        return tuple(Report(told=told, about=key) for key, told in odd.items())

    def _hold_refused(self, refused: dict[str, Refusal]) -> Actions:
        if not refused:
            return ()
        self._held_paths |= refused.keys()
        head_tree = self._head_tree()
        held = {path: (why, find_file(self._objects, head_tree, path)) for path, why in refused.items()}
        return (Hold(held, frozenset(), complete=False),)

    def _write_difference(self, target: Oid | None, policy: Policy) -> Actions:
        """Bring the disk from the local branch to `target`; held paths stay as they are."""
        head_tree, objects = self._head_tree(), self._objects
        changed = changes_between(objects, head_tree, target)
        paths = (changed.keys() | self._pulled.keys()) - self._held_paths
        twins = frozenset() if head_tree else look_alikes(objects, target)
        steps, names = [], Names(objects, head_tree)
        for path in sorted(p for p in paths if not (policy.path_refusal(p) or _is_below(p, twins))):
            old, new = (note_at(objects, policy, tree, path) for tree in (head_tree, target))
            never_stood = {None} if old and names.collision(path) else set()  # its look-alike did
            pulled = {self._pulled[path]} if path in self._pulled else set()
            steps.append(WriteStep(path, old, new, frozenset(pulled | never_stood)))
        self._again, self._writing = frozenset(), {step.path: step.new for step in steps}
        return (Write(tuple(steps), resumable=True),) if steps else self._next()

    def _settle_on(self, head: Oid, base: Oid, tree: Oid | None, calls: Actions) -> Actions:
        before = self._head_tree()
        self._pulled, self._ours = {}, {}
        self._next = lambda: self._observe(None) if self._has_made_room(before) else self._publish()
        return (*calls, *self._advance(head, base, tree))

    def _has_made_room(self, before: Oid | None) -> bool:
        """Is a name free now that a held note waited for? That note may go in this same cycle."""
        old, new = (Names(self._objects, tree) for tree in (before, self._head_tree()))
        return any(old.collision(path) and not new.collision(path) for path in self._replica.held)

    # Publish

    def _publish(self) -> Actions:
        return self._push() if self._replica.head != self._remote else (Finish("in step"),)

    def _push(self) -> Actions:
        if self._replica.head is None:
            return (Finish("in step"),)
        self._tries += 1
        if self._tries > MOST_TRIES:
            error = LostRace(
                "others kept publishing first", hint="Nothing is lost; the next cycle tries again."
            )
            return (Finish("busy", error),)
        return (Push(self._remote, self._replica.head),)

    def _push_ended(self, event: PushEnded) -> Actions:
        if event.rejected:
            hint = "Ask whoever runs the remote. Your notes are committed here and stay."
            error = RejectedByRemote(f"the remote refused the push: {event.rejected}", hint=hint)
            return (Finish("rejected", error),)
        self._was_taken = self._was_taken or not event.lost
        return (Wait(self._tries),) if event.lost else (Look(),)

    def _confirm(self, head: Oid) -> Actions:
        """What we pushed was seen at the remote: it is published, and counts as everybody judges it."""
        fold = self._fold_up_to(self._replica.base, head) if self._replica.base else None
        if fold and fold.tree != self._head_tree():
            return (*self._reports(fold), *self._merge(fold))
        calls = self._call_hooks(fold.accepted.items() if fold else self._local_changes(), fold)
        reports = self._reports(fold) if fold else ()
        self._next = lambda: (Finish("in step"),)
        return (*reports, *calls, *self._advance(head, head, self._head_tree()))

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
        objects, hooks = self._objects, self._hooks
        due = [
            call
            for oid, changes in published
            for call in calls_of(objects, self._identity, hooks, self._policy, oid, changes, signers.get(oid))
        ]
        return (Call(tuple(due)),) if due else ()

    def _local_changes(self) -> Iterator[tuple[Oid, Changes]]:
        before = self._replica.tree
        for oid in self._local_commits():
            after = self._objects.commit(oid).tree
            if before:
                yield oid, changes_between(self._objects, before, after)
            before = after

    # Small things

    def _head_tree(self) -> Oid | None:
        head = self._replica.head
        if head is None:
            return None
        return self._replica.tree if head == self._replica.base else self._objects.commit(head).tree

    def _made_on(self, local: Sequence[Oid]) -> Oid | None:
        """The tree that the first of these local commits was made on; those before it may be published."""
        parents = self._objects.commit(local[0]).parents if local else ()
        if not parents or parents[0] == self._replica.base:
            return self._replica.tree
        return self._objects.commit(parents[0]).tree

    def _local_commits(self, beyond: Set[Oid] = frozenset()) -> list[Oid]:
        """The local commits since the base, oldest first; none that are published already."""
        path: list[Oid] = []
        at = self._replica.head
        while at is not None and at != self._replica.base and at not in beyond:
            path.append(at)
            parents = self._objects.commit(at).parents
            at = parents[0] if parents else None
        return path[::-1]


def _is_below(path: str, places: Set[str]) -> bool:
    """Is `path` one of `places`, or in a folder that is?"""
    parts = path.split("/") if places else []
    return any("/".join(parts[:n]) in places for n in range(1, len(parts) + 1))
