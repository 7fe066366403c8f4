"""Saying when: times, ages and commits, and what is none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from vaultkit.core.text.moments import Moment, read_moment
from vaultkit.errors import UsageError

NOW = 1_800_000_000
EAST = timezone(timedelta(hours=2))


def read(text: str) -> Moment:
    return read_moment(text, NOW, lambda time: time.replace(tzinfo=EAST))


def seconds(*parts: int, zone: timezone = EAST) -> int:
    return int(datetime(*parts, tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", seconds(2026, 3, 1)),
        ("2026-03-01T14:30", seconds(2026, 3, 1, 14, 30)),
        ("2026-03-01 14:30:05", seconds(2026, 3, 1, 14, 30, 5)),
        ("2026-03-01T14:30Z", seconds(2026, 3, 1, 14, 30, zone=UTC)),
        ("2026-03-01T14:30+02:00", seconds(2026, 3, 1, 14, 30)),
        ("90s", NOW - 90),
        ("45m", NOW - 45 * 60),
        ("2h", NOW - 7200),
        (" 3d ", NOW - 3 * 86400),
        ("1W", NOW - 7 * 86400),
        ("99999w", 0),
    ],
)
def test_a_time_or_an_age(text: str, time: int) -> None:
    """ISO times (the reader's own zone unless one is given) and ages are moments in UTC seconds."""
    assert read(text) == Moment(text, time)


@pytest.mark.parametrize("text", ["1a2b3c4", "1A2B3C4D", "20260301", "a" * 40])
def test_a_commit(text: str) -> None:
    """Seven or more hexadecimal digits are a commit, also where they could be a date without dashes."""
    assert read(text) == Moment(text, commit=text.lower())


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "1a2b3c", "2026-13-01", "2026-03-01T25:00", "3y", "-2h", "2026-03", "9999-12-31"],
)
def test_what_says_no_moment_is_an_error_that_says_how(text: str) -> None:
    """Anything else, and what is still to come, is wrong usage, with the forms that are right."""
    with pytest.raises(UsageError) as error:
        read(text)
    assert "2026-03-01" in error.value.hint
