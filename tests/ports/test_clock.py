"""The Clock port: one suite for the system's clock and the one a test decides."""

from __future__ import annotations

import pytest

from vaultkit.effects.clock import SystemClock
from vaultkit.memory.clock import FakeClock
from vaultkit.ports import Clock


@pytest.fixture(params=["real", "memory"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return SystemClock() if request.param == "real" else FakeClock()


def test_now_is_whole_seconds_of_this_age(clock: Clock) -> None:
    """UTC seconds since 1970, without a fraction."""
    assert isinstance(clock.now(), int)
    assert 1_600_000_000 < clock.now() < 10_000_000_000


def test_sleeping_passes_time_on_both_scales(clock: Clock) -> None:
    """A sleep lasts at least as long as it is to, by the monotonic time and, rounded, by the other."""
    start, ticks = clock.now(), clock.monotonic()
    clock.sleep(1.1)
    assert clock.monotonic() - ticks >= 1.09
    assert clock.now() - start >= 1


def test_monotonic_time_never_goes_back(clock: Clock) -> None:
    """Each look is at least as late as the one before, also where nothing sleeps."""
    looks = []
    for seconds in (0.0, 0.01, 0.0, 0.02, 0.0):
        clock.sleep(seconds)
        looks.append(clock.monotonic())
    assert looks == sorted(looks)
    assert looks[-1] > looks[0]


def test_when_the_time_jumps_monotonic_time_does_not() -> None:
    """A clock that somebody sets back says so by `now` only; that the real one can be set is the system's."""
    clock = FakeClock()
    ticks = clock.monotonic()
    clock.time -= 1_000_000
    assert clock.now() < 1_700_000_000
    assert clock.monotonic() == ticks


def test_a_nonce_is_a_name_that_is_never_given_again(clock: Clock) -> None:
    """1000 names are 1000 different ones, each usable in a commit's trailer and with 128 bits of chance."""
    names = [clock.nonce() for _ in range(1000)]
    assert len(set(names)) == 1000
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)


def test_two_clocks_give_different_nonces(clock: Clock) -> None:
    """Another machine's names are others: the real clock asks the system, each fake one has its seed."""
    other = SystemClock() if isinstance(clock, SystemClock) else FakeClock(seed=1)
    assert not {clock.nonce() for _ in range(100)} & {other.nonce() for _ in range(100)}


def test_jitter_is_spread_over_its_range(clock: Clock) -> None:
    """At least 0, below 1, and not always on one side."""
    numbers = [clock.jitter() for _ in range(1000)]
    assert all(0 <= number < 1 for number in numbers)
    assert min(numbers) < 0.1
    assert max(numbers) > 0.9


def test_the_same_seed_gives_the_same_chance() -> None:
    """A simulated run can be repeated."""
    one, other = FakeClock(seed=3), FakeClock(seed=3)
    assert [one.nonce(), one.jitter()] == [other.nonce(), other.jitter()]
