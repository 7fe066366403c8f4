"""Who publishes all the time leaves room for others, and nobody else waits."""

from __future__ import annotations

from vaultkit.turns import FORGOTTEN_SECONDS, FREE, LONGEST_SECONDS, Turns


def pauses(
    turns: Turns, count: int, *, heard: bool = False, every: float = 1.0, start: float = 100.0
) -> list[float]:
    """How long it waits after each of `count` pushes."""
    found = []
    for now in (start + n * every for n in range(count)):
        turns.after(1, heard_others=heard, now=now)
        found.append(max(0.0, turns.free_at - now))
    return found


def test_a_long_row_of_pushes_waits_longer_and_longer() -> None:
    """The first are free; there is a longest pause."""
    found = pauses(Turns(), FREE + 6)
    assert found[:FREE] == [0.0] * FREE
    assert found[FREE:] == [0.5, 1.0, 2.0, LONGEST_SECONDS, LONGEST_SECONDS, LONGEST_SECONDS]


def test_who_hears_others_does_not_wait() -> None:
    """They had their turn."""
    assert not any(pauses(Turns(), 20, heard=True))


def test_who_was_quiet_begins_anew() -> None:
    """A push now and then is free for ever."""
    assert not any(pauses(Turns(), 20, every=FORGOTTEN_SECONDS + 1))


def test_a_cycle_that_publishes_nothing_changes_nothing() -> None:
    """It neither waits nor makes wait; others heard in it end the row."""
    turns = Turns()
    pauses(turns, FREE)
    turns.after(0, heard_others=False, now=104.0)
    assert turns.free_at <= 104.0
    assert pauses(turns, 1, start=104.0) == [0.5]
    turns.after(0, heard_others=True, now=105.0)
    assert pauses(turns, 1, start=106.0) == [0.0]
