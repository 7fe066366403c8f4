"""What the tests of the ports share: a repository, a keyring that is put back, helper scripts on the PATH."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from tests.sources import Helpers, MemoryKeyring
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_repository


@pytest.fixture
def use_keyring() -> Iterator[Callable[[MemoryKeyring], MemoryKeyring]]:
    before = keyring.get_keyring()

    def use(backend: MemoryKeyring) -> MemoryKeyring:
        keyring.set_keyring(backend)
        return backend

    yield use
    keyring.set_keyring(before)


@pytest.fixture
def helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helpers:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return Helpers(tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[GitObjects]:
    (tmp_path / "mine").mkdir()
    opened = create_repository(str(tmp_path / "mine"))
    yield GitObjects(opened)
    opened.close()
