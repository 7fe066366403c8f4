"""How the tests run: in which order, how many at once, what is measured.

No test touches the keys or the configuration of whoever runs it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

HERE = Path(__file__).parent

# A machine that is busy with other things must not make a test fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# The files that take longest come first, so that no worker is left with one of them at the end.
FIRST = (
    "security/test_attack_suite.py",
    "scenarios/test_resolve.py",
    "security/test_catalogue.py",
    "sim/test_simulation.py",
    "kills/test_kills.py",
    "security/test_no_password_is_written.py",
    "ports/test_pack_intake.py",
)

# Hundreds of commands are started; none shall have to compile vaultkit anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A terminal's Ctrl-C is ignored by what a shell started in the background, and by all that starts in turn.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they were."""
    items.sort(key=lambda item: _turn(item.path.relative_to(HERE).as_posix()))


def _turn(file: str) -> int:
    return FIRST.index(file) if file in FIRST else len(FIRST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: while a test waits for a watcher, another one works."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What is marked `unmeasured` runs without being traced for its coverage."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    traces = sys.gettrace(), threading.gettrace()
    _trace(None, None)
    try:
        return (yield)
    finally:
        _trace(*traces)


def _trace(here: Any, in_new_threads: Any) -> None:
    sys.settrace(here)
    threading.settrace(in_new_threads)


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("vaultkit-home")
    before = {name: os.environ.get(name) for name in ("VAULTKIT_HOME", "XDG_CONFIG_HOME")}
    os.environ |= dict.fromkeys(before, str(home))
    yield home
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
