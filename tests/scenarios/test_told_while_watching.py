"""What came in together with a new state of the Dashboard is told, and heeded, as all else is."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from tests.desk import Desk, put, text
from tests.scenarios.test_resting_while_watching import Storied
from vaultkit import Vault
from vaultkit.daemon import Daemon

OLD = 1_000_000_000


@pytest.fixture
def local(desk: Desk) -> Iterator[Vault]:
    """The person's vault, where nobody is polled and nobody types in the page."""
    policy = desk.local / "vaultkit.yaml"
    put(policy, text(policy).replace("interval: 30s", "interval: 1h"))
    with Vault.open(desk.local) as vault, Vault.open(desk.cloud) as cloud:
        vault.sync()
        cloud.sync()
        os.utime(desk.local / "Dashboard.md", (OLD, OLD))
        yield vault


def test_what_the_dashboards_own_cycle_receives_is_told(
    desk: Desk, local: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    """The page is brought up to date after the first cycle; its push finds that others were faster."""
    caplog.set_level(logging.INFO)
    watcher = Storied()
    daemon = Daemon(local, watcher, fastest=3600)

    def story() -> Iterator[tuple[str, ...]]:
        with Vault.open(desk.cloud) as cloud:
            put(desk.cloud / "Needs_Action/new.md", "new\n")
            cloud.sync()
        while not (desk.local / "Needs_Action/new.md").exists():
            yield ()
        yield ()
        daemon.stop()

    put(desk.local / "Pending_Approval/mine.md", "mine\n")
    watcher.story = story()
    daemon.run()
    assert "received Needs_Action/new.md" in caplog.text
