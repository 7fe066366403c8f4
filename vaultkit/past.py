"""Reading what commits hold, also those that count for nothing; and judging them all anew."""

from __future__ import annotations

from dataclasses import dataclass

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.arrival import entry_at
from vaultkit.core.history.audit import Deed, audit_history, standing_of
from vaultkit.core.history.fold import Violation
from vaultkit.core.history.trust import founding_commit
from vaultkit.core.history.ways import parents_of
from vaultkit.core.text.moments import HASH, Localize
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.log import Log

MOST_COMMITS = 100_000


def content_then(desk: Desk, note: str, at: str, localize: Localize) -> bytes:
    """A note as it was at a time, or as a commit has it, under the name that it had then."""
    log = Log(desk)
    moment = log.moment(at, localize)
    if not moment.commit:
        return log.content(note, moment)
    commit = find_commit(desk, moment.commit)
    try:
        return content_at(desk, note, commit)
    except VaultError as error:
        try:
            return log.content(note, moment._replace(commit=commit))
        except VaultError:
            raise error from None


def content_at(desk: Desk, path: str, commit: str) -> bytes:
    """What `commit` (a hash or its beginning) has at `path`, judged or not. VaultError if nothing."""
    oid = find_commit(desk, commit)
    entry = entry_at(desk.objects, desk.objects.commit(oid).tree, path)
    if entry is None or entry.is_folder:
        raise VaultError(f"commit {oid[:10]} has no note {path}", hint="It may have removed it.", note=path)
    try:
        return desk.objects.blob(entry.oid)
    except KeyError as error:
        raise VaultError(f"the content of {path} in {oid[:10]} is not here", note=path) from error


def find_commit(desk: Desk, text: str) -> Oid:
    """The commit whose hash begins like that: one a violation names, or one of the history here."""
    word = text.lower()
    if not HASH.fullmatch(word):
        raise UsageError(f"{text!r} is no commit", hint="Give at least 7 digits of its hash.")
    found = {violation.commit for violation in desk.state.violations() if violation.commit.startswith(word)}
    found = found or _in_history(desk, word)
    if len(found) != 1:
        problem = "could be several commits" if found else "is no commit known here"
        raise UsageError(f"{text} {problem}", hint="`vaultkit violations --all` and `git log` name them.")
    return found.pop()


def _in_history(desk: Desk, word: str) -> set[Oid]:
    """The first match from the newest commit down."""
    heads = (desk.state.get("head"), desk.objects.tracking(), desk.state.get("base"))
    waiting = [Oid(head) for head in heads if head]
    seen = set(waiting)
    while waiting and len(seen) < MOST_COMMITS:
        oid = waiting.pop()
        if oid.startswith(word):
            return {oid}
        new = [parent for parent in parents_of(desk.objects, oid) if parent not in seen]
        seen.update(new)
        waiting += new
    return set()


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the whole published history says, and what this machine holds of it.

    `deeds`: what counted, with its signer · `violations`: what did not · `agents`: who may sign now ·
    `tree`: what counts by the audit, `held`: what counts by this machine's records.
    """

    founded: Oid
    head: Oid
    commits: int
    deeds: list[Deed]
    violations: list[Violation]
    agents: dict[str, str]
    tree: Oid | None
    held: Oid | None
    checkpoint_holds: bool

    @property
    def holds(self) -> bool:
        """Do the audit and this machine's records agree?"""
        return self.tree == self.held and self.checkpoint_holds


def audit_vault(desk: Desk) -> AuditReport:
    """Judge all that is published, as this machine last saw it. VaultError if there is nothing to judge."""
    base, held = desk.state.get("base") or desk.state.get("head"), desk.state.get("tree")
    founded = founding_commit(desk.objects, Oid(base)) if base else None
    found = audit_history(desk.objects, founded, Oid(base), desk.trusted) if founded and base else None
    if found is None or base is None:
        hint = "Run `vaultkit init` or `vaultkit join` first."
        raise VaultError("there is no history that a person's key founded", hint=hint)
    agents = {name: standing_of(agent) for name, agent in found.agents.items()}
    tree = Oid(held) if held else desk.head_tree()
    return AuditReport(
        found.founded,
        Oid(base),
        found.commits,
        found.deeds,
        found.violations,
        agents,
        found.tree,
        tree,
        found.checkpoint_holds,
    )
