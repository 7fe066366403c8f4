"""Which objects a push sends: the new commits, and in them what their parents do not have.

The parents' trees may be whatever somebody pushed; where one cannot be read, all of ours is sent.
What we ourselves cannot read cannot be sent, and the person is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dulwich.pack import UnpackedObject

from vaultkit.core.git.pack_format import NUMBERS
from vaultkit.core.git.reachable import Needed, new_below, new_commits
from vaultkit.core.git.tree import Oid
from vaultkit.errors import RemoteUnreachable
from vaultkit.ports import GitStore, Lookup


def needed_objects(objects: Lookup, commits: Sequence[Oid]) -> Iterator[Needed]:
    """What these commits (parents first) need beside each other and what their parents have."""
    seen: set[Oid] = set()
    for oid in commits:
        commit = objects.commit(oid)
        yield from new_below(objects, commit.tree, tree_before(objects, commit.parents), seen)


def tree_before(objects: Lookup, parents: Sequence[Oid]) -> Oid | None:
    """The tree of the first parent, if it can be read."""
    try:
        return objects.commit(parents[0]).tree if parents else None
    except KeyError:
        return None


def objects_to_send(objects: GitStore, new: Oid, old: Oid | None) -> list[Oid]:
    """What `new` needs and `old` has not, commits last, parents before their children."""
    try:
        commits = new_commits(objects, new, [old] if old else [])
        found = dict.fromkeys(needed.oid for needed in needed_objects(objects, commits))
    except KeyError as error:
        raise _cannot_send(objects, error.args[0]) from error
    return [*found, *commits]


def read_to_send(
    objects: GitStore, oids: Sequence[Oid], check: Callable[[], None]
) -> Iterator[tuple[str, bytes]]:
    """Each object's kind and content, read when it is its turn; `check` may raise to end it."""
    for oid in oids:
        check()
        try:
            yield objects.raw(oid)
        except KeyError as error:
            raise _cannot_send(objects, oid) from error


def unpacked(objects: GitStore, oids: Sequence[Oid], check: Callable[[], None]) -> Iterator[UnpackedObject]:
    """The objects as dulwich sends them."""
    for oid, (kind, content) in zip(oids, read_to_send(objects, oids, check), strict=True):
        yield UnpackedObject(
            NUMBERS[kind], sha=bytes.fromhex(oid), decomp_chunks=[content], decomp_len=len(content)
        )


def _cannot_send(objects: GitStore, oid: Oid) -> RemoteUnreachable:
    try:
        size = objects.weigh(oid).size
    except KeyError:
        hint = "Run `git fsck` in the vault; if it was cloned without its past, `git fetch --unshallow`."
        return RemoteUnreachable(f"the object {oid} is missing here and cannot be published", hint=hint)
    hint = "Push it once with `git push`; from then on vaultkit goes on from there."
    return RemoteUnreachable(f"history holds a file of {size} bytes, too large to be published", hint=hint)
