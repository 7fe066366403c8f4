"""One task for each event, however often, and by however many, the event is reported.

A task's name ends in a digest of its event's key. So it is found by name wherever it is by now, and two
machines that make it at once make the same note. Where they did not (a title that differs), two notes have
one key: the one further on stays, and the words of the other go into it while nobody works on it. After that
the other stays, too, if it says more: somebody may have typed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from vaultkit.core.git.changes import COPIES
from vaultkit.core.git.tree import Change, Changes, Oid, changes_between, find_file, walk
from vaultkit.core.history.fold import policy_at
from vaultkit.core.hooks.task_names import digest_in, digest_of, task_name, task_note
from vaultkit.core.rules.policy import Policy
from vaultkit.core.text.note import BrokenFrontmatter, Note, Value, body
from vaultkit.desk import Desk
from vaultkit.errors import UsageError, VaultError
from vaultkit.report import Cycle
from vaultkit.rewrite import rewrite_notes
from vaultkit.rights import refuse_forbidden, refuse_staying
from vaultkit.tasks import Task, read_task
from vaultkit.trails import place_now

NO_TASKS = ("pending_approval", "approved", "rejected", "plans", "updates")
MOST_KEY = 500
FREE = "needs_action"


class KeyedTasks:
    """The tasks that were made for events. The caller holds the vault's lock.

    Their names are gathered once, then kept up to date by what changes from tree to tree.
    """

    def __init__(self, desk: Desk, cycle: Cycle) -> None:
        self._desk = desk
        self._cycle = cycle
        self._tree: Oid | None = None
        self._places: dict[str, set[str]] = {}

    def create(self, key: str, title: str, text: str, domain: str, meta: Mapping[str, Value]) -> Task:
        """The task with this key, made if there is none."""
        if not key or len(key) > MOST_KEY or not key.isprintable():
            raise UsageError(f"{key!r} cannot be a key", hint="Use one line that names the event.")
        place = f"{domain.strip('/')}/{task_name(title, key)}".lstrip("/")
        path = self._find(key)
        if path is None:
            path = self._make(
                key, self._policy().workflow.place(FREE, place), task_note(key, title, text, meta)
            )
        oid = find_file(self._desk.objects, self._desk.head_tree(), path)
        if oid is None:
            raise VaultError(f"{path} is held", hint="`vaultkit status` says why.", note=path)
        return read_task(self._desk, self._policy(), path, oid)

    # Finding

    def _find(self, key: str) -> str | None:
        found = self._all(key)
        if len(found) > 1:
            return self._settle(found)
        return found[0] if found else self._renamed(key)

    def _all(self, key: str) -> list[str]:
        self._refresh()
        return [path for path in sorted(self._places.get(digest_of(key), ())) if self._is_of(path, key)]

    def _renamed(self, key: str) -> str | None:
        """One that a person gave a name of his own is followed from where it was made here."""
        made_at = self._desk.state.get(_record(key))
        now = place_now(self._desk, made_at) if made_at else None
        return now if now and self._is_of(now, key) else None

    def _is_of(self, path: str, key: str) -> bool:
        """Does the note say that it has this key? What cannot be read may well be it."""
        oid = find_file(self._desk.objects, self._desk.head_tree(), path)
        try:
            return oid is not None and Note(path, self._desk.objects.blob(oid)).get("id") == key
        except BrokenFrontmatter:
            return True

    def _refresh(self) -> None:
        tree, objects, workflow = self._desk.head_tree(), self._desk.objects, self._policy().workflow
        if self._tree is None:
            changes = ((path, True) for path, _ in walk(objects, tree))
        else:
            found = changes_between(objects, self._tree, tree)
            changes = ((path, change.new is not None) for path, change in found.items())
        for path, is_there in changes:
            if (digest := digest_in(path)) and not path.startswith(COPIES):
                is_task = is_there and workflow.stage_of(path) not in NO_TASKS
                places = self._places.setdefault(digest, set())
                (places.add if is_task else places.discard)(path)
        self._tree = tree

    # Making

    def _make(self, key: str, path: str, content: bytes) -> str:
        refuse_staying(path, content)
        objects = self._desk.objects
        edits = {path: Change(None, objects.put_blob(content))}
        refuse_forbidden(self._desk, edits)
        if self._desk.disk.replace(path, None, content) is None and not self._is_left(path, content):
            raise VaultError(f"{path} is there already, and is no such task", note=path)
        self._desk.state.put(**{_record(key): path})
        self._cycle(frozenset([path]), f"add {path}")
        found = self._all(key)
        return self._settle(found) if len(found) > 1 else found[0] if found else path

    def _is_left(self, path: str, content: bytes) -> bool:
        """Was it written by one who was killed before it was committed?"""
        found = self._desk.disk.read(path, len(content))
        return found is not None and found[0] == content

    def _settle(self, found: list[str]) -> str:
        """One of several stays: the one somebody works on, else the first by name that is no copy."""
        workflow = self._policy().workflow
        stays = min(found, key=lambda path: (workflow.stage_of(path) == FREE, " (" in path, path))
        spare = [path for path in found if path != stays and workflow.stage_of(path) == FREE]
        if workflow.stage_of(stays) == FREE:
            taken_in = self._with_words_of(stays, spare)
        else:  # nothing is written into that one, so what says more than it stays, too
            known, taken_in = (b"", _words(self._content(stays))), {}
            spare = [path for path in spare if _words(self._content(path)) in known]
        edits = {path: Change(self._oid(path), None) for path in spare} | taken_in
        if spare:
            with suppress(
                VaultError
            ):  # somebody types in one of them, or may remove it and we not: next time
                refuse_forbidden(self._desk, edits)
                rewrite_notes(self._desk, edits)
                self._cycle(frozenset(edits), f"keep one task: {stays}")
        return stays

    def _with_words_of(self, stays: str, spare: Sequence[str]) -> Changes:
        """What the others say beside their title goes into the one that nobody works on yet."""
        before = self._content(stays)
        after, known = before, {_words(before)}
        for words in (_words(self._content(path)) for path in spare):
            if words and words not in known:
                after = after.rstrip(b"\n") + b"\n\n" + words + b"\n"
                known.add(words)
        return (
            {stays: Change(self._oid(stays), self._desk.objects.put_blob(after))} if after != before else {}
        )

    def _content(self, path: str) -> bytes:
        oid = self._oid(path)
        return self._desk.objects.blob(oid) if oid else b""

    def _oid(self, path: str) -> Oid | None:
        return find_file(self._desk.objects, self._desk.head_tree(), path)

    def _policy(self) -> Policy:
        return policy_at(self._desk.objects, self._desk.head_tree())


def _record(key: str) -> str:
    return f"task:{digest_of(key)}"


def _words(note: bytes) -> bytes:
    """What a task says, without its title."""
    text = body(note).strip()
    return text.partition(b"\n")[2].strip() if text.startswith(b"# ") else text
