"""What a machine has observed, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.ports import Held, Job, Pending, Seen


class MemoryState:
    """The State port in memory. What is recorded is taken whole first, so that each call is atomic."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._seen: dict[str, dict[str, Seen]] = defaultdict(dict)
        self._held: dict[str, Held] = {}
        self._pending: dict[str, Pending] = {}
        self._violations: dict[tuple[Oid, str], Violation] = {}
        self._acknowledged: set[tuple[Oid, str]] = set()
        self._jobs: dict[str, Job] = {}
        self._errors: dict[str, str] = {}
        self._spent: set[str] = set()
        self._hooks: dict[str, str] = {}
        self._begun: set[str] = set()
        self._conflicts: dict[str, tuple[str, str, str, int]] = {}

    def close(self) -> None:
        """Nothing to let go of."""

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def put(self, **values: str | None) -> None:
        for name, value in values.items():
            if value is None:
                self._values.pop(name, None)
            else:
                self._values[name] = value

    def settle(self, **values: str | None) -> None:
        self._pending.clear()
        self.put(**values)

    def seen(self, folder: str) -> dict[str, Seen]:
        return dict(self._seen[folder])

    def places_of(self, inode: int) -> list[str]:
        there = (
            (f, n) for f, names in self._seen.items() for n, s in names.items() if s.stamp.inode == inode
        )
        return [f"{folder}/{name}" if folder else name for folder, name in sorted(there)]

    def see(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        for path, seen in sightings:
            folder, _, name = path.rpartition("/")
            if seen is None:
                self._seen[folder].pop(name, None)
            else:
                self._seen[folder][name] = seen

    def held(self) -> list[Held]:
        return sorted(self._held.values())

    def hold(self, held: Iterable[Held], release: Iterable[str] = ()) -> None:
        kept, gone = {one.path: one for one in held}, list(release)
        for path in gone:
            self._held.pop(path, None)
        self._held.update(kept)

    def pending(self) -> dict[str, Pending]:
        return dict(sorted(self._pending.items()))

    def expect(self, pending: Iterable[Pending]) -> None:
        self._pending.update({one.path: one for one in pending})

    def wrote(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        sightings = list(sightings)
        self.see(sightings)
        for path, _ in sightings:
            if path in self._pending:
                self._pending[path] = self._pending[path]._replace(done=True)

    def violations(self, *, unseen: bool = False) -> list[Violation]:
        return [v for key, v in self._violations.items() if not (unseen and key in self._acknowledged)]

    def report(self, violations: Iterable[Violation]) -> None:
        for violation in list(violations):
            self._violations.setdefault((violation.commit, violation.path), violation)

    def acknowledge(self) -> None:
        self._acknowledged |= self._violations.keys()

    def jobs(self) -> list[Job]:
        return list(self._jobs.values())

    def enqueue(self, jobs: Iterable[Job]) -> None:
        for job in list(jobs):
            if job.key not in self._spent:
                self._spent.add(job.key)
                self._jobs[job.key], self._hooks[job.key] = job, job.hook

    def retry(self, key: str, not_before: float, error: str) -> None:
        self._begin(key)
        if key in self._jobs:
            job = self._jobs[key]
            self._jobs[key] = job._replace(tries=job.tries + 1, not_before=not_before)
            self._errors[key] = error

    def finish(self, key: str) -> None:
        self._begin(key)
        self._jobs.pop(key, None)

    def _begin(self, key: str) -> None:
        if key in self._hooks:
            self._begun.add(key)

    def ask_again(self, keys: Iterable[str]) -> None:
        for key in [key for key in keys if key in self._jobs]:
            self._jobs[key] = self._jobs[key]._replace(not_before=0)

    def drop_job(self, key: str) -> None:
        self._jobs.pop(key, None)
        self._spent.discard(key)
        self._begun.discard(key)

    def call_off(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            self._spent.add(key)
            self._jobs.pop(key, None)

    def begun_jobs(self, move: str) -> list[str]:
        known = self._hooks.items()
        return [hook for key, hook in known if key in self._begun and key.startswith(f"{move}:")]

    def failed_jobs(self) -> list[tuple[str, str, int, str]]:
        return [(j.key, j.hook, j.tries, self._errors[j.key]) for j in self._jobs.values() if j.tries]

    def note_conflict(self, path: str, copy: str, reason: str, time: int) -> None:
        self._conflicts.setdefault(copy, (path, copy, reason, time))

    def conflicts(self) -> list[tuple[str, str, str, int]]:
        return list(self._conflicts.values())
