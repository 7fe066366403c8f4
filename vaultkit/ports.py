"""The ports: what the service needs from the outside world, as contracts in prose.

Each port has a real implementation in `effects/` and, where the simulator needs one, another in
`memory/`; one conformance suite (tests/ports) holds both to the words below. Effects do not know each
other; the driver connects them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, NamedTuple, Protocol

from vaultkit.core.credentials import Credentials, Place
from vaultkit.core.fold import Violation
from vaultkit.core.identity import Keys
from vaultkit.core.tree import Commit, Folder, Objects, Oid

__all__ = ["Keys"]


class ObjectStore(Objects, Protocol):
    """A git repository's objects and the two refs vaultkit moves.

    `head` is the branch `main`: the local commits. `tracking` is what the remote was last seen to
    hold. Everything stored is durable (synced to the disk) before the call that stored it returns.
    """

    def contains(self, oid: Oid) -> bool: ...

    def head(self) -> Oid | None:
        """The commit `main` points at, None before the first."""

    def move_head(self, expected: Oid | None, new: Oid) -> bool:
        """Point `main` at `new` if it still is at `expected`; False (and no change) otherwise."""

    def tracking(self) -> Oid | None: ...
    def set_tracking(self, new: Oid) -> None: ...

    def brought_here(self) -> frozenset[Oid]:
        """The commits that git programs in this repository fetched last, by whatever remote or address."""

    def made_here(self) -> frozenset[Oid]:
        """The commits that other git programs made in this repository lately, as its own log tells."""


class Weight(NamedTuple):
    """What the first bytes of an object say of it: its kind as git has it, and the size of its content."""

    kind: str
    size: int


class Lookup(Protocol):
    """Commits, folders and kinds by their hashes; KeyError for what is missing, damaged or too large."""

    def commit(self, oid: Oid) -> Commit: ...
    def folder(self, oid: Oid) -> Folder: ...
    def kind(self, oid: Oid) -> str: ...


class Arrival(Lookup, Protocol):
    """A fetched pack that was read through and is not stored yet: its objects, and those stored already.

    Files too large to keep were left out on purpose: `large` are those whose names are known,
    `unnamed` counts those stored as a difference, whose names nobody can tell. Looking at folders
    and kinds has an allowance of work, and raises OverBudget when it is used up.
    """

    large: frozenset[Oid]
    unnamed: int

    def keep(self) -> None:
        """Store it, durably; a commit is never there before what it needs."""


class GitStore(ObjectStore, Lookup, Protocol):
    """The ObjectStore as a transport needs it: objects as git encodes them, few or a pack of them.

    `place` is the folder they are in; a file made there is on the same disk.
    """

    place: str

    def commit(self, oid: Oid) -> Commit: ...
    def folder(self, oid: Oid) -> Folder: ...

    def raw(self, oid: Oid) -> tuple[str, bytes]:
        """An object's kind and encoded content; KeyError as ever."""

    def weigh(self, oid: Oid) -> Weight:
        """What an object's first bytes say, even if it is too large to be read; KeyError if there is none."""

    def keep(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Store encoded objects, read one by one: a few as they come, many as one pack."""

    def receive(self, pack: BinaryIO, most_objects: int, check: Callable[[], None]) -> Arrival:
        """Read a fetched pack through, within bounds of memory and work; Incomplete if it is none.

        Objects beyond those bounds, or built on what nobody has, are left out. `check` is called
        again and again and may raise, to give the work up. The pack is read until the arrival is kept.
        """

    def shallow(self) -> frozenset[Oid]:
        """The commits whose parents are not here, in a repository that was cloned without its past."""

    def other(self, path: str) -> AbstractContextManager[GitStore]:
        """The repository at another `path`, whoever writes into it, read within the same bounds."""


class Outcome(Enum):
    """What a push came to. Even `ACCEPTED` is only what the server said: look again to be sure."""

    ACCEPTED = "accepted"
    LOST = "lost"
    REJECTED = "rejected"


class Pushed(NamedTuple):
    outcome: Outcome
    reason: str = ""


class Transport(Protocol):
    """One branch (`main`) of one remote repository, and the way its objects come and go.

    Every call ends within its deadline, and raises AuthenticationFailed, RemoteNotFound,
    RemoteUnreachable or RejectedByRemote, never anything else.
    """

    def look(self) -> Oid | None:
        """The remote's head now; None while the branch does not exist."""

    def fetch(self, head: Oid, known: Sequence[Oid]) -> None:
        """Bring in `head` and everything it needs, given that all below `known` is here already.

        Afterwards the object store holds them all, or RemoteUnreachable is raised and the store has
        gained nothing visible. A ref whose objects are missing is a reason to try again.
        """

    def push(self, expected: Oid | None, new: Oid) -> Pushed:
        """Move the remote's head from `expected` to `new`, sending the objects it lacks.

        Compare-and-swap: if the remote's head is not `expected`, nothing changes there and the
        outcome is LOST. Never forced. A lost connection raises RemoteUnreachable, and then nobody
        knows: look again.
        """

    def interrupt(self) -> None:
        """End the call under way, and every later one, with RemoteUnreachable; from any thread."""

    def close(self) -> None: ...


class CredentialSource(Protocol):
    """A place where credentials for a remote may be: the environment, a keyring, a helper, a person.

    Asked only after the remote wanted some, in the thread that called the transport, and one
    candidate at a time: the next is looked for when the one before was refused. It gives only what
    is meant for the place's scheme, host, port and, if it names one, user. Having nothing and not
    working are the same: it gives nothing. LookNoFurther ends the search, also among other sources.
    """

    @property
    def name(self) -> str:
        """What a hint calls it; holds no value that it gives."""

    def find(self, place: Place) -> Iterator[Credentials]:
        """The candidates, best first; a finite number."""

    def worked(self, place: Place, credentials: Credentials) -> None:
        """The remote took these, which `find` gave."""

    def refused(self, place: Place, credentials: Credentials) -> None:
        """The remote says that these are wrong (not: that they may not do something)."""


class Stamp(NamedTuple):
    """What `stat` says about a file; an equal stamp means unread content need not be read again."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Kind(Enum):
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a link, a pipe, a device: never followed, never opened
    SHARED = "shared"  # a file that has another name too, who knows where: never read


class Item(NamedTuple):
    """One name in a folder of the vault."""

    name: str
    kind: Kind
    stamp: Stamp


class Disk(Protocol):
    """The vault's folder. Paths are relative, with `/`; links are never followed.

    Raises OSError where the system does (a full or read-only disk, no permission), after leaving
    the old content whole: a path holds an old or a new content, never a torn or an empty one.
    """

    def items(self, folder: str) -> list[Item]:
        """What is directly in `folder` ("" is the vault); empty if there is no such folder.

        A name that is not UTF-8 comes with surrogates in it.
        """

    def item(self, path: str) -> Item | None:
        """The item at `path`, None if there is none or a folder on the way is a link."""

    def read(self, path: str, most: int) -> tuple[bytes, Stamp] | None:
        """The content, read while it was not changing, with its stamp.

        None if it is no file of one name, is larger than `most` bytes, vanished, or kept changing.
        """

    def replace(self, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        """Write `new` where `expected` (None: nothing) was; None and no change if it was not.

        The new content appears at once and whole (hidden temporary file, sync, rename); folders on
        the way are made. Returns the new file's stamp.
        """

    def remove(self, path: str, expected: bytes) -> bool:
        """Remove the file if it holds `expected`, and then folders that became empty below the vault's
        own top-level folders; False and no change if it holds something else, or nothing any more."""

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        """Remove what killed writes left in `folder`, among its `items`; True if there was something.

        Only for a caller that holds the vault's lock: then no write is under way.
        """

    def bulk(self, contents: Iterable[tuple[str, bytes]] = ()) -> AbstractContextManager[object]:
        """While it lasts, what is written need not stay; all of it does when it ends without an error.

        Meanwhile a power cut leaves at each path its whole old content or its whole new one. `contents`
        says what will be written where: so it can be made durable together, before the first is in place.
        """

    def keep(self, paths: Iterable[str]) -> None:
        """No power cut takes back what is at `paths` now, nor that nothing is there, whoever did it."""

    def rename(self, src: str, dst: str) -> bool:
        """Move a file without ever overwriting; False if `src` is gone or `dst` exists."""


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


@dataclass(frozen=True, slots=True)
class Hint:
    """Somebody says a path (or, with `all`, anything) may have changed; only a reason to look."""

    path: str = ""
    everything: bool = False
    remote: bool = False


class Watcher(Protocol):
    """Says where to look. Hints may be late, double, missing or wrong; the scan is the truth."""

    def start(self) -> None: ...
    def drain(self) -> list[Hint]: ...
    def wait(self, seconds: float) -> bool:
        """Sleep until there is a hint, at most `seconds`; True if there is one."""

    def wake(self) -> None:
        """End a `wait` early; may be called from a signal handler."""

    def alive(self) -> bool: ...
    def stop(self) -> None: ...


class Clock(Protocol):
    def now(self) -> int:
        """UTC, whole seconds since 1970; may jump."""

    def monotonic(self) -> float: ...
    def uptime(self) -> float:
        """Like `monotonic`, and it goes on while the machine sleeps, where the system can tell."""

    def boot(self) -> str:
        """Names the run of the system: readings of `monotonic` and `uptime` compare only within one.

        Where the system gives its runs no name, each process is a run of its own.
        """

    def sleep(self, seconds: float) -> None: ...
    def nonce(self) -> str:
        """A fresh random name nobody else will ever have."""

    def jitter(self) -> float:
        """A random number in [0, 1)."""


class Lock(Protocol):
    def acquire(self, seconds: float) -> None:
        """Take the vault's lock; VaultBusy if another process holds it longer than that."""

    def release(self) -> None: ...
