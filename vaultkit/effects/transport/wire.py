"""A remote behind a git server: http(s) or ssh, through dulwich's wire client.

Asking for the branch takes one request in git's first protocol, two in its second, where the server
can leave out the other branches. So the first is used while there are few.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, NamedTuple, TypeVar, cast

from dulwich.client import SendPackResult
from dulwich.object_store import ObjectStoreGraphWalker
from dulwich.objects import ObjectID
from dulwich.pack import UnpackedObject
from dulwich.refs import Ref

from vaultkit.core.git.bounds import MOST_TALK_BYTES
from vaultkit.core.git.tree import Oid
from vaultkit.effects.transport.arriving import LeftOut, check_arrived
from vaultkit.effects.transport.clients import WireClient
from vaultkit.effects.transport.deadline import Limit
from vaultkit.effects.transport.failures import explain
from vaultkit.effects.transport.meter import Meter
from vaultkit.effects.transport.patience import Patience
from vaultkit.effects.transport.sending import objects_to_send, unpacked
from vaultkit.effects.transport.url import Address
from vaultkit.errors import Incomplete
from vaultkit.ports import GitStore, Outcome, Pushed

T = TypeVar("T")
MAIN = Ref(b"refs/heads/main")
MANY_REFS = 500
SPOOL_BYTES = 8 * 1024 * 1024
LOST_REASONS = (
    "failed to update ref",
    "non-fast-forward",
    "fetch first",
    "cannot lock ref",
    "stale info",
    "lock",
)


class Bounds(NamedTuple):
    """How long a call may take, and how much a fetch may bring."""

    deadline: float
    pack_bytes: int
    pack_objects: int


class WireTransport:
    """The Transport port over a git server."""

    def __init__(
        self, objects: GitStore, address: Address, wire: WireClient, bounds: Bounds, patience: Patience
    ) -> None:
        self._objects = objects
        self._address = address
        self._wire = wire
        self._bounds = bounds
        self._patience = patience
        self._path = (address.path if address.kind == "ssh" else "").encode()
        self._has_many_refs = False
        self._interrupted = threading.Event()

    def look(self) -> Oid | None:
        return self._within(lambda limit, meter: self._look())

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        self._within(lambda limit, meter: self._fetch(head, known, limit, meter))

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        return self._within(lambda limit, meter: self._push(expected, new, limit))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        self._wire.client.close()

    def _within(self, work: Callable[[Limit, Meter], T]) -> T:
        limit = Limit(self._bounds.deadline, self._interrupted, self._address.clean, self._wire.cut)
        meter = Meter(self._address.clean, MOST_TALK_BYTES, self._bounds.pack_bytes)
        self._wire.measure(meter)
        try:
            return self._wire.attempt(lambda: limit.run(lambda: work(limit, meter)))
        except Exception as error:
            raise explain(error, self._address) from error

    def _look(self) -> Oid | None:
        version = 2 if self._has_many_refs else 0
        result = self._wire.client.get_refs(self._path, protocol_version=version, ref_prefix=[bytes(MAIN)])
        head = result.refs.get(MAIN)
        return Oid(head.decode("ascii")) if head else None

    def _fetch(self, head: Oid, known: Sequence[Oid], limit: Limit, meter: Meter) -> None:
        with SpooledTemporaryFile(SPOOL_BYTES, dir=self._objects.place) as spool:
            file = cast("BinaryIO", spool)
            self._download(known, meter.into(file))
            arrival = self._objects.receive(file, self._bounds.pack_objects, limit.check)
            left_out = LeftOut(arrival.large.__contains__, arrival.unnamed)
            check_arrived(arrival, head, known, left_out, self._patience, self._objects.shallow())
            arrival.keep()

    def _download(self, known: Sequence[Oid], write: Callable[[bytes], int]) -> None:
        def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
            self._has_many_refs = len(refs) > MANY_REFS
            if MAIN not in refs:
                raise Incomplete("the remote's branch has just gone", hint="Try again.")
            return [refs[MAIN]]

        walker = ObjectStoreGraphWalker(
            [_id(oid) for oid in known], self._parents, {_id(oid) for oid in self._objects.shallow()}
        )
        self._wire.client.fetch_pack(self._path, wants, walker, write, ref_prefix=[bytes(MAIN)])

    def _parents(self, oid: ObjectID) -> list[ObjectID]:
        return [_id(parent) for parent in self._objects.commit(Oid(oid.decode("ascii"))).parents]

    def _push(self, expected: Oid | None, new: Oid, limit: Limit) -> Pushed:
        said: list[bytes] = []
        is_lost = False

        def update(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
            nonlocal is_lost
            is_lost = refs.get(MAIN) != (_id(expected) if expected else None)
            return {} if is_lost else {MAIN: _id(new)}

        def pack(have: object, want: object, **_: object) -> tuple[int, Iterator[UnpackedObject]]:
            oids = objects_to_send(self._objects, new, expected)
            return len(oids), unpacked(self._objects, oids, limit.check)

        result = self._wire.client.send_pack(self._path, update, pack, said.append)
        if is_lost:
            return Pushed(Outcome.LOST, "somebody else was first")
        return _read_answer(result, said)


def _id(oid: Oid) -> ObjectID:
    return ObjectID(oid.encode())


def _read_answer(result: SendPackResult, said: list[bytes]) -> Pushed:
    """dulwich raises nothing for a refused push: only the status of the ref tells."""
    status = (result.ref_status or {}).get(MAIN)
    if status is None:
        return Pushed(Outcome.ACCEPTED)
    reason = status if isinstance(status, str) else status.decode("utf-8", "replace")
    if any(words in reason for words in LOST_REASONS):
        return Pushed(Outcome.LOST, reason)
    words = b" ".join(said).decode("utf-8", "replace")
    told = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return Pushed(Outcome.REJECTED, f"{reason}: {told}"[:500] if told else reason)
