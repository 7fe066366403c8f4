"""Reading what commits hold, also those that count for nothing."""

from __future__ import annotations

import re

from vaultkit.core.arrival import entry_at
from vaultkit.core.history import parents_of
from vaultkit.core.tree import Oid
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError

MOST_COMMITS = 100_000
_HASH = re.compile(r"[0-9a-f]{7,40}")


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
    if not _HASH.fullmatch(word):
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
