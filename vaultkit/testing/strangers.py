"""Those who push without vaultkit: somebody with plain git, and an attacker who holds Cloud's key."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Commit, Oid, changes_between, walk, with_edits
from vaultkit.core.rules.identity import CHANGE, sign_commit
from vaultkit.core.rules.policy import POLICY_FILE
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.remote import MemoryRemote
from vaultkit.testing.people import EVIL, People

AIMS = ("Approved/email", "Rejected/email", "Done/email", "Notes", "In_Progress/local_agent/email", "Updates")
TIME = 1_800_000_000


class PlainGit:
    """A person's phone: commits nobody signs, on top of what is published, sometimes as a merge."""

    def __init__(self, remote: MemoryRemote, people: People) -> None:
        self._remote = remote
        self._people = people

    def push_task(self) -> str | None:
        """Add a task, which the policy lets unsigned commits do."""
        return self._publish(lambda head: self._commit(head, head))

    def push_merge(self) -> str | None:
        """The same, but made on an older commit and merged."""

        def merged(head: Oid) -> Oid:
            old = next(iter(self._remote.objects.commit(head).parents), head)
            side = self._commit(old, old)
            return self._put(Commit(self._with_task_of(side, head), (side, head), ME, TIME, "Merge\n"))

        return self._publish(merged)

    def _publish(self, made_on: Callable[[Oid], Oid]) -> str | None:
        if self._remote.head is None:
            return None
        self._remote.head = made_on(self._remote.head)
        return self._remote.head[:7]

    def _commit(self, parent: Oid, on: Oid) -> Oid:
        number = next(self._people.numbers)
        task = f"---\nid: {number}\n---\n# From the phone\n\n".encode() + self._people.line("phone")
        tree = self._remote.objects.commit(on).tree
        edits = {f"Needs_Action/email/phone-{number}.md": self._remote.objects.put_blob(task)}
        return self._put(Commit(with_edits(self._remote.objects, tree, edits), (parent,), ME, TIME, "task\n"))

    def _with_task_of(self, side: Oid, head: Oid) -> Oid:
        """The tree of `head` with what `side` added, as git merges it."""
        objects = self._remote.objects
        commit = objects.commit(side)
        added = changes_between(objects, objects.commit(commit.parents[0]).tree, commit.tree)
        edits = {path: change.new for path, change in added.items()}
        return with_edits(objects, objects.commit(head).tree, edits)

    def _put(self, commit: Commit) -> Oid:
        return self._remote.objects.put_commit(commit)


ME = "me <me@example.org>"


class Attacker:
    """Pushes any tree it likes, signed with Cloud's key, a stranger's, or not at all."""

    def __init__(self, remote: MemoryRemote, chance: Random) -> None:
        self._remote = remote
        self._chance = chance
        self._evils = 0

    def strike(self) -> str | None:
        """One push."""
        head = self._remote.head
        if head is None:
            return None
        objects = self._remote.objects
        tree = objects.commit(head).tree
        paths = sorted(path for path, _ in walk(objects, tree))
        aims = (self._change, self._remove, self._move) if paths else ()
        aim = self._chance.choice((self._add, self._policy, *aims))
        edits = aim(paths)
        parents = (head,) if self._chance.random() < 0.7 else self._merge_parents(head)
        message = add_trailer("an attack", CHANGE, f"{self._evils:032x}")
        message = message if self._chance.random() < 0.6 else "an attack\n"
        commit = Commit(with_edits(objects, tree, edits), parents, "local_agent <x@y>", TIME, message)
        self._remote.head = objects.put_commit(self._signed(commit))
        return f"{aim.__name__} {', '.join(edits)}"

    def _merge_parents(self, head: Oid) -> tuple[Oid, ...]:
        older = next(iter(self._remote.objects.commit(head).parents), head)
        return self._chance.choice(((older, head), (head, older)))

    def _signed(self, commit: Commit) -> Commit:
        who = self._chance.choice(("cloud_agent", "cloud_agent", "stranger", ""))
        if not who:
            return commit
        keys = MemoryKeys(who)
        return sign_commit(commit, keys, keys.public()[0])

    def _evil(self) -> Oid:
        self._evils += 1
        return self._remote.objects.put_blob(b"%s %d\n" % (EVIL, self._evils))

    def _add(self, paths: list[str]) -> dict[str, Oid | None]:
        return {f"{self._chance.choice(AIMS)}/{self._chance.choice('abcxyz')}.md": self._evil()}

    def _change(self, paths: list[str]) -> dict[str, Oid | None]:
        return {self._chance.choice(paths): self._evil()}

    def _remove(self, paths: list[str]) -> dict[str, Oid | None]:
        return {self._chance.choice(paths): None}

    def _move(self, paths: list[str]) -> dict[str, Oid | None]:
        src = self._chance.choice(paths)
        objects, head = self._remote.objects, self._remote.head
        entry = dict(walk(objects, objects.commit(head).tree))[src] if head else None
        dst = f"{self._chance.choice(AIMS)}/{src.rpartition('/')[2]}"
        return {src: None, dst: entry.oid} if entry and dst != src else {src: None}

    def _policy(self, paths: list[str]) -> dict[str, Oid | None]:
        return {POLICY_FILE: self._evil()}
