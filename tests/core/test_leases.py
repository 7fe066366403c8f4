"""Leases: what an observer must have seen, and what a holder may believe, each by its own clock."""

from __future__ import annotations

import pytest

from vaultkit.core.rules.leases import (
    Renewal,
    Watch,
    read_renewal,
    read_watch,
    write_renewal,
    write_watch,
)

GAP = 30.0


def watched(*looks: float, heard: dict[str, float] | None = None) -> Watch:
    """Looks at these moments, and what was heard of whom at which."""
    watch = Watch("boot")
    for agent, time in (heard or {}).items():
        watch = watch.after_hearing({agent}, time)
    for look in looks:
        watch = watch.after_look(look, GAP)
    return watch


SILENCES = [
    (watched(), 0.0),
    (watched(100), 0.0),
    (watched(100, 120), 20.0),
    (watched(100, 120, 150), 50.0),
    (watched(100, 131), 0.0),  # it looked away for too long
    (watched(100, 131, 140), 9.0),
    (watched(100, 120, heard={"cloud": 110}), 10.0),
    (watched(100, 120, heard={"cloud": 90}), 20.0),  # before it watched does not count as watched
    (watched(100, 120, heard={"mail": 110}), 20.0),
    (watched(100, 120).after_failure(), 0.0),
    (watched(100, 120).after_failure().after_look(125, GAP), 0.0),
    (watched(100, 120).after_failure().after_look(125, GAP).after_look(130, GAP), 5.0),
    (watched(100, 120).after_hearing({"cloud"}, 121), 0.0),
]


@pytest.mark.parametrize(("watch", "seconds"), SILENCES)
def test_only_what_was_watched_without_a_break_counts_as_silence(watch: Watch, seconds: float) -> None:
    """A first look, a failed one, a long gap, and whatever the holder publishes begin the silence anew."""
    assert watch.silence("cloud") == seconds


def test_what_was_watched_is_kept_for_other_processes_of_this_run_of_the_system_only() -> None:
    """A monotonic clock says nothing after a reboot, so then the watching begins anew."""
    watch = watched(100, 120, heard={"cloud": 110})
    assert read_watch(write_watch(watch), "boot") == watch
    assert read_watch(write_watch(watch), "next boot") == Watch("next boot")
    assert read_watch(None, "boot") == Watch("boot")


AGO = [
    (Renewal("boot", 10, 1000), 0),
    (Renewal("boot", 25, 1015), 15),
    (Renewal("boot", 10, 1500), 500),  # the machine slept: the one clock stood still
    (Renewal("boot", 25, 600), 15),  # somebody set the other one back
    (Renewal("next boot", 11, 1001), float("inf")),
]


@pytest.mark.parametrize(("now", "seconds"), AGO)
def test_a_holder_believes_the_clock_that_says_more_time_went_by(now: Renewal, seconds: float) -> None:
    """Whichever clock stood still, a holder gives up too early rather than too late."""
    renewal = read_renewal(write_renewal(Renewal("boot", 10, 1000)))
    assert renewal
    assert renewal.seconds_until(now) == seconds
