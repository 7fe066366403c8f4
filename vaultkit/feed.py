"""The published history as a stream of events, from any commit on.

Only what is published is told: it has its place for ever, so a program that was stopped goes on where it
was. What the fold has reached is kept, so looking again costs what is new.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.chronicle import Entry
from vaultkit.core.history.fold import Fold, fold_commits, policy_at
from vaultkit.core.history.incoming import standing_in
from vaultkit.core.history.trust import fold_from, founding_commit
from vaultkit.core.history.ways import path_between
from vaultkit.core.telling.events import Event, events_of
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.past import find_commit


class Feed:
    """What was published after some moment, as far as this machine knows."""

    def __init__(self, desk: Desk, since: str | None = None) -> None:
        """`since`: a commit, or the cursor of an event; None: from now on. UsageError if it is neither."""
        self._desk = desk
        self._skip = 0
        self._fold = self._now() if since is None else self._then(since)

    def news(self) -> Iterator[Event]:
        """The events that were not told yet, oldest first."""
        base, fold = self._desk.published()[0], self._fold
        if base is None or base == fold.commit:
            return
        path = path_between(self._desk.objects, standing_in(fold.policy), fold.commit, base)
        if path is None:
            raise VaultError("what was read last is not in this vault's published history any more")
        for oid in path:
            skip, self._skip = self._skip, 0
            yield from self._next(oid)[skip:]

    def _next(self, oid: Oid) -> list[Event]:
        objects, before = self._desk.objects, self._fold
        self._fold = fold = fold_commits(objects, Fold(before.commit, before.tree, before.policy), [oid])
        commit, signer = objects.commit(oid), fold.signers.get(oid, "nobody")
        changes, workflow = fold.accepted[oid], fold.policy.workflow
        entry = Entry(oid, commit.time, signer, commit.message, changes, fold.tree, workflow, objects)
        return events_of(entry, fold.violations)

    # Where to begin

    def _now(self) -> Fold:
        commit, tree = self._desk.published()
        return Fold(commit, tree, policy_at(self._desk.objects, tree or self._desk.head_tree()))

    def _then(self, since: str) -> Fold:
        """After a commit, or within one: then its events are told from the next one on."""
        text, colon, number = since.partition(":")
        if colon and not number.isdecimal():
            raise UsageError(f"{since!r} is no cursor", hint="Use an event's `cursor`, or a commit.")
        commit = find_commit(self._desk, text)
        if not colon:
            return self._fold_at(commit)
        self._skip = int(number) + 1
        return self._fold_at(self._before(commit))

    def _before(self, commit: Oid) -> Oid:
        """The published commit that `commit` followed."""
        policy = policy_at(self._desk.objects, self._desk.head_tree())
        start = self._founded(commit)
        path = path_between(self._desk.objects, standing_in(policy), start, commit) or [commit]
        return path[-2] if len(path) > 1 else start

    def _fold_at(self, commit: Oid) -> Fold:
        """What counts after `commit`, if it is published."""
        objects, policy = self._desk.objects, policy_at(self._desk.objects, self._desk.head_tree())
        base = self._desk.published()[0]
        fold = fold_from(objects, self._founded(commit), commit)
        if fold is None or base is None or path_between(objects, standing_in(policy), commit, base) is None:
            raise UsageError(f"{commit[:10]} is not in this vault's published history")
        return Fold(commit, fold.tree, fold.policy)

    def _founded(self, commit: Oid) -> Oid:
        founded = founding_commit(self._desk.objects, commit)
        if founded is None:
            raise UsageError(f"{commit[:10]} is not in this vault's history")
        return founded
