"""Two watchers under constant editing and random `kill -9`.

A normal run takes about 15 seconds; VAULTKIT_SOAK and the like (see `tests/soak/__main__.py`) make it longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import ROOT
from tests.limited import unwatched
from tests.servers import require

SMALL = {"VAULTKIT_SOAK": "12", "VAULTKIT_SOAK_NOTES": "300", "VAULTKIT_SOAK_KILL_EVERY": "4"}


@pytest.mark.real
def test_nothing_is_lost_or_wedged_under_constant_editing_and_kills(tmp_path: Path) -> None:
    """Whatever both sides do and whichever watcher is killed, all words are kept and both sides agree."""
    require("git")
    command = [sys.executable, "-m", "tests.soak", str(tmp_path)]
    env = {**SMALL, **unwatched(), "VAULTKIT_SOAK_SEED": os.environ.get("VAULTKIT_SOAK_SEED", "1")}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
