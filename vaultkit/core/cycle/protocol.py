"""What the engine is told (events) and what it asks for (actions). Plain values, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from vaultkit.core.git.changes import Move
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.core.history.status_moves import Unmoved
from vaultkit.core.hooks.calls import Due
from vaultkit.core.merging.merge_terms import Conflict, Overruled
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.errors import RemoteError


@dataclass(frozen=True, slots=True)
class Replica:
    """What this machine knew when the cycle began.

    `head`: the newest local commit. `base`: the published commit that head is built on, None before
    the first publication; `tree`: what counts at `base`. `arrived`: the commits from elsewhere that a git
    program brought here and that are not merged yet; `made_here`: those that such a program made here.
    `sighted`: what the disk held, by path, where a hook then wrote into a note of a local commit.
    `pending`: writes that were under way, what each path was to hold; `done`: those of them that were made.
    `held`: for each held path, what history had when it was held; `stays`: those of them that are held
    because they say so themselves; `waits`: those of which other notes may decide whether they still are.
    """

    head: Oid | None
    base: Oid | None
    tree: Oid | None
    arrived: Set[Oid] = frozenset()
    made_here: Set[Oid] = frozenset()
    sighted: Mapping[str, Oid] = field(default_factory=dict)
    pending: Mapping[str, Oid | None] = field(default_factory=dict)
    done: Set[str] = frozenset()
    held: Mapping[str, Oid | None] = field(default_factory=dict)
    stays: Set[str] = frozenset()
    waits: Set[str] = frozenset()
    has_remote: bool = True


# Events


@dataclass(frozen=True, slots=True)
class Began:
    """A cycle begins. `look_at` None means everything. `time` is UTC seconds; `nonce` is fresh and unique.

    `founding`: the policy to start with while history has none yet. `trusted`: the published commit that a
    vault which joins starts from; its tree counts as it is. `alive`: publish something, if only a sign
    of life. `deletions_allowed`: a person wants many notes gone; `deletions_refused`: wants those that
    others removed published anew. `as_written`: no note moves because of its status. `rested`: the
    decisions that have been as they are for long enough; others are left alone. None: all have.
    `by_hook`: the hook that changed what is at `look_at`, if one did. `taking`: the tasks to be taken over,
    whose agents were watched and fell silent.
    """

    replica: Replica
    time: int
    nonce: str
    look_at: frozenset[str] | None = None
    message: str = ""
    deletions_allowed: bool = False
    founding: Policy | None = None
    trusted: Oid | None = None
    alive: bool = False
    deletions_refused: bool = False
    as_written: bool = False
    rested: Set[Move] | None = None
    by_hook: str = ""
    taking: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A path that may differ from the newest local commit: its content now (None: gone), or why not read."""

    oid: Oid | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """The disk was looked at. `complete`: everything was, so what is not mentioned is as in history.

    `unsettled`: notes that were just being saved, and could not be read.
    """

    sightings: Mapping[str, Sighting]
    complete: bool
    unsettled: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """Writes were tried; at `mismatched` paths somebody had typed meanwhile and nothing was changed."""

    mismatched: frozenset[str]


@dataclass(frozen=True, slots=True)
class Renamed:
    """Notes were moved; at the places in `taken` something was already, and nothing was changed."""

    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Advanced:
    """`ok` is False if the branch was somewhere else than expected and did not move."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """The remote's head, None while it has no branch."""

    head: Oid | None


@dataclass(frozen=True, slots=True)
class Fetched:
    pass


@dataclass(frozen=True, slots=True)
class PushEnded:
    """What the remote said; `rejected` is its reason. Said is not done: the engine looks for itself."""

    lost: bool = False
    rejected: str = ""


@dataclass(frozen=True, slots=True)
class RemoteFailed:
    error: RemoteError
    during_push: bool = False


@dataclass(frozen=True, slots=True)
class Waited:
    pass


Event = Began | Observed | Written | Renamed | Advanced | Looked | Fetched | PushEnded | RemoteFailed | Waited


