"""The local branch: what was committed here on top of what is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from vaultkit.core.cycle.protocol import Replica
from vaultkit.core.git.tree import Changes, Objects, Oid, changes_between


@dataclass(frozen=True, slots=True)
class LocalBranch:
    """The branch as a replica knows it."""

    objects: Objects
    replica: Replica

    @property
    def tree(self) -> Oid | None:
        """The tree of its newest commit; where that is published, what counts of it."""
        head = self.replica.head
        if head is None:
            return None
        return self.replica.tree if head == self.replica.base else self.objects.commit(head).tree

    def commits(self, beyond: Set[Oid] = frozenset()) -> list[Oid]:
        """The local commits since the base, oldest first; none that are published already."""
        path: list[Oid] = []
        at = self.replica.head
        while at is not None and at != self.replica.base and at not in beyond:
            path.append(at)
            parents = self.objects.commit(at).parents
            at = parents[0] if parents else None
        return path[::-1]

    def made_on(self, local: Sequence[Oid]) -> Oid | None:
        """The tree that the first of these local commits was made on; those before it may be published."""
        parents = self.objects.commit(local[0]).parents if local else ()
        if not parents or parents[0] == self.replica.base:
            return self.replica.tree
        return self.objects.commit(parents[0]).tree

    def changes(self) -> Iterator[tuple[Oid, Changes]]:
        """What each local commit changes; not of the very first one, before which there was nothing."""
        before = self.replica.tree
        for oid in self.commits():
            after = self.objects.commit(oid).tree
            if before:
                yield oid, changes_between(self.objects, before, after)
            before = after
