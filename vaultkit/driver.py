"""The driver: performs the engine's actions on the ports and feeds back what happened.

One cycle at a time, under the vault's lock, each starting from what the state file and the branch
say now, because another process may have moved on. The one delicate spot is moving the branch: the
state file and the ref are two files. The intention is recorded first, then the ref moves, then the
intention becomes the state; a restart finds the ref on either side and knows which state is true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Set
from functools import partial
from typing import TypedDict, Unpack

from vaultkit.core.changes import Move
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
    Wait,
    Waited,
    Write,
    WriteStep,
    Written,
)
from vaultkit.core.engine import Engine
from vaultkit.core.fold import Fold, policy_at
from vaultkit.core.history import parents_of
from vaultkit.core.hooks import Hook
from vaultkit.core.incoming import brought_by, refused_commits
from vaultkit.core.leases import Renewal, Watch, read_watch, write_renewal, write_watch
from vaultkit.core.occasions import Occasion, write_occasion
from vaultkit.core.planning import call_plainly
from vaultkit.core.policy import Policy
from vaultkit.core.staying import LOCAL
from vaultkit.core.tree import Oid, find_file
from vaultkit.core.trust import fold_from
from vaultkit.core.workflow import DEFAULT_LEASE_SECONDS
from vaultkit.desk import BATCH, MANY_WRITES, Desk, keep_all, many_writes
from vaultkit.errors import PolicyError, RejectedByRemote, RemoteError
from vaultkit.grace import grace_of
from vaultkit.hook_failures import MOST_PLANS, HookFailures
from vaultkit.observe import Observer
from vaultkit.overseer import acting_hook
from vaultkit.ports import Held, Job, Outcome, Pending, Seen, Transport
from vaultkit.report import SyncReport
from vaultkit.rewrite import put_back
from vaultkit.unmoved import remember_unmoved

REST_SECONDS = 0.3
BACK_OFF_SECONDS = 0.05
LONGEST_BACK_OFF_SECONDS = 5.0
TELL_EVERY = 500
MOST_OVERRULED = 20
LONGEST_GAP = 0.5
"""Between two looks at the remote, in leases: who looks away for longer has not watched."""


class Wishes(TypedDict, total=False):
    """What a cycle is to do beside its usual work; `core.cycle.Began` says what each means."""

    message: str
    deletions_allowed: bool
    founding: Policy | None
    trusted: Oid | None
    alive: bool
    deletions_refused: bool
    as_written: bool
    rested: Set[Move] | None
    by_hook: str
    taking: Set[str]


class Driver:
    """Runs cycles at one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._failures = HookFailures(desk.state)
        self._failing: set[str] = set()
        self._report = SyncReport()
        self._ref: Oid | None = None
        self._brought: dict[Oid, tuple[frozenset[Oid], frozenset[Oid] | None]] = {}
        self._perform: dict[type, Callable[..., Event | None]] = {
            Observe: self._observe,
            Rest: self._rest,
            Hold: self._hold,
            Keep: self._keep,
            Leave: self._leave,
            Rename: self._rename,
            Write: self._write,
            Advance: self._advance,
            Report: self._remember,
            Call: self._call,
            Look: self._look,
            Fetch: self._fetch,
            Push: self._push,
            Wait: self._wait,
            Finish: self._finish,
        }

    def run_cycle(
        self,
        look_at: frozenset[str] | None = None,
        *,
        offline: bool = False,
        renewing: bool = False,
        **wishes: Unpack[Wishes],
    ) -> SyncReport:
        """One whole cycle. `look_at` None looks at everything; `offline` leaves the remote alone.

        With the wish `alive`, a sign of life is published if the policy wants one and it is due, with
        `renewing` in any case; the others are explained at `core.cycle.Began`.
        The caller holds the vault's lock. Raises PolicyError for a vault without a policy, OSError
        where the disk fails; a failing remote is reported, not raised.
        """
        for _ in self.steps(look_at, offline=offline, renewing=renewing, **wishes):
            pass
        return self._report

    @property
    def report(self) -> SyncReport:
        """What the cycle under way, or the last one, came to so far."""
        return self._report

    def steps(
        self,
        look_at: frozenset[str] | None = None,
        *,
        offline: bool = False,
        renewing: bool = False,
        **wishes: Unpack[Wishes],
    ) -> Iterator[Action]:
        """The same cycle step by step: each action comes just before it is performed.

        Between two steps anything may happen, as in the world outside. A cycle that is given up is one
        that was killed.
        """
        desk = self._desk
        self._report = SyncReport()
        self._saw_everything = look_at is None
        self._remote = None if offline else desk.remote
        engine = Engine(desk.objects, desk.identity, self._hooks(), self._call_planning)
        replica = self._load()
        wishes["alive"] = renewing or (wishes.get("alive", False) and self._owes_sign_of_life())
        wishes["as_written"] = wishes.get("as_written", False) or self._must_commit_as_written()
        wishes["by_hook"] = acting_hook.get()
        now, nonce = desk.clock.now(), desk.clock.nonce()
        self._report.key = nonce
        self._moment, self._has_looked = moment(desk), False
        event: Event | None = Began(replica, now, nonce, look_at, **wishes)
        while event is not None:
            actions, event = engine.receive(event), None
            for action in actions:
                yield action
                event = self._perform[type(action)](action)

    def _must_commit_as_written(self) -> bool:
        """Did one who was killed write notes back from history which are not committed yet?"""
        desk, text = self._desk, self._desk.state.get("written_back")
        tree, back = desk.head_tree(), json.loads(text) if text else {}
        left = any(
            find_file(desk.objects, tree, path) != oid and self._holds(path, oid)
            for path, oid in back.items()
        )
        if back and not left:
            desk.state.put(written_back=None)
        return left

    def _owes_sign_of_life(self) -> bool:
        """Has this agent published nothing for as long as it promised to be silent at most?"""
        desk = self._desk
        agent = policy_at(desk.objects, desk.head_tree()).agents.get(desk.identity.agent)
        heard = desk.state.get(f"heard:{desk.identity.agent}") or desk.state.get("began")
        if agent is None or agent.sign_of_life is None or heard is None:
            return False
        return desk.clock.now() - int(heard) >= agent.sign_of_life

    # What was known

    def _load(self) -> Replica:
        desk = self._desk
        self._ref = desk.objects.head()
        self._complete_advance()
        put_back(desk)
        self._recover()
        if desk.state.get("began") is None:
            desk.state.put(began=str(desk.clock.now()))
        get = desk.state.get
        head, base = _oid(get("head")), _oid(get("base"))
        made_here = desk.objects.made_here()
        pending, held = desk.state.pending(), desk.state.held()
        self._clear_away(pending)
        return Replica(
            head=head,
            base=base,
            tree=_oid(get("tree")),
            arrived=self._arrived(frozenset(oid for oid in (head, base) if oid), made_here),
            made_here=made_here,
            sighted={path: Oid(oid) for path, oid in json.loads(get("sighted") or "{}").items()},
            pending={path: one.new for path, one in pending.items()},
            done=frozenset(path for path, one in pending.items() if one.done),
            held={one.path: one.base for one in held},
            stays=frozenset(one.path for one in held if one.rule == LOCAL),
            has_remote=desk.remote is not None,
        )

    def _clear_away(self, pending: Iterable[str]) -> None:
        """What a killed write left is another name of its note, which somebody may have dragged away."""
        disk = self._desk.disk
        for folder in {path.rpartition("/")[0] for path in pending}:
            disk.clear(folder, disk.items(folder))

    def _arrived(self, known: frozenset[Oid], made_here: frozenset[Oid]) -> frozenset[Oid]:
        """The commits that git programs brought here and the cycle has not merged yet.

        A tip that was found to be merged stays so; that is remembered, for finding it out again would
        cost more and more as history goes on.
        """
        state = self._desk.state
        met = frozenset(map(Oid, json.loads(state.get("met") or "[]")))
        tips = self._desk.objects.brought_here() | ({self._ref} if self._ref else frozenset())
        brought = {tip: self._brought_by(tip, known, made_here) for tip in sorted(tips - known - met)}
        done = (met & tips) | {tip for tip, commits in brought.items() if commits is None}
        if done != met:
            state.put(met=json.dumps(sorted(done)))
        found = map(Oid, json.loads(state.get("distrusted") or "[]"))
        return frozenset(found).union(*(commits or () for commits in brought.values()))

    def _brought_by(
        self, tip: Oid, known: frozenset[Oid], made_here: frozenset[Oid]
    ) -> frozenset[Oid] | None:
        if self._brought.get(tip, (None, None))[0] != known:
            commits = brought_by(self._desk.objects, self._desk.identity, tip, known, made_here)
            self._brought[tip] = (known, commits)
        return self._brought[tip][1]

    def _complete_advance(self) -> None:
        """Finish what a kill interrupted: the branch moved, and the state does not say so yet."""
        intended = self._desk.state.get("advancing")
        if intended is None:
            return
        values = json.loads(intended)
        if values["head"] == self._ref:
            settles = values.pop("settles")
            remember = self._desk.state.settle if settles else self._desk.state.put
            remember(**values, advancing=None)
        else:
            self._desk.state.put(advancing=None)

    def _recover(self) -> None:
        """Without a state file (lost, or damaged and set aside) the refs tell where we were."""
        desk = self._desk
        if desk.state.get("head") or self._ref is None:
            return
        fold = self._trusted_fold()
        base, tree = (fold.commit, fold.tree) if fold else (None, None)
        desk.state.put(head=self._newest_of_ours(base), base=base, tree=tree)
        if fold:
            self.distrust(fold)

    def distrust(self, fold: Fold) -> None:
        """What another program may have checked out of refused commits is no gesture of anybody here.

        That holds until everything was looked at once, and put right.
        """
        desk = self._desk
        refused = refused_commits(desk.objects, desk.identity, fold, desk.objects.made_here())
        desk.state.put(distrusted=json.dumps(refused) if refused else None)
        desk.state.report(fold.violations)

    def _trusted_fold(self) -> Fold | None:
        """What counts of what the remote was last seen to hold, judged anew from where trust begins."""
        objects, start = self._desk.objects, self._desk.trusted
        seen = objects.tracking()
        if not (start and seen and objects.contains(seen) and objects.contains(start)):
            return None
        return fold_from(objects, start, seen)

    def _newest_of_ours(self, base: Oid | None) -> Oid | None:
        """The newest commit on the branch that was made here; another program may have moved it since."""
        objects, at = self._desk.objects, self._ref
        while at and at != base and not self._desk.identity.made(objects.commit(at)):
            at = next(iter(parents_of(objects, at)), None)
        return at or base

    # Actions on this machine

    def _observe(self, action: Observe) -> Event:
        desk = self._desk
        observer = Observer(desk, action.policy, action.head_tree, adopts=action.adopts)
        sightings = observer.look(action.look_at)
        self._report.look_again |= observer.unsettled
        return Observed(sightings, action.look_at is None, frozenset(observer.unsettled))

    def _rest(self, _: Rest) -> None:
        self._desk.clock.sleep(REST_SECONDS)

    def _hold(self, action: Hold) -> None:
        held = [
            Held(path, refusal.rule, refusal.detail, refusal.quiet, base)
            for path, (refusal, base) in action.held.items()
        ]
        release = set(action.release)
        if action.complete:
            release |= {held.path for held in self._desk.state.held()} - action.held.keys()
        if held or release:
            self._desk.state.hold(held, release)
        self._report.held += [one for one in held if not one.quiet]
        self._report.withdrawn += sorted(action.left)

    def _keep(self, action: Keep) -> None:
        keep_all(self._desk, action.paths)

    def _leave(self, action: Leave) -> None:
        self._report.resting |= action.decisions
        self._report.look_again |= action.paths

    def _rename(self, action: Rename) -> Event:
        """Where a note changed since it was read, its status has to be read again."""
        there = [move for move in action.moves if self._holds(move.src, move.new)]
        taken = [move.dst for move in there if not self._desk.disk.rename(move.src, move.dst)]
        return Renamed(frozenset(taken))

    def _write(self, action: Write) -> Event:
        if not all(self._fits(step) for step in action.steps):
            return Written(frozenset(step.path for step in action.steps))
        if action.resumable:
            self._desk.state.expect(Pending(step.path, step.new) for step in action.steps)
        mismatched = self._write_steps(action.steps, resumable=action.resumable)
        self._report.written += [step.path for step in action.steps if step.path not in mismatched]
        return Written(mismatched)

    def _fits(self, step: WriteStep) -> bool:
        """Does the note hold something that may be replaced? One that does not keeps all from being written:
        what others did is then taken in first, and nothing of ours lies about that history does not know."""
        return any(self._holds(step.path, oid) for oid in self._candidates(step))

    def _candidates(self, step: WriteStep) -> Iterator[Oid | None]:
        """What the note may hold before it is written, the likeliest first.

        A note to be removed that is gone already is none of it: somebody may have moved it.
        """
        same = [] if step.new is None and step.expected is not None else [step.new]
        yield from dict.fromkeys([step.expected, *same, *sorted(step.others, key=str)])

    def _holds(self, path: str, oid: Oid | None) -> bool:
        if oid is None:
            return self._desk.disk.item(path) is None
        content = self._desk.objects.blob(oid)
        found = self._desk.disk.read(path, len(content))
        return found is not None and found[0] == content

    def _write_steps(self, steps: tuple[WriteStep, ...], *, resumable: bool) -> frozenset[str]:
        """Write, and record what was written: many notes batch by batch, else one by one."""
        record = self._desk.state.wrote if resumable else self._desk.state.see
        # Removals last: while a move is written, the note is in two places rather than in none.
        ordered = sorted(steps, key=lambda step: step.new is None)
        size = 1 if resumable and len(steps) <= MANY_WRITES else BATCH
        mismatched: set[str] = set()
        for start in range(0, len(ordered), size):
            sightings: list[tuple[str, Seen | None]] = []
            batch = ordered[start : start + size]
            with many_writes(self._desk, len(steps), ((step.path, step.new) for step in batch)):
                for step in batch:
                    if not self._write_step(step, sightings):
                        mismatched.add(step.path)
            if sightings:
                record(sightings)
            if start and start % TELL_EVERY == 0:
                self._desk.progress("writing notes", start, len(ordered))
        return frozenset(mismatched)

    def _write_step(self, step: WriteStep, sightings: list[tuple[str, Seen | None]]) -> bool:
        """Write one note if it holds what is expected, or what an interrupted write may have left."""
        return any(self._try_write(step, expected, sightings) for expected in self._candidates(step))

    def _try_write(
        self, step: WriteStep, expected: Oid | None, sightings: list[tuple[str, Seen | None]]
    ) -> bool:
        desk = self._desk
        if step.new is None:
            if expected is None:
                removed = desk.disk.item(step.path) is None
            else:
                removed = desk.disk.remove(step.path, desk.objects.blob(expected))
            if removed:
                sightings.append((step.path, None))
            return removed
        before = desk.objects.blob(expected) if expected else None
        stamp = desk.disk.replace(step.path, before, desk.objects.blob(step.new))
        if stamp is None:
            return False
        sightings.append((step.path, Seen(stamp, step.new)))
        return True

    def _advance(self, action: Advance) -> Event:
        desk = self._desk
        sighted = json.dumps(action.sighted) if action.sighted else None
        values = {"head": action.head, "base": action.base, "tree": action.tree, "sighted": sighted}
        desk.state.put(advancing=json.dumps({**values, "settles": action.settles}))
        if not desk.objects.move_head(self._ref, action.head):
            desk.state.put(advancing=None)
            return Advanced(ok=False)
        self._report.commits += action.head not in (self._ref, action.base)
        self._ref = self._report.head = action.head
        remember = desk.state.settle if action.settles else desk.state.put
        remember(**values, advancing=None)
        return Advanced(ok=True)

    def _remember(self, action: Report) -> None:
        state = self._desk.state
        state.report(action.violations)
        for conflict in action.conflicts:
            state.note_conflict(conflict.path, conflict.copy, conflict.reason, action.time)
        if action.heard or action.given:
            self._hear(action.heard, action.given)
        if action.renewed:
            state.put(renewed=write_renewal(self._moment))
        if action.told:
            remember_unmoved(self._desk, action.told, action.about)
            told = (f"{path}: {one.why}" for path, one in action.told.items())
            self._report.problems = list(dict.fromkeys((*self._report.problems, *told)))
        self._report.violations += action.violations
        self._report.conflicts += action.conflicts
        self._report.policy_changed |= action.policy_changed
        self._report.renewed |= action.renewed
        self._report.heard |= action.heard - {self._desk.identity.agent}
        self._overrule(action)

    def _overrule(self, action: Report) -> None:
        """What was undone is remembered for a while, for whoever made the move may look only later."""
        if action.overruled:
            self._report.overruled += action.overruled
            before = json.loads(self._desk.state.get("overruled") or "[]")
            now = [[*one, action.time] for one in action.overruled]
            self._desk.state.put(overruled=json.dumps([*before, *now][-MOST_OVERRULED:]))

    def _hear(self, heard: Set[str], given: Set[str]) -> None:
        """Kept before what was heard is taken in, or after a kill nobody would hear it again."""
        clock = self._desk.clock
        watch = self._watch().after_hearing(heard | given, clock.monotonic())
        times = {f"heard:{agent}": str(clock.now()) for agent in heard}
        self._desk.state.put(watch=write_watch(watch), **times)

    def _watch(self) -> Watch:
        return read_watch(self._desk.state.get("watch"), self._desk.clock.boot())

    def _watched(self, *, failed: bool) -> dict[str, str | None]:
        """The watching of others goes on, or it has to begin anew."""
        if self._remote is None or not (failed or self._has_looked):
            return {}
        watch, now = self._watch(), self._desk.clock.monotonic()
        gap = lease_of(self._desk) * LONGEST_GAP
        return {"watch": write_watch(watch.after_failure() if failed else watch.after_look(now, gap))}

    def _call(self, action: Call) -> None:
        policy, now = policy_at(self._desk.objects, self._desk.head_tree()), self._desk.clock.now()
        jobs = []
        for due in action.due:
            grace = grace_of(policy, due.occasion)
            not_before = now + grace if grace else 0.0
            jobs.append(Job(due.key, due.hook.name, write_occasion(due.occasion), 0, not_before))
        self._desk.state.enqueue(jobs)

    # Hooks that plan

    def _hooks(self) -> list[Hook]:
        """The hooks that are called: a planning hook that went on failing is not."""
        troubles = self._failures.among(hook.name for hook in self._desk.hooks if hook.plans)
        self._failing = {trouble.hook for trouble in troubles}
        off = {trouble.hook for trouble in troubles if trouble.is_off}
        return [hook for hook in self._desk.hooks if not (hook.plans and hook.name in off)]

    def _call_planning(
        self, hook: Hook, occasion: Occasion, work: Callable[[], None]
    ) -> BaseException | None:
        overseer = self._desk.overseer
        watched = partial(overseer.plan, hook.name, occasion.path, work) if overseer else work
        error = call_plainly(hook, occasion, watched)
        if error is None:
            if hook.name in self._failing:
                self._failures.forget(hook.name)
                self._failing.discard(hook.name)
            return None
        words = f"{type(error).__name__}: {error}"
        self._failing.add(hook.name)
        is_off = self._failures.count(hook.name, occasion.path, words, MOST_PLANS)
        end = f"; it is off now: `vaultkit hooks enable {hook.module}`" if is_off else ""
        self._report.problems.append(
            f"{occasion.path}: hook {hook.name} could not edit the note: {words}{end}"
        )
        return error

    # Actions at the remote

    def _look(self, _: Look) -> Event:
        if self._remote is None:
            return RemoteFailed(RemoteError("the remote was not asked"))

        def look(remote: Transport) -> Event:
            looked = Looked(self._track(remote.look()))
            self._has_looked = True
            return looked

        return self._ask(look)

    def _track(self, head: Oid | None) -> Oid | None:
        desk = self._desk
        if head and desk.objects.tracking() != head and desk.objects.contains(head):
            desk.objects.set_tracking(head)
        return head

    def _fetch(self, action: Fetch) -> Event:
        def fetch(remote: Transport) -> Event:
            remote.fetch(action.head, action.known)
            self._track(action.head)
            return Fetched()

        return self._ask(fetch)

    def _push(self, action: Push) -> Event:
        def push(remote: Transport) -> Event:
            self._report.pushes += 1
            pushed = remote.push(action.expected, action.new)
            rejected = pushed.outcome is Outcome.REJECTED
            return PushEnded(
                pushed.outcome is Outcome.LOST, (pushed.reason or "no reason given") if rejected else ""
            )

        return self._ask(push, during_push=True)

    def _ask(self, question: Callable[[Transport], Event], *, during_push: bool = False) -> Event:
        if self._remote is None:
            return RemoteFailed(RemoteError("there is no remote"))
        try:
            return question(self._remote)
        except RejectedByRemote as error:
            return PushEnded(rejected=error.message)
        except RemoteError as error:
            return RemoteFailed(error, during_push)

    def _wait(self, action: Wait) -> Event:
        longest = min(LONGEST_BACK_OFF_SECONDS, BACK_OFF_SECONDS * 2**action.tries)
        self._desk.clock.sleep(longest * (0.5 + self._desk.clock.jitter() / 2))
        return Waited()

    def _finish(self, action: Finish) -> None:
        report = self._report
        report.ending, report.error, report.detail = action.ending, action.error, action.detail
        report.head = _oid(self._desk.state.get("head"))
        known = self._watched(failed=action.ending == "offline")
        if action.ending == "waiting":
            known["waiting"] = json.dumps({"told": action.detail, "gone": action.gone})
        elif action.ending == "in step":
            known |= {"last_sync": str(self._desk.clock.now()), "last_error": None, "waiting": None}
            if self._saw_everything:
                known["distrusted"] = None
        elif action.error and self._remote is not None:
            known["last_error"] = action.error.message
        self._desk.state.put(**known)


def _oid(text: str | None) -> Oid | None:
    return Oid(text) if text else None


def moment(desk: Desk) -> Renewal:
    """Now, by the clocks that a holder of claims goes by."""
    return Renewal(desk.clock.boot(), desk.clock.uptime(), desk.clock.now())


def lease_of(desk: Desk) -> float:
    """The length of a lease in seconds, by the policy in force; the default one while there is none."""
    try:
        return policy_at(desk.objects, desk.head_tree()).workflow.lease
    except PolicyError:
        return DEFAULT_LEASE_SECONDS
