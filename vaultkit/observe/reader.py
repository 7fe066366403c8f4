"""Reading what changed: what it holds is stored, but for notes that stay here or are just being saved."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.rules.staying import LOCAL, STAYING, reason_to_stay
from vaultkit.desk import Desk
from vaultkit.observe.observation import NOT_STORED, Observation
from vaultkit.ports import Seen, Stamp

RACY_SECONDS = 2
TELL_EVERY = 500

Read = list[tuple[str, Stamp, "Oid | None"]]
"""The notes that were read: each path, with its stamp and what history has there."""


class Reader:
    """Reads notes in the course of one look, which began when it was made."""

    def __init__(self, desk: Desk, policy: Policy, *, adopts: bool) -> None:
        self._desk = desk
        self._policy = policy
        self._adopts = adopts
        self._now = desk.clock.now()

    @cached_property
    def staying(self) -> dict[str, Refusal]:
        """The notes that are held because they say so themselves, and the reason."""
        held = (one for one in self._desk.state.held() if one.rule in STAYING)
        return {one.path: Refusal(one.rule, one.detail, one.quiet) for one in held}

    def read(self, found: Observation) -> None:
        """Read what is `unread` and store it; many at once when there are many."""
        waiting: Read = []
        oids = self._desk.objects.put_blobs(self._contents(found, waiting))
        for n, oid in enumerate(oids):
            path, stamp, old = waiting[n]
            found.add(path, oid, old)
            found.seen.append((path, Seen(self._wary(stamp), oid)))

    def _contents(self, found: Observation, read: Read) -> Iterator[bytes]:
        for number, (path, old) in enumerate(found.unread, 1):
            if number % TELL_EVERY == 0:
                self._desk.progress("reading notes", number, len(found.unread))
            content = self._desk.disk.read(path, self._policy.sync.max_file)
            if content is None or (not content[0] and self._is_being_saved(content[1])):
                found.unsettled.add(path)
                continue
            if refusal := self._reason_to_stay(path, content[0], old):
                self._found_staying(found, path, content[1], refusal)
                continue
            read.append((path, content[1], old))
            yield content[0]

    def _reason_to_stay(self, path: str, data: bytes, old: Oid | None) -> Refusal | None:
        """A note that is as everybody has it was shared in spite of what it says, and goes on being so."""
        refusal = reason_to_stay(path, data)
        if refusal and old and not self._adopts and self._desk.objects.blob(old) == data:
            return None
        return refusal

    def _found_staying(self, found: Observation, path: str, stamp: Stamp, refusal: Refusal) -> None:
        """What it holds is stored nowhere. Why it is held may have been told in other words before."""
        before = self.staying.get(path)
        same = before if before and before.rule == refusal.rule == LOCAL else refusal
        found.sightings[path] = Sighting(None, same)
        found.seen.append((path, Seen(self._wary(stamp), NOT_STORED)))

    def _wary(self, stamp: Stamp) -> Stamp:
        """A stamp that a change right after this read could leave as it is must not be trusted."""
        return stamp._replace(mtime_ns=0) if self._is_recent(stamp) else stamp

    def _is_being_saved(self, stamp: Stamp) -> bool:
        """A time in the future is no sign of it: by that, a note would be left alone for ever."""
        return self._is_recent(stamp) and stamp.mtime_ns <= (self._now + RACY_SECONDS) * 1_000_000_000

    def _is_recent(self, stamp: Stamp) -> bool:
        return stamp.mtime_ns >= (self._now - RACY_SECONDS) * 1_000_000_000
