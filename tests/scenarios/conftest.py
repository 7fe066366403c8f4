"""Two vaults around one remote, and Local's through the API, for the stories that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from vaultkit import Vault


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as made:
        yield made


@pytest.fixture
def local(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.local) as vault:
        yield vault
