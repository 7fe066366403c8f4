"""Writing notes: a new one, or several as one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from vaultkit.api.session import Session
from vaultkit.claims import Claim
from vaultkit.core.git.tree import Oid
from vaultkit.core.text.note import Value
from vaultkit.edits import Edit, commit_edit
from vaultkit.errors import VaultError
from vaultkit.report import SyncReport
from vaultkit.tasks import Task


class Writing(Session):
    """Changing notes by program, as carefully as by hand."""

    def create(self, path: str, text: str) -> SyncReport:
        """Write a new note and sync it. Never overwrites: VaultError if something is there already."""
        with self._locked("create"):
            acting = self._desk.identity.acts_as(self.policy)
            refusal = self.policy.judge(acting, path, None, Oid("0" * 40), len(text.encode()))
            if refusal:
                self._moves.refuse(path, refusal)
            if self._desk.disk.replace(path, None, text.encode()) is None:
                raise VaultError(f"{path} exists already", hint="Choose another name.", note=path)
            return self._cycle(frozenset([path]), f"add {path}")

    def create_task(
        self,
        key: str,
        title: str = "",
        text: str = "",
        *,
        domain: str = "",
        meta: Mapping[str, Value] | None = None,
    ) -> Task:
        """The task of one event: made in `Needs_Action/<domain>/`, or the one that exists, wherever it is
        by now.

        `key` names the event (one line, like a message's id) and goes into the frontmatter as `id`. Called
        again with the same key, here or on another machine, it gives the same task, also one that is done:
        never a copy. Put nothing into `text` and `meta` that differs from call to call, like the time of
        the call. A task that somebody deleted is made anew. Raises UsageError for a bad key,
        RefusedByPolicy.
        """
        with self._locked("create task"):
            return self._keyed_tasks.create(key, title, text, domain, meta or {})

    @contextmanager
    def edit(self, message: str = "", *, claim: Claim | None = None) -> Iterator[Edit]:
        """Change several notes in one commit, called `message`, or none of them.

            with vault.edit("tidy up") as edit:
                edit["Plans/a.md"].meta["status"] = "open"
                edit["Plans/a.md"].body += "One more line.\\n"
                edit.move("Plans/b.md", "Plans/old/b.md")

        At the end of the block all of it is made so and synced (`edit.report`); an exception in the block
        changes nothing. Raises ZoneViolation (or another RefusedByPolicy) before anything is written, and
        VaultError if somebody changed one of the notes since it was read here. With a `claim`, ClaimLost
        before anything is written if it is over.
        """
        edit = Edit(self._desk)
        yield edit
        with self._locked("edit"):
            if claim:
                self._claims.fence(claim)
            edit.report = commit_edit(self._desk, self._cycle, edit, message)
