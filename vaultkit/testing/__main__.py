"""`python -m vaultkit.testing SEED...`: the trace of a simulated run, and what went wrong in it."""

from __future__ import annotations

import argparse
import sys

from vaultkit.testing.simulation import Broken, Simulation

KINDS = {
    "edit_statuses": "people also move notes by their statuses",
    "dashboard": "there is a Dashboard",
    "resting": "decisions rest for a cycle",
}


def main(arguments: list[str]) -> int:
    """Run each seed; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m vaultkit.testing", description=__doc__)
    parser.add_argument("seeds", metavar="SEED", type=int, nargs="+")
    for kind, words in KINDS.items():
        parser.add_argument(f"--{kind.replace('_', '-')}", action="store_true", help=words)
    asked = vars(parser.parse_args(arguments))
    seeds = asked.pop("seeds")
    return max(_run(seed, Simulation(seed, **asked)) for seed in seeds)


def _run(seed: int, simulation: Simulation) -> int:
    broken, end = 0, f"seed {seed} ends well"
    try:
        simulation.run()
    except Broken as error:
        broken, end = 1, f"seed {seed} is broken: {error}"
    sys.stdout.write("\n".join([*simulation.trace, end, ""]))
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
