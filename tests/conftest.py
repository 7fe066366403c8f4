"""No test touches the keys or the configuration of whoever runs it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A machine that is busy with other things must not make a test fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


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
