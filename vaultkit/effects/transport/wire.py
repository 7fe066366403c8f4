"""A remote behind a git server: http(s) or ssh, through dulwich's wire client.

Asking for the branch takes one request in git's first protocol, two in its second, where the server
can leave out the other branches. So the first is used while there are few.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Protocol, TypeVar

from dulwich.client import GitClient, SendPackResult, SSHGitClient, SubprocessSSHVendor, SubprocessWrapper
from dulwich.objects import ObjectID
from dulwich.pack import UnpackedObject
from dulwich.refs import Ref
from dulwich.repo import Repo

from vaultkit.core.tree import Oid
from vaultkit.effects.transport import packs
from vaultkit.effects.transport.deadline import Limit
from vaultkit.effects.transport.failures import explain
from vaultkit.effects.transport.url import Address
from vaultkit.ports import Outcome, Pushed

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


class WireClient(Protocol):
    """What is needed of a dulwich client, and a way to cut it off."""

    @property
    def client(self) -> GitClient: ...

    def attempt(self, call: Callable[[], T]) -> T:
        """What `call` returns; it is called again where other credentials may let it in."""

    def cut(self) -> None: ...


class WireTransport:
    """The Transport port over a git server."""

    def __init__(self, repo: Repo, address: Address, wire: WireClient, deadline: float) -> None:
        self._repo = repo
        self._address = address
        self._wire = wire
        self._deadline = deadline
        self._path = (address.path if address.kind == "ssh" else "").encode()
        self._has_many_refs = False
        self._interrupted = threading.Event()

    def look(self) -> Oid | None:
        return self._within(self._look)

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        self._within(lambda: self._fetch(_id(head), [_id(oid) for oid in known]))

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        return self._within(lambda: self._push(_id(expected) if expected else None, _id(new)))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        self._wire.client.close()

    def _within(self, work: Callable[[], T]) -> T:
        try:
            limit = Limit(self._deadline, self._interrupted, self._address.clean, self._wire.cut)
            return self._wire.attempt(lambda: limit.run(work))
        except Exception as error:
            raise explain(error, self._address) from error

    def _look(self) -> Oid | None:
        version = 2 if self._has_many_refs else 0
        result = self._wire.client.get_refs(self._path, protocol_version=version, ref_prefix=[bytes(MAIN)])
        head = result.refs.get(MAIN)
        return Oid(head.decode("ascii")) if head else None

    def _fetch(self, head: ObjectID, known: list[ObjectID]) -> None:
        store = self._repo.object_store
        walker = self._repo.get_graph_walker(heads=known)
        with SpooledTemporaryFile(SPOOL_BYTES, dir=os.fsdecode(store.path)) as pack:

            def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
                self._has_many_refs = len(refs) > MANY_REFS
                if MAIN not in refs:
                    raise packs.Incomplete("the remote's branch has just gone", hint="Try again.")
                return [refs[MAIN]] if refs[MAIN] != head else [head]

            prefix = [bytes(MAIN)]
            self._wire.client.fetch_pack(self._path, wants, walker, pack.write, ref_prefix=prefix)
            packs.take_pack(store, pack)
        packs.check_complete(store, head, known)

    def _push(self, expected: ObjectID | None, new: ObjectID) -> Pushed:
        said: list[bytes] = []
        is_lost = False

        def update(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
            nonlocal is_lost
            is_lost = refs.get(MAIN) != expected
            return {} if is_lost else {MAIN: new}

        result = self._wire.client.send_pack(self._path, update, self._pack_for(expected, new), said.append)
        if is_lost:
            return Pushed(Outcome.LOST, "somebody else was first")
        return _read_answer(result, said)

    def _pack_for(
        self, expected: ObjectID | None, new: ObjectID
    ) -> Callable[..., tuple[int, Iterator[UnpackedObject]]]:
        store = self._repo.object_store

        def pack(have: object, want: object, **_: object) -> tuple[int, Iterator[UnpackedObject]]:
            oids = packs.new_objects(store, new, expected) if expected else None
            if oids is None:
                oids = packs.all_objects(store, new, expected)
            return len(oids), packs.unpacked(store, oids)

        return pack


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


class CuttableSSH(SubprocessSSHVendor):
    """Runs `ssh` and remembers it, so that it can be ended when time is up."""

    def __init__(self, address: Address, connect: float) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        command = f"ssh -oBatchMode=yes -oConnectTimeout={connect:.0f}"
        self.client = SSHGitClient(
            address.host, address.port, address.username, vendor=self, ssh_command=command
        )

    def run_command(self, *arguments: object, **options: object) -> SubprocessWrapper:
        wrapper = super().run_command(*arguments, **options)  # type: ignore[arg-type]
        self._running = wrapper.proc
        return wrapper

    def attempt(self, call: Callable[[], T]) -> T:
        return call()

    def cut(self) -> None:
        if self._running and self._running.poll() is None:
            self._running.kill()
