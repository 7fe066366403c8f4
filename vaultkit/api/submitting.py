"""Asking a person: handing a draft in, and seeing what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vaultkit.api.session import Session
from vaultkit.approvals import ApprovalStatus, approval_status
from vaultkit.claims import Claim
from vaultkit.core.text.note import Value
from vaultkit.submissions import Submission, Submissions


class Submitting(Session):
    """What an agent asks of the person, and hears back."""

    def submit_for_approval(
        self,
        task: object,
        text: str,
        *,
        meta: Mapping[str, Value] | None = None,
        name: str = "",
        domain: str | None = None,
    ) -> Submission:
        """Put a draft for a task into `Pending_Approval/`, where the person decides on it.

        `task`: a claim, a task, or its path or file name ("" for none); the draft's frontmatter names it.
        `text` is the whole draft (`fill_note` makes one from a template); `meta` goes into its frontmatter.
        It is called as the task is, in the task's domain, unless `name` or `domain` say otherwise; beside
        one with that name it gets a number. The same draft handed in again is the one that waits already.
        Raises ClaimLost or AlreadyClaimed if the task is somebody else's by now, RefusedByPolicy.
        """
        with self._locked("submit"):
            path = self._claims.fence(task) if isinstance(task, Claim) else str(task)
            return Submissions(self._desk, self._cycle).submit(path, text, meta or {}, name, domain)

    def approval_status(self, draft: str | Submission) -> ApprovalStatus:
        """What became of a draft: given as it was handed in, by its path then, or by its id.

        Of what this machine knows; `sync`, or a daemon that watches, brings the news.
        """
        return approval_status(self._desk, draft, datetime.astimezone)