# Actions


@dataclass(frozen=True, slots=True)
class Observe:
    """Look at these paths (None: at everything), reading what `policy` admits.

    `adopts`: the tree is a repository's that nobody has judged yet; what it holds may yet stay here.
    """

    policy: Policy
    head_tree: Oid | None
    look_at: frozenset[str] | None
    adopts: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Give whoever is at work on the disk a moment, before it is looked at again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Remember what may not leave, and forget `release`. `complete`: forget all that is not named.

    `left`: of these notes, which stay here, others had a version that has just been taken out.
    """

    held: Mapping[str, tuple[Refusal, Oid | None]]
    release: frozenset[str]
    complete: bool
    left: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Keep:
    """Make durable what is at these paths now: it is about to be committed, or counts as written.

    What people did there no power cut may undo after that. A note dragged by them and published as dragged
    would be back at its old place, and that would pass for another drag.
    """

    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class Leave:
    """These decisions are still fresh, and what is gone from these paths may have been dragged to where a
    note is just being saved: what is on the disk stays, and is looked at again later."""

    decisions: frozenset[Move] = frozenset()
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rename:
    """Move notes where the disk still has each as `new`, and nothing at its `dst`."""

    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class WriteStep:
    """Make `path` hold `new` (None: nothing) if it holds `expected`, `new`, or one of `others`."""

    path: str
    expected: Oid | None
    new: Oid | None
    others: Set[Oid | None] = frozenset()


@dataclass(frozen=True, slots=True)
class Write:
    """Write to the disk by compare-and-set. `resumable`: a kill in between must not look like typing."""

    steps: tuple[WriteStep, ...]
    resumable: bool


@dataclass(frozen=True, slots=True)
class Advance:
    """Move the branch from `expected` to `head` and remember the base: one step that a restart completes.

    `settles`: the disk holds what `head` says, so the writes under way are over. `sighted` as in `Replica`.
    """

    expected: Oid | None
    head: Oid
    base: Oid | None
    tree: Oid | None
    settles: bool
    sighted: Mapping[str, Oid] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Remember what a person should know, and of which agents (`heard`) something signed was published.

    `told`: notes whose new status (or what else it is `about`) does nothing, and why. `given`: the agents
    to whom tasks were handed. `renewed`: what this cycle made is published, so all that this agent holds is
    its own for another lease. `overruled`: moves that others were before.
    """

    violations: tuple[Violation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    time: int = 0
    heard: Set[str] = frozenset()
    policy_changed: bool = False
    told: Mapping[str, Unmoved] = field(default_factory=dict)
    about: str = "status"
    given: Set[str] = frozenset()
    renewed: bool = False
    overruled: tuple[Overruled, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """After-hooks to run, once each: those that confirmed commits call for."""

    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Look:
    pass


@dataclass(frozen=True, slots=True)
class Fetch:
    head: Oid
    known: tuple[Oid, ...]


@dataclass(frozen=True, slots=True)
class Push:
    expected: Oid | None
    new: Oid


@dataclass(frozen=True, slots=True)
class Wait:
    """Back off before try number `tries` (from 1); the driver chooses the seconds, with jitter."""

    tries: int


Ending = Literal["in step", "offline", "rejected", "waiting", "moved", "busy"]


@dataclass(frozen=True, slots=True)
class Finish:
    """The cycle is over. `ending` says how:

    in step: local and published are the same · offline: the remote failed (`error`) · rejected: the
    remote's rules refused the push · waiting: a person must answer (mass deletion, of `gone`) · moved:
    another program moved the branch, begin again · busy: somebody kept typing, or kept being first.
    """

    ending: Ending
    error: RemoteError | None = None
    detail: str = ""
    gone: tuple[str, ...] = ()


Action = (
    Observe
    | Rest
    | Hold
    | Keep
    | Leave
    | Rename
    | Write
    | Advance
    | Report
    | Call
    | Look
    | Fetch
    | Push
    | Wait
    | Finish
)
