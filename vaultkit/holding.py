"""Claims at one desk: making, renewing, checking, taking over and releasing them. DESIGN section 7.

A claim is the published commit that moves a task into this agent's folder, and counts once that was seen at
the remote. It holds for a lease, which everything that this agent publishes begins anew. Whoever acts on a
claim asks `check` first: by its own clock a claim whose lease is over does not count, whatever the disk says,
until the remote has confirmed it anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.history.fold import policy_at
from vaultkit.core.history.takeover import TAKES_OVER
from vaultkit.core.hooks.claim_marks import Mark, read_mark
from vaultkit.core.naming.paths import is_named
from vaultkit.core.rules.policy import Policy
from vaultkit.desk import Desk
from vaultkit.drags import make_drag, refuse_drag
from vaultkit.driver import Driver
from vaultkit.errors import (
    AlreadyClaimed,
    ClaimLost,
    NotClaimable,
    RefusedByPolicy,
    StillHeld,
    VaultError,
)
from vaultkit.finding import find_note, find_published, must_find, published
from vaultkit.lease_here import Lease, refuse_unconfirmed
from vaultkit.overtaken import refuse_overtaken
from vaultkit.report import SyncReport
from vaultkit.rights import refuse_staying
from vaultkit.whereabouts import find_in_progress, is_known_to_all, who_has_it

FILED = ("done", "rejected", "approved", "pending_approval")
"""Where a task may be that waits for nobody's work any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """A confirmed claim: where the task is, where it was asked for, and which claim of it this is."""

    path: str
    note: str
    mark: Mark


