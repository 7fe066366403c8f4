"""The loop: the engine says what to do next, it is done, and the engine hears how it went.

One cycle at a time, under the vault's lock, each starting from what the state file and the branch
say now, because another process may have moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import TypedDict, Unpack

from vaultkit.core.cycle.engine import Engine
from vaultkit.core.cycle.protocol import (
    Action,
    Advance,
    Advanced,
    Began,
    Call,
    Event,
    Fetch,
    Finish,
    Hold,
    Keep,
    Leave,
    Look,
    Observe,
    Observed,
    Push,
    Rename,
    Renamed,
    Report,
    Rest,
    Wait,
    Waited,
    Write,
    Written,
)
from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Fold
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk, keep_all
from vaultkit.driver.at_rest import AtRest
from vaultkit.driver.branch import Branch
from vaultkit.driver.brought import Brought
from vaultkit.driver.checkout import Checkout
from vaultkit.driver.ending import finish
from vaultkit.driver.notebook import enqueue, hold, remember
from vaultkit.driver.planner import Planner
from vaultkit.driver.recall import recall
from vaultkit.driver.recovery import distrust
from vaultkit.driver.talk import Talk, back_off
from vaultkit.driver.watching import moment, owes_sign_of_life
from vaultkit.observe import Observer
from vaultkit.overseer import acting_hook
from vaultkit.report import SyncReport
from vaultkit.rewrite import is_written_back

REST_SECONDS = 0.3


class Wishes(TypedDict, total=False):
    """What a cycle is to do beside its usual work; `core.cycle.protocol.Began` says what each means."""

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
        self._branch = Branch(desk)
        self._brought = Brought(desk)
        self._checkout = Checkout(desk)
        self._planner = Planner(desk, self._tell)
        self._report = SyncReport()
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
        `renewing` in any case; the others are explained at `core.cycle.protocol.Began`.
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
        self._at_rest = AtRest(desk)
        self._talk = Talk(desk, self._report, offline=offline)
        engine = Engine(desk.objects, desk.identity, self._planner.hooks(), self._planner.call)
        replica = recall(desk, self._branch, self._brought)
        wishes["alive"] = renewing or (wishes.get("alive", False) and owes_sign_of_life(desk))
        wishes["as_written"] = wishes.get("as_written", False) or is_written_back(desk)
        wishes["by_hook"] = acting_hook.get()
        now, nonce = desk.clock.now(), desk.clock.nonce()
        self._report.key = nonce
        self._moment = moment(desk)
        event: Event | None = Began(replica, now, nonce, look_at, **wishes)
        while event is not None:
            actions, event = engine.receive(event), None
            for action in actions:
                yield action
                event = self._perform[type(action)](action)

    def distrust(self, fold: Fold) -> None:
        """What another program may have checked out of refused commits is no gesture of anybody here."""
        distrust(self._desk, fold)

    # On this machine

    def _observe(self, action: Observe) -> Event:
        observer = Observer(self._desk, action.policy, action.head_tree, adopts=action.adopts)
        sightings = observer.look(self._at_rest.with_other_ends(action.look_at))
        self._report.look_again |= observer.unsettled
        return Observed(sightings, action.look_at is None, frozenset(observer.unsettled))

    def _rest(self, _: Rest) -> None:
        self._desk.clock.sleep(REST_SECONDS)

    def _hold(self, action: Hold) -> None:
        hold(self._desk, action, self._report)

    def _keep(self, action: Keep) -> None:
        keep_all(self._desk, action.paths)

    def _leave(self, action: Leave) -> None:
        self._report.resting |= action.decisions
        self._at_rest.leave(action.decisions)
        self._report.look_again |= action.paths

    def _rename(self, action: Rename) -> Event:
        """Where a note changed since it was read, its status has to be read again."""
        there = [move for move in action.moves if self._desk.holds(move.src, move.new)]
        taken = [move.dst for move in there if not self._desk.disk.rename(move.src, move.dst)]
        return Renamed(frozenset(taken))

    def _write(self, action: Write) -> Event:
        mismatched = self._checkout.write(action)
        self._report.written += [step.path for step in action.steps if step.path not in mismatched]
        return Written(mismatched)

    def _advance(self, action: Advance) -> Event:
        before = self._branch.ref
        if not self._branch.advance(action):
            return Advanced(ok=False)
        self._report.commits += action.head not in (before, action.base)
        self._report.head = action.head
        return Advanced(ok=True)

    def _remember(self, action: Report) -> None:
        remember(self._desk, action, self._report, self._moment)

    def _call(self, action: Call) -> None:
        enqueue(self._desk, action)

    def _tell(self, problem: str) -> None:
        self._report.problems.append(problem)

    # At the remote

    def _look(self, _: Look) -> Event:
        return self._talk.look()

    def _fetch(self, action: Fetch) -> Event:
        return self._talk.fetch(action)

    def _push(self, action: Push) -> Event:
        return self._talk.push(action)

    def _wait(self, action: Wait) -> Event:
        back_off(self._desk.clock, action)
        return Waited()

    def _finish(self, action: Finish) -> None:
        self._at_rest.end(self._report.resting)
        finish(self._desk, action, self._report, self._talk, saw_everything=self._saw_everything)
