"""The Lock and Clock ports."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vaultkit.effects.clock import SystemClock
from vaultkit.effects.lock import VaultLock
from vaultkit.errors import VaultBusy
from vaultkit.memory.clock import FakeClock
from vaultkit.ports import Clock


def test_a_held_lock_is_refused_and_says_by_whom(tmp_path: Path) -> None:
    """A second taker is told that the vault is busy, and which process holds it."""
    one, two = VaultLock(str(tmp_path / "lock")), VaultLock(str(tmp_path / "lock"))
    one.acquire(0)
    with pytest.raises(VaultBusy, match=r"process \d+"):
        two.acquire(0.05)
    one.release()
    two.acquire(1)
    two.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """Nobody has to clean up after a kill -9."""
    path = str(tmp_path / "lock")
    program = f"""
        import time
        from vaultkit.effects.lock import VaultLock
        lock = VaultLock({path!r})
        lock.acquire(5)
        print("held", flush=True)
        time.sleep(60)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"held\n"
    lock = VaultLock(path)
    with pytest.raises(VaultBusy):
        lock.acquire(0.05)
    child.kill()
    child.communicate()
    lock.acquire(5)
    lock.release()


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_a_clock_goes_forward_and_never_repeats_a_nonce(clock: Clock) -> None:
    """Sleeping passes time on both clocks, and chance gives a new name each time."""
    start, ticks = clock.now(), clock.monotonic()
    clock.sleep(0.01)
    assert clock.now() >= start
    assert clock.monotonic() > ticks
    assert len({clock.nonce() for _ in range(1000)}) == 1000
    assert all(0 <= clock.jitter() < 1 for _ in range(1000))


def test_the_same_seed_gives_the_same_chance() -> None:
    """A simulated run can be repeated."""
    assert [FakeClock(seed=3).nonce()] == [FakeClock(seed=3).nonce()]
