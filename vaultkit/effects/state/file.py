"""The State port over SQLite. Paths are stored as bytes, because a file's name may not be UTF-8."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.effects.state.schema import connect
from vaultkit.ports import Held, Job, Pending, Seen, Stamp

BATCH = 5_000
_VIOLATION = "oid, path, agent, rule, time, detail"


class StateFile:
    """One connection, shared by the process's threads one at a time."""

    def __init__(self, path: str) -> None:
        self._database, self.recovered = connect(path)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    # Named values

    def get(self, name: str) -> str | None:
        row = self._one("SELECT value FROM value WHERE name = ?", name)
        return row[0] if row else None

    def put(self, **values: str | None) -> None:
        with self._transaction() as run:
            self._put(run, values)

    def settle(self, **values: str | None) -> None:
        with self._transaction() as run:
            run.execute("DELETE FROM pending")
            self._put(run, values)

    def _put(self, run: sqlite3.Connection, values: dict[str, str | None]) -> None:
        gone = [(name,) for name, value in values.items() if value is None]
        run.executemany("DELETE FROM value WHERE name = ?", gone)
        set_ = [(name, value) for name, value in values.items() if value is not None]
        run.executemany("INSERT OR REPLACE INTO value VALUES (?, ?)", set_)

    # What was seen

    def seen(self, folder: str) -> dict[str, Seen]:
        rows = self._all(
            "SELECT name, size, mtime, ctime, inode, oid FROM seen WHERE folder = ?", _blob(folder)
        )
        return {_text(row[0]): Seen(Stamp(*row[1:5]), Oid(row[5].hex())) for row in rows}

    def places_of(self, inode: int) -> list[str]:
        rows = self._all("SELECT folder, name FROM seen WHERE inode = ? ORDER BY folder, name", inode)
        places = ((_text(folder), _text(name)) for folder, name in rows)
        return [f"{folder}/{name}" if folder else name for folder, name in places]

    def see(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        for batch in _in_batches(sightings):
            with self._transaction() as run:
                _see(run, batch)

    # Held changes

    def held(self) -> list[Held]:
        rows = self._all("SELECT path, rule, detail, quiet, base FROM held ORDER BY path")
        return [
            Held(_text(path), rule, detail, bool(quiet), Oid(base) if base else None)
            for path, rule, detail, quiet, base in rows
        ]

    def hold(self, held: Iterable[Held], release: Iterable[str] = ()) -> None:
        with self._transaction() as run:
            run.executemany("DELETE FROM held WHERE path = ?", [(_blob(path),) for path in release])
            rows = [(_blob(h.path), h.rule, h.detail, h.quiet, h.base) for h in held]
            run.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", rows)

    # Writes under way

    def pending(self) -> dict[str, Pending]:
        rows = self._all("SELECT path, new, done FROM pending ORDER BY path")
        return {
            _text(path): Pending(_text(path), Oid(new) if new else None, bool(done))
            for path, new, done in rows
        }

    def expect(self, pending: Iterable[Pending]) -> None:
        with self._transaction() as run:
            rows = ((_blob(p.path), p.new or "", p.done) for p in pending)
            run.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", rows)

    def wrote(self, sightings: Iterable[tuple[str, Seen | None]]) -> None:
        """Each note costs enough syncs of its own, so this waits for the next one."""
        sightings = list(sightings)
        with self._lock:
            self._database.execute("PRAGMA synchronous=NORMAL")
            try:
                with self._transaction() as run:
                    _see(run, sightings)
                    done = [(_blob(path),) for path, _ in sightings]
                    run.executemany("UPDATE pending SET done = 1 WHERE path = ?", done)
            finally:
                self._database.execute("PRAGMA synchronous=FULL")

    # Violations and conflicts

    def violations(self, *, unseen: bool = False) -> list[Violation]:
        which = "WHERE NOT seen" if unseen else ""
        rows = self._all(f"SELECT {_VIOLATION} FROM violation {which} ORDER BY number")  # noqa: S608
        return [Violation(Oid(oid), _text(path), *rest) for oid, path, *rest in rows]

    def report(self, violations: Iterable[Violation]) -> None:
        rows = [(v.commit, _blob(v.path), *v[2:]) for v in violations]
        if rows:
            statement = f"INSERT OR IGNORE INTO violation ({_VIOLATION}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
            with self._transaction() as run:
                run.executemany(statement, rows)

    def acknowledge(self) -> None:
        with self._transaction() as run:
            run.execute("UPDATE violation SET seen = 1")

    def note_conflict(self, path: str, copy: str, reason: str, time: int) -> None:
        with self._transaction() as run:
            row = (_blob(path), _blob(copy), reason, time)
            run.execute("INSERT OR IGNORE INTO conflict (path, copy, reason, time) VALUES (?, ?, ?, ?)", row)

    def conflicts(self) -> list[tuple[str, str, str, int]]:
        rows = self._all("SELECT path, copy, reason, time FROM conflict ORDER BY number")
        return [(_text(path), _text(copy), reason, time) for path, copy, reason, time in rows]

    # After-hooks that are due

    def jobs(self) -> list[Job]:
        rows = self._all("SELECT key, hook, move, tries, not_before FROM job WHERE NOT done ORDER BY number")
        return [Job(*row) for row in rows]

    def enqueue(self, jobs: Iterable[Job]) -> None:
        statement = "INSERT OR IGNORE INTO job (key, hook, move, tries, not_before) VALUES (?, ?, ?, ?, ?)"
        with self._transaction() as run:
            run.executemany(statement, list(jobs))

    def retry(self, key: str, not_before: float, error: str) -> None:
        with self._transaction() as run:
            run.execute(
                "UPDATE job SET tries = tries + 1, not_before = ?, error = ? WHERE key = ?",
                (not_before, error, key),
            )

    def finish(self, key: str) -> None:
        with self._transaction() as run:
            run.execute("UPDATE job SET done = 1, move = '' WHERE key = ?", (key,))

    def ask_again(self, keys: Iterable[str]) -> None:
        with self._transaction() as run:
            run.executemany("UPDATE job SET not_before = 0 WHERE key = ?", [(key,) for key in keys])

    def drop_job(self, key: str) -> None:
        with self._transaction() as run:
            run.execute("DELETE FROM job WHERE key = ?", (key,))

    def call_off(self, keys: Iterable[str]) -> None:
        """A job that was called off is over, like one that is done, but was not run: `done` is 2."""
        statement = (
            "INSERT INTO job (key, hook, move, tries, not_before, done) VALUES (?, '', '', 0, 0, 2) "
            "ON CONFLICT (key) DO UPDATE SET done = 2, move = '' WHERE NOT done"
        )
        with self._transaction() as run:
            run.executemany(statement, [(key,) for key in keys])

    def begun_jobs(self, move: str) -> list[str]:
        prefix = f"{move}:"
        which = "substr(key, 1, ?) = ? AND hook != '' AND (done = 1 OR tries > 0)"
        rows = self._all(f"SELECT hook FROM job WHERE {which} ORDER BY number", len(prefix), prefix)  # noqa: S608
        return [hook for (hook,) in rows]

    def failed_jobs(self) -> list[tuple[str, str, int, str]]:
        return self._all(
            "SELECT key, hook, tries, error FROM job WHERE NOT done AND tries > 0 ORDER BY number"
        )

    # SQLite

    def _one(self, statement: str, *values: object) -> tuple[str, ...] | None:
        with self._lock:
            return self._database.execute(statement, values).fetchone()  # type: ignore[no-any-return]

    def _all(self, statement: str, *values: object) -> list:  # type: ignore[type-arg]
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def _see(run: sqlite3.Connection, sightings: Iterable[tuple[str, Seen | None]]) -> None:
    latest = dict(sightings).items()
    gone = [_split(path) for path, seen in latest if seen is None]
    rows = [(*_split(path), *seen.stamp, bytes.fromhex(seen.oid)) for path, seen in latest if seen]
    run.executemany("DELETE FROM seen WHERE folder = ? AND name = ?", gone)
    run.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _in_batches(
    sightings: Iterable[tuple[str, Seen | None]],
) -> Iterator[tuple[tuple[str, Seen | None], ...]]:
    iterator = iter(sightings)
    while batch := tuple(islice(iterator, BATCH)):
        yield batch


def _blob(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(blob: bytes) -> str:
    return blob.decode("utf-8", "surrogatepass")


def _split(path: str) -> tuple[bytes, bytes]:
    folder, _, name = path.rpartition("/")
    return _blob(folder), _blob(name)
