"""Taking back the last operation made here, as a new commit, like any other local change.

Nothing is rewritten: the commit stays in history, and undoing the undo does it again. All of it is
taken back or none: where somebody worked on since, where the policy forbids it, or where what was
approved has been carried out, the reason is told and nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from vaultkit.core.git.message import read_trailer, summary
from vaultkit.core.git.tree import Changes, Oid
from vaultkit.core.history.chronicle import Entry, up_to
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.calls import Due, calls_of, is_made_by_machine
from vaultkit.core.merging.reversal import approvals_behind, last_touch, overwritten, reversed_changes
from vaultkit.core.rules.identity import CHANGE
from vaultkit.core.telling.deeds import NoteDeed, deeds_of
from vaultkit.core.text.stamps import utc
from vaultkit.desk import Desk
from vaultkit.errors import VaultError
from vaultkit.log import Log
from vaultkit.report import Cycle
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden, refuse_mass_deletion, refuse_unasked_trust

UNDO, REDO = "undo: ", "redo: "


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the commit, its time (UTC seconds) and first line.

    `deeds` is what that did to the notes · `published`: the remote has it.
    """

    commit: Oid
    time: int
    message: str
    deeds: list[NoteDeed]
    published: bool


class Undo:
    """Undoing at one desk. The caller holds the vault's lock, and sees to it that no after-hook runs."""

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle
        self._log = Log(desk)

    def undo(self) -> Undone:
        self._cycle(frozenset(), "")  # later work may just have been published
        newer, entry = up_to(self._log.entries(), self._is_work_of_mine)
        if entry is None or entry.founds:
            raise VaultError("there is nothing of yours to undo", hint="`vaultkit log` shows who did what.")
        edits = reversed_changes(entry.changes)
        self._refuse_carried_out(entry)
        self._refuse_overwriting(entry, newer, edits)
        refuse_unasked_trust(self._desk, edits)
        refuse_forbidden(self._desk, edits)
        refuse_mass_deletion(self._desk, edits)
        rewrite_notes(self._desk, edits, lambda: self._call_off(entry), as_written=True)
        report = self._cycle(frozenset(edits), message_of_undoing(entry.message))
        deeds = deeds_of(replace(entry, changes=edits))
        return Undone(entry.commit, entry.time, summary(entry.message), deeds, report.in_step)

    def _is_mine(self, entry: Entry) -> bool:
        return self._desk.identity.made(self._desk.objects.commit(entry.commit))

    def _is_work_of_mine(self, entry: Entry) -> bool:
        """What a hook did in consequence of something is not what somebody wants to take back."""
        return not is_made_by_machine(entry.message) and self._is_mine(entry)

    # What stands in the way

    def _refuse_overwriting(self, entry: Entry, newer: list[Entry], edits: Changes) -> None:
        for path in overwritten(self._desk.objects, edits, self._desk.head_tree()):
            later = last_touch(newer, path)
            by = f"{later.signer}, {summary(later.message)}, {utc(later.time)}" if later else "a merge"
            raise VaultError(
                f"{_words(entry)} cannot be undone: there is later work on {path} ({by})",
                hint=f"`vaultkit restore {path} --at ...` brings an earlier version back.",
                note=path,
            )

    def _refuse_carried_out(self, entry: Entry) -> None:
        def below() -> islice[Entry]:
            return islice(self._log.entries(entry.commit), 1, None)

        for approval, path in approvals_behind(entry, below):
            if how := self._carried_out(approval, path):
                raise VaultError(
                    f"{_words(entry)} cannot be undone: {path} was approved, and {how}",
                    hint="What is done in the world stays done. Write a new draft to put it right.",
                    note=path,
                )

    def _carried_out(self, approval: Entry, path: str) -> str:
        """Why what was approved has, or may have, had its effect; "" if it has none."""
        if not self._is_mine(approval):
            return ""
        key = read_trailer(approval.message, CHANGE)
        if hooks := self._desk.state.begun_jobs(f"{key}:{path}"):
            return f"that was carried out ({', '.join(hooks)})"
        is_due = any(due.occasion.path == path for due in self._due_for(approval))
        if is_due and int(self._desk.state.get("began") or 0) > approval.time:
            return "nobody knows whether that was carried out: this machine's records are younger"
        return ""

    def _due_for(self, entry: Entry) -> list[Due]:
        """The after-hooks that are called for it; none if it was not made here."""
        desk, agent = self._desk, self._desk.identity.agent
        policy = policy_at(desk.objects, desk.head_tree())
        changes = entry.changes if self._is_mine(entry) else {}
        return calls_of(desk.objects, desk.identity, desk.hooks, policy, entry.commit, changes, agent)

    def _call_off(self, entry: Entry) -> None:
        """No after-hook runs any more for what was taken back."""
        self._desk.state.call_off(due.key for due in self._due_for(entry))


def message_of_undoing(message: str) -> str:
    """The first line of the commit that takes back one with `message`; undoing an undo is doing it again."""
    words = summary(message)
    if words.startswith(UNDO):
        return REDO + words.removeprefix(UNDO)
    return UNDO + words.removeprefix(REDO)


def _words(entry: Entry) -> str:
    return f"{summary(entry.message)!r} ({entry.commit[:10]})"
