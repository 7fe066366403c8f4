"""For tests of vaultkit, of hooks and of agents: ports in memory, and a world in which anything may happen.

`Simulation(seed)` runs the whole engine and driver of several machines in one thread, with people,
faults and attackers by chance, and checks all along that nothing is lost; the same seed gives the same
run. `python -m vaultkit.testing SEED` tells such a run step by step.
"""

from vaultkit.memory.clock import FakeClock
from vaultkit.memory.disk import MemoryDisk
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.lock import MemoryLock
from vaultkit.memory.objects import MemoryObjects
from vaultkit.memory.remote import MemoryRemote, MemoryTransport
from vaultkit.memory.state import MemoryState
from vaultkit.memory.watcher import MemoryWatcher
from vaultkit.testing.machine import Killed, Machine
from vaultkit.testing.simulation import Broken, Simulation

__all__ = [
    "Broken",
    "FakeClock",
    "Killed",
    "Machine",
    "MemoryDisk",
    "MemoryKeys",
    "MemoryLock",
    "MemoryObjects",
    "MemoryRemote",
    "MemoryState",
    "MemoryTransport",
    "MemoryWatcher",
    "Simulation",
]
