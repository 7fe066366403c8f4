"""`python -m vaultkit.testing SEED...`: the trace of a simulated run, and what went wrong in it."""

from __future__ import annotations

import sys

from vaultkit.testing.simulation import Broken, Simulation


def main(seeds: list[str]) -> int:
    """Run each seed; 1 if a promise was broken."""
    broken = 0
    for seed in map(int, seeds):
        simulation = Simulation(seed)
        try:
            simulation.run()
        except Broken as error:
            broken = 1
            sys.stdout.write("\n".join([*simulation.trace, f"seed {seed} is broken: {error}", ""]))
        else:
            sys.stdout.write("\n".join([*simulation.trace, f"seed {seed} ends well", ""]))
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
