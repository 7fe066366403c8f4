"""When a draft expires."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vaultkit.core.text.expiry import is_expired
from vaultkit.core.text.note import Note

NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("line", "expired"),
    [
        ("expires: 2026-03-01T11:59:00Z", True),
        ("expires: 2026-03-01 12:01:00+00:00", False),
        ("expires_at: 2026-03-01T13:30:00+02:00", True),
        ("deadline: 2026-02-28", True),
        ("deadline: 2026-03-01", False),
        ("expires: 2026-03-01T11:59", True),
        ("expires: soon", False),
        ("expires: 99999-01-01", False),
        ("expires: 9999-12-31", False),
        ("expires: [a, b]", False),
        ("other: 2020-01-01", False),
        ("{broken", False),
    ],
)
def test_a_draft_expires_at_its_own_time(line: str, expired: bool) -> None:
    """A time, in its own zone or the reader's; a day lasts to its end; nonsense never expires."""
    note = Note("x.md", f"---\n{line}\n---\nx\n".encode())
    assert is_expired(note, NOON, lambda time: time.replace(tzinfo=UTC)) is expired
