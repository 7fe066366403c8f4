"""What this machine has observed, and remembers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.ports.disk import Stamp


class Seen(NamedTuple):
    """What a path was when last looked at."""

    stamp: Stamp
    oid: Oid


class Held(NamedTuple):
    """A local change that may not leave. `base` is what history had when it was made."""

    path: str
    rule: str
    detail: str
    quiet: bool
    base: Oid | None


class Pending(NamedTuple):
    """A write under way: the disk may hold either its old content or `new` (None: removed).

    `done`: it was made, whatever became of the note since.
    """

    path: str
    new: Oid | None
    done: bool = False


class Job(NamedTuple):
    """An after-hook that is due. `key` names the occasion, for idempotence; `tries` counts failures."""

    key: str
    hook: str
    move: str
    tries: int
    not_before: float


class State(Protocol):
    """What this machine has observed, in one durable file. Each call is atomic and durable.

    `see` alone may be cut between many sightings: each stands for itself, and what is not there is looked
    at again. Observations are kept, plans are not: after a kill a restart looks again and carries on.
    """

    def get(self, name: str) -> str | None: ...
    def put(self, **values: str | None) -> None:
        """Set (or with None forget) several named values at once."""

    def seen(self, folder: str) -> dict[str, Seen]:
        """What was last seen directly in `folder`, by name."""

    def places_of(self, inode: int) -> list[str]:
        """The paths where a file of this number was seen last, in order."""

    def see(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        """Record what paths are now; None for what is no longer there."""

    def held(self) -> list[Held]: ...
    def hold(self, held: Iterable[Held], release: Iterable[str] = ()) -> None: ...
    def pending(self) -> dict[str, Pending]:
        """The writes under way, by path."""

    def expect(self, pending: Iterable[Pending]) -> None:
        """Add to the writes under way; what was expected of the same path before is over."""

    def wrote(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        """Like `see`, of writes under way that are done now. After a power cut the last may be forgotten."""

    def settle(self, **values: str | None) -> None:
        """Forget the writes under way and set values, as one."""

    def violations(self, *, unseen: bool = False) -> list[Violation]:
        """Those recorded, in the order they came; with `unseen`, only those after the last `acknowledge`."""

    def report(self, violations: Iterable[Violation]) -> None:
        """Record violations; one that is recorded already is not recorded twice."""

    def acknowledge(self) -> None:
        """A person has seen all violations that are recorded now."""

    def jobs(self) -> list[Job]: ...
    def enqueue(self, jobs: Iterable[Job]) -> None:
        """Add jobs; a key that was ever enqueued is not added again."""

    def retry(self, key: str, not_before: float, error: str) -> None: ...
    def finish(self, key: str) -> None:
        """The job is done; its key stays spent."""

    def ask_again(self, keys: Iterable[str]) -> None:
        """These jobs are due now, however often they failed; that they were tried is not forgotten."""

    def drop_job(self, key: str) -> None:
        """The job is over, and its key may be enqueued again."""

    def call_off(self, keys: Iterable[str]) -> None:
        """These jobs do not run any more, nor if they are enqueued only later; what is done stays done."""

    def begun_jobs(self, move: str) -> list[str]:
        """The hooks that were run for a move (its key) at least once, whatever came of it.

        Also one whose job was called off while it ran; in the order in which they were enqueued.
        """

    def failed_jobs(self) -> list[tuple[str, str, int, str]]:
        """The unfinished jobs that failed at least once: key, hook, tries, last error."""

    def note_conflict(self, path: str, copy: str, reason: str, time: int) -> None: ...
    def conflicts(self) -> list[tuple[str, str, str, int]]: ...
    def close(self) -> None: ...
