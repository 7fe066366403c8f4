"""The Lock port: one suite for the lock file and the one in memory, then what only processes can show."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.desk import wait_until
from vaultkit.effects.lock import VaultLock
from vaultkit.errors import VaultBusy
from vaultkit.memory.lock import MemoryLock
from vaultkit.ports import Lock


@pytest.fixture(params=["real", "memory"])
def locks(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Lock, Lock]:
    """One lock, as two processes see it."""
    if request.param == "memory":
        lock = MemoryLock()
        return lock, lock.rival()
    return VaultLock(str(tmp_path / "lock")), VaultLock(str(tmp_path / "lock"))


@pytest.mark.parametrize("seconds", [0, 0.05])
def test_a_held_lock_is_refused_and_says_what_to_do(locks: tuple[Lock, Lock], seconds: float) -> None:
    """A second taker is told that the vault is busy, with a hint, whether it wants to wait or not."""
    one, two = locks
    one.acquire(0)
    with pytest.raises(VaultBusy, match="another vaultkit process") as caught:
        two.acquire(seconds)
    assert caught.value.hint


def test_a_released_lock_is_free_for_either(locks: tuple[Lock, Lock]) -> None:
    """Being refused takes nothing, and after each release either side can take it."""
    one, two = locks
    for holder, other in ((one, two), (two, one), (one, two), (one, two)):
        holder.acquire(1)
        with pytest.raises(VaultBusy):
            other.acquire(0)
        holder.release()


def test_a_taker_is_refused_its_own_lock_too(locks: tuple[Lock, Lock]) -> None:
    """Whoever holds it cannot take it twice: two jobs of one process wait for each other as well."""
    one, two = locks
    one.acquire(0)
    with pytest.raises(VaultBusy):
        one.acquire(0)
    one.release()
    two.acquire(1)
    two.release()


def test_a_lock_says_which_process_holds_it(tmp_path: Path) -> None:
    """A person can find the process."""
    one, two = VaultLock(str(tmp_path / "lock")), VaultLock(str(tmp_path / "lock"))
    one.acquire(0)
    with pytest.raises(VaultBusy, match=r"process \d+"):
        two.acquire(0)
    one.release()


def test_a_lock_that_is_let_go_in_time_is_taken(tmp_path: Path) -> None:
    """Whoever waits gets it as soon as it is free."""
    one, two = VaultLock(str(tmp_path / "lock")), VaultLock(str(tmp_path / "lock"))
    one.acquire(0)
    letting_go = threading.Timer(0.2, one.release)
    began = time.monotonic()
    letting_go.start()
    two.acquire(30)
    assert time.monotonic() - began < 20
    two.release()
    letting_go.join()


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


def test_the_lock_of_a_killed_simulated_process_is_free() -> None:
    """The same in memory, where the test is the system."""
    lock = MemoryLock()
    lock.acquire(0)
    lock.die()
    lock.rival().acquire(0)


def test_who_comes_back_at_once_gives_way_to_who_waits(tmp_path: Path) -> None:
    """A process that takes the lock over and over has few turns before one that waits has its own."""
    path, turns, waits = str(tmp_path / "lock"), tmp_path / "turns", 20
    program = f"""
        import time
        from vaultkit.effects.lock import VaultLock
        lock = VaultLock({path!r})
        with open({str(turns)!r}, "ab", buffering=0) as file:
            print("ready", flush=True)
            while True:
                lock.acquire(60)
                file.write(b".")
                time.sleep(0.005)
                lock.release()
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        lock, others = VaultLock(path), 0
        for _ in range(waits):
            before = turns.stat().st_size
            lock.acquire(60)
            others += turns.stat().st_size - before
            lock.release()
            time.sleep(0.11)  # so that it is this one that comes back from elsewhere
    finally:
        child.kill()
        child.communicate()
    assert others < 40 * waits, "it would be hundreds each time"


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    """A thread that takes the lock over and over does not keep another one from it."""
    lock, is_over = VaultLock(str(tmp_path / "lock")), threading.Event()

    def take_over_and_over() -> None:
        while not is_over.is_set():
            lock.acquire(60)
            time.sleep(0.001)
            lock.release()

    greedy = threading.Thread(target=take_over_and_over)
    greedy.start()
    try:
        for _ in range(20):
            lock.acquire(60)
            lock.release()
    finally:
        is_over.set()
        greedy.join()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_one_that_sleeps_while_it_waits_does_not_keep_others_out(tmp_path: Path) -> None:
    """A process that is next in line and is stopped: the others get the lock all the same."""
    path = str(tmp_path / "lock")
    program = f"""
        from vaultkit.effects.lock import VaultLock
        print("waiting", flush=True)
        VaultLock({path!r}).acquire(60)
    """
    lock = VaultLock(path)
    lock.acquire(1)
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        assert child.stdout.readline() == b"waiting\n"
        wait_until(Path(f"{path}.next").exists, "it is next in line")
        time.sleep(0.2)
        child.send_signal(signal.SIGSTOP)
        lock.release()
        lock.acquire(60)
        lock.release()
    finally:
        child.kill()
        child.communicate()
