"""`python -m tests.soak [FOLDER]`: two watchers under constant editing and random `kill -9`.

VAULTKIT_SOAK: for how many seconds · VAULTKIT_SOAK_NOTES: on a vault of how many notes ·
VAULTKIT_SOAK_KILL_EVERY: a kill every so many seconds or so · VAULTKIT_SOAK_SEED: what is done when; how it
meets with what the watchers do is up to the machine · VAULTKIT_SOAK_STRICT=1: no note may stand twice.
The folder keeps everything, for who looks for a cause.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

from tests.soak.run import Plan, Soak


def main() -> int:
    def number(name: str, default: float) -> float:
        return float(os.environ.get(f"VAULTKIT_SOAK{name}", default))

    folder = Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp(prefix="vaultkit-soak-"))
    plan = Plan(
        seconds=number("", 60),
        notes=int(number("_NOTES", 1000)),
        kill_every=number("_KILL_EVERY", 60),
        seed=int(number("_SEED", 1)),
        strict=bool(number("_STRICT", 0)),
    )
    print(f"{plan} in {folder}", flush=True)
    with Soak(folder, plan) as soak:
        try:
            broken = soak.run()
        except AssertionError:
            broken = [traceback.format_exc()]
        print("\n".join([*soak.report(), *(f"BROKEN: {one}" for one in broken)]), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
