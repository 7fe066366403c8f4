"""The ports: what the service needs from the outside world, as contracts in prose.

Each port has a real implementation in `effects/` and, where the simulator needs one, another in
`memory/`; one conformance suite (tests/ports) holds both to the words below. Effects do not know each
other; the driver connects them.
"""

from vaultkit.core.rules.identity import Keys
from vaultkit.ports.clock import Clock
from vaultkit.ports.credentials import CredentialSource
from vaultkit.ports.disk import Disk, Item, Kind, Stamp
from vaultkit.ports.lock import Lock
from vaultkit.ports.objects import Arrival, GitStore, Lookup, ObjectStore, Weight
from vaultkit.ports.state import Held, Job, Pending, Seen, State
from vaultkit.ports.transport import Outcome, Pushed, Transport
from vaultkit.ports.watcher import Hint, Watcher

__all__ = [
    "Arrival",
    "Clock",
    "CredentialSource",
    "Disk",
    "GitStore",
    "Held",
    "Hint",
    "Item",
    "Job",
    "Keys",
    "Kind",
    "Lock",
    "Lookup",
    "ObjectStore",
    "Outcome",
    "Pending",
    "Pushed",
    "Seen",
    "Stamp",
    "State",
    "Transport",
    "Watcher",
    "Weight",
]