class Holding:
    """The claims at one desk, and their `lease`. The caller holds the vault's lock."""

    def __init__(self, desk: Desk, driver: Driver) -> None:
        self._desk = desk
        self._driver = driver
        self.agent = desk.identity.agent
        self.lease = Lease(desk, driver)

    def claim(self, note: str) -> Held:
        src = self._find_open(note)
        if src is None:
            self._look()  # perhaps it has just arrived at the remote
            src = self._find_open(note)
        return self._claim_again(note) if src is None else self._claim_at(src)

    def take_over(self, note: str) -> Held:
        """Take a task from an agent that this machine watched being silent for the whole lease."""
        self._look()
        policy = self._policy()
        src = find_in_progress(self._desk, policy, note)
        holder = policy.workflow.holder(src, policy.agents) if src else None
        if src is None or holder == self.agent or not policy.is_held(src):
            return self.claim(note)
        if holder in policy.humans and self.agent not in policy.humans:
            hint = f"Take another task, or ask {holder} to hand it out."
            raise RefusedByPolicy(
                f"{src} is {holder}'s: nobody takes a task from a person", hint=hint, note=src
            )
        dst = self._own_place(policy, src)
        refuse_drag(self._desk, policy, src, dst)
        left = policy.workflow.lease - self.lease.silence(str(holder))
        if left > 0:
            raise StillHeld(src, str(holder), left)
        message = add_trailer(f"take over {src} from {holder}", TAKES_OVER, str(holder))
        return self._move_and_confirm(src, dst, message, taking=frozenset([src]))

    def release(self, note: str) -> str:
        """Give a task back to `Needs_Action/`; its new path."""
        policy = self._policy()
        src = must_find(self._desk, policy, note, "in_progress")
        dst = policy.workflow.place("needs_action", policy.workflow.rest_of(src))
        refuse_drag(self._desk, policy, src, dst)
        self._refuse_staying(src)
        make_drag(self._desk, src, dst)
        report = self._driver.run_cycle(frozenset((src, dst)), message=f"release {src}")
        refuse_overtaken(self._desk, report, src, dst)
        return dst

    # Is it still held?

    def check(self, held: Held) -> Held:
        """The claim, if it holds (its note may have been moved within the agent's folder).

        Raises ClaimLost, or Unconfirmed where its lease is over and the remote cannot be asked.
        """
        if self.lease.seconds_left() <= 0:
            self.lease.renew()
        return self.verify(held)

    def verify(self, held: Held) -> Held:
        """The same by what is known here, whatever the lease says. Raises ClaimLost."""
        for path in (held.path, *self._others_of(held)):
            known = [self._read(tree, path) for tree in self._trees()]
            if all(data is not None and not held.mark.is_other_than(read_mark(data)) for data in known):
                return Held(path, held.note, held.mark)
        raise ClaimLost(held.path, who_has_it(self._desk, self._policy(), held.path))

    def demand_confirmed(self, note: str) -> None:
        """Unconfirmed if `note` is in this agent's folder, and the remote never was asked whether it may be.

        It is asked now, if it can be. Raises ClaimLost if others have the task. A person needs no leave:
        nobody takes a task from one, and a move that others were before is told when it is undone.
        """
        policy = self._policy()
        if self.agent in policy.humans:
            return
        path = find_note(self._desk, policy, note, None)
        if path is None or self._desk.remote is None or is_known_to_all(self._desk, policy, path):
            return
        self._look(path)
        if not self.stands(path) and self._desk.disk.item(path) is None:
            raise ClaimLost(path, who_has_it(self._desk, self._policy(), path))

    def stands(self, path: str) -> bool:
        """Is there a note at `path`, by what is published or about to be?"""
        return find_file(self._desk.objects, self._desk.head_tree(), path) is not None

    def version(self) -> str:
        """Names what is known here; another one says that something changed."""
        return f"{self._desk.state.get('head')} {self._desk.state.get('base')}"

    def cycle(self, look_at: frozenset[str], message: str) -> SyncReport:
        """A cycle that looks at these paths."""
        return self._driver.run_cycle(look_at, message=message)

    # Making a claim

    def _claim_at(self, src: str) -> Held:
        policy = self._policy()
        dst = self._own_place(policy, src)
        refuse_drag(self._desk, policy, src, dst)
        return self._move_and_confirm(src, dst, f"claim {src}")

    def _move_and_confirm(
        self, src: str, dst: str, message: str, taking: frozenset[str] = frozenset()
    ) -> Held:
        self._refuse_staying(src)
        make_drag(self._desk, src, dst)
        report = self._driver.run_cycle(frozenset((src, dst)), message=message, taking=taking)
        if report.error or not report.in_step:
            refuse_unconfirmed(src, report)
        self._refuse_held(src, dst, report)
        if report.renewed and (data := self._read(self._desk.head_tree(), dst)) is not None:
            return Held(dst, src, read_mark(data))
        return self._claim_again(src)

    def _refuse_staying(self, path: str) -> None:
        """What nobody else sees can be no claim."""
        content = self._desk.disk.read(path, self._policy().sync.max_file)
        refuse_staying(path, content[0] if content else None)

    def _refuse_held(self, src: str, dst: str, report: SyncReport) -> None:
        """What may not leave this machine is no claim, so it is not left looking like one."""
        held = next((one for one in report.held if one.path in (src, dst)), None)
        if held is None or self._read(self._desk.head_tree(), dst) is not None:
            return
        if self._desk.disk.item(src) is None:
            self._desk.disk.rename(dst, src)
            self._driver.run_cycle(frozenset((src, dst)))
        raise RefusedByPolicy(f"{src}: {held.detail} (rule: {held.rule})", note=src)

    def _claim_again(self, note: str) -> Held:
        """The claim if the task is ours already, for another lease; AlreadyClaimed if somebody else's.

        NotClaimable if it was filed.
        """
        policy = self._policy()
        path = find_in_progress(self._desk, policy, note)
        if path is None:
            if there := find_published(self._desk, policy, note, FILED):
                raise NotClaimable(note, there, policy.workflow.stage_of(there) or "")
            hint = "`vaultkit tasks` lists them."
            raise VaultError(f"there is no task {note} to claim", hint=hint, note=note)
        if not policy.is_held(path):
            raise NotClaimable(note, path, "in_progress")
        holder = policy.workflow.holder(path, policy.agents) or ""
        if holder != self.agent:
            raise AlreadyClaimed(note, holder)
        held = Held(path, note, read_mark(self._read(self._desk.head_tree(), path) or b""))
        self.lease.renew()
        return self.verify(held)

    # Finding

    def _policy(self) -> Policy:
        return policy_at(self._desk.objects, self._desk.head_tree())

    def _find_open(self, note: str) -> str | None:
        """Where a task waits, or lies in progress in no agent's folder, so that nobody has it."""
        policy = self._policy()
        if src := find_note(self._desk, policy, note, "needs_action"):
            return src
        path = find_in_progress(self._desk, policy, note)
        return path if path and not policy.is_held(path) else None

    def _own_place(self, policy: Policy, src: str) -> str:
        """Where the task goes in this agent's folder."""
        folder = policy.workflow.folder_of(self.agent, lambda at: self._desk.disk.item(at) is not None)
        return policy.workflow.place("in_progress", policy.workflow.rest_of(src), folder)

    def _others_of(self, held: Held) -> list[str]:
        """Other places in this agent's folder where the note may have been moved."""
        policy, name = self._policy(), held.path.rpartition("/")[2]
        found = (path for path in published(self._desk, policy, "in_progress") if is_named(path, name))
        return [
            path
            for path in found
            if path != held.path and policy.workflow.holder(path, policy.agents) == self.agent
        ]

    def _trees(self) -> tuple[Oid | None, ...]:
        """What is published, and what this machine is about to publish."""
        return (self._published_tree(), self._desk.head_tree())

    def _published_tree(self) -> Oid | None:
        tree = self._desk.state.get("tree")
        return Oid(tree) if tree else self._desk.head_tree()

    def _read(self, tree: Oid | None, path: str) -> bytes | None:
        oid = find_file(self._desk.objects, tree, path)
        return self._desk.objects.blob(oid) if oid else None

    def _look(self, note: str = "") -> None:
        report = self.lease.look()
        if report.error or not report.in_step:
            refuse_unconfirmed(note, report)
