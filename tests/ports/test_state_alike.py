"""The State port: whatever is recorded, in whatever order, the file and the one in memory answer the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.effects.state import StateFile
from vaultkit.memory.state import MemoryState
from vaultkit.ports import Held, Job, Pending, Seen, Stamp, State

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
RUNS = int(os.environ.get("VAULTKIT_ROUNDS", "25"))
OIDS = st.sampled_from([Oid("a" * 40), Oid("b" * 40)])
PATHS = st.sampled_from(
    ["a.md", "F/a.md", "F/b.md", "F/G/c.md", "F/G.md", "caf\udce9.md", "\u00e9.md", "Z.md"]
)
NAMES = st.sampled_from(["head", "base", "tree"])
VALUES = st.dictionaries(NAMES, st.none() | st.sampled_from(["", "1", "2"]), max_size=2)
SEEN = st.builds(Seen, st.builds(Stamp, *[st.integers(0, 3)] * 4), OIDS)
HELD = st.builds(Held, PATHS, st.just("zone"), st.sampled_from(["x", "y"]), st.booleans(), st.none() | OIDS)
MOVES = st.sampled_from(["n:a.md", "n:a", "m:a.md"])
KEYS = st.builds("{}:{}".format, MOVES, st.sampled_from(["h", "g"]))
JOBS = st.builds(
    lambda key, move: Job(key, key.rpartition(":")[2], move, 0, 0.0), KEYS, st.sampled_from(["{}", "[]"])
)
VIOLATIONS = st.builds(
    Violation, OIDS, PATHS, st.just("agent"), st.just("zone"), st.integers(0, 2), st.just("no")
)
PENDING = st.builds(Pending, PATHS, st.none() | OIDS)
Record = Callable[[State], None]


class TwoStates(RuleBasedStateMachine):
    """A state file and a state in memory, which are told the same; the file is sometimes opened anew."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vaultkit-state-", dir=MEMORY))
        self.real, self.memory = StateFile(str(self.folder / "s.db")), MemoryState()

    def teardown(self) -> None:
        self.real.close()
        shutil.rmtree(self.folder)

    def both(self, record: Record) -> None:
        record(self.real)
        record(self.memory)

    @rule()
    def open_anew(self) -> None:
        """Another process."""
        self.real.close()
        self.real = StateFile(str(self.folder / "s.db"))

    @rule(values=VALUES)
    def put(self, values: dict[str, str | None]) -> None:
        self.both(lambda state: state.put(**values))

    @rule(values=VALUES)
    def settle(self, values: dict[str, str | None]) -> None:
        self.both(lambda state: state.settle(**values))

    @rule(sightings=st.lists(st.tuples(PATHS, st.none() | SEEN), max_size=3))
    def see(self, sightings: list[tuple[str, Seen | None]]) -> None:
        self.both(lambda state: state.see(iter(sightings)))

    @rule(held=st.lists(HELD, max_size=3), release=st.lists(PATHS, max_size=2))
    def hold(self, held: list[Held], release: list[str]) -> None:
        self.both(lambda state: state.hold(iter(held), iter(release)))

    @rule(pending=st.lists(PENDING, max_size=3))
    def expect(self, pending: list[Pending]) -> None:
        self.both(lambda state: state.expect(iter(pending)))

    @rule(violations=st.lists(VIOLATIONS, max_size=3))
    def report(self, violations: list[Violation]) -> None:
        self.both(lambda state: state.report(iter(violations)))

    @rule()
    def acknowledge(self) -> None:
        self.both(lambda state: state.acknowledge())

    @rule(jobs=st.lists(JOBS, max_size=3))
    def enqueue(self, jobs: list[Job]) -> None:
        self.both(lambda state: state.enqueue(iter(jobs)))

    @rule(key=KEYS, when=st.sampled_from([1.0, 2.5]), error=st.sampled_from(["x", "y"]))
    def retry(self, key: str, when: float, error: str) -> None:
        self.both(lambda state: state.retry(key, when, error))

    @rule(key=KEYS)
    def finish(self, key: str) -> None:
        self.both(lambda state: state.finish(key))

    @rule(keys=st.lists(KEYS, max_size=2))
    def call_off(self, keys: list[str]) -> None:
        self.both(lambda state: state.call_off(iter(keys)))

    @rule(path=PATHS, copy=PATHS, reason=st.sampled_from(["x", "y"]), time=st.integers(0, 3))
    def note_conflict(self, path: str, copy: str, reason: str, time: int) -> None:
        self.both(lambda state: state.note_conflict(path, copy, reason, time))

    @invariant()
    def both_answer_the_same(self) -> None:
        assert answers(self.real) == answers(self.memory)


def answers(state: State) -> list[object]:
    """All that can be asked."""
    return [
        [state.get(name) for name in ("head", "base", "tree", "other")],
        [state.seen(folder) for folder in ("", "F", "F/G", "none")],
        [state.places_of(inode) for inode in range(4)],
        state.held(),
        state.pending(),
        state.violations(),
        state.violations(unseen=True),
        state.jobs(),
        [state.begun_jobs(move) for move in ("n:a.md", "n:a", "m:a.md", "n")],
        state.failed_jobs(),
        state.conflicts(),
    ]


TwoStates.TestCase.settings = settings(max_examples=RUNS, stateful_step_count=40, deadline=None)
TestTwoStates = TwoStates.TestCase
