"""The tables, and opening them.

A file that is unreadable, or of another version, is set aside: all in it can be observed again.
"""

from __future__ import annotations

import os
import sqlite3

VERSION = 3
TABLES = """
CREATE TABLE value (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (
    folder BLOB NOT NULL, name BLOB NOT NULL, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER,
    oid BLOB NOT NULL, PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE TABLE held (path BLOB PRIMARY KEY, rule TEXT, detail TEXT, quiet INTEGER, base TEXT) WITHOUT ROWID;
CREATE TABLE pending (path BLOB PRIMARY KEY, new TEXT NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE violation (
    number INTEGER PRIMARY KEY, oid TEXT, path BLOB, agent TEXT, rule TEXT, time INTEGER, detail TEXT,
    seen INTEGER DEFAULT 0, UNIQUE (oid, path)
);
CREATE TABLE job (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE, hook TEXT, move TEXT,
    tries INTEGER, not_before REAL, error TEXT, done INTEGER DEFAULT 0
);
CREATE TABLE conflict (number INTEGER PRIMARY KEY, path BLOB, copy BLOB UNIQUE, reason TEXT, time INTEGER);
"""


def connect(path: str) -> tuple[sqlite3.Connection, bool]:
    """The open file, and whether it had to be started anew because it was unreadable."""
    try:
        return _open(path), False
    except sqlite3.DatabaseError:
        number = 1
        while os.path.exists(f"{path}.corrupt-{number}"):
            number += 1
        os.replace(path, f"{path}.corrupt-{number}")
        for leftover in (f"{path}-wal", f"{path}-shm"):
            if os.path.exists(leftover):
                os.unlink(leftover)
        return _open(path), True


def _open(path: str) -> sqlite3.Connection:
    """Write-ahead logging with full syncs: readers never wait, and a commit survives a power cut."""
    database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _create(database)
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"these are the tables of version {version}")
    except BaseException:
        database.close()
        raise
    return database


def _create(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    if database.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in TABLES.split(";"):
            if statement.strip():
                database.execute(statement)
        database.execute(f"PRAGMA user_version={VERSION}")
    database.execute("COMMIT")
