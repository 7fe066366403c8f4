"""What a look at the disk found, and what is to be remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.tree import Oid
from vaultkit.ports import Seen

NOT_STORED = Oid("")


@dataclass(slots=True)
class Observation:
    """What differs (`sightings`), what is still to be read, and what to remember of this look (`seen`).

    `unsettled`: notes that were just being saved, and could not be read.
    """

    is_of_everything: bool = False
    sightings: dict[str, Sighting] = field(default_factory=dict)
    unread: list[tuple[str, Oid | None]] = field(default_factory=list)
    seen: list[tuple[str, Seen | None]] = field(default_factory=list)
    unsettled: set[str] = field(default_factory=set)

    def add(self, path: str, oid: Oid, old: Oid | None) -> None:
        """A note was found. Looking at everything, only differences are worth the memory."""
        if oid != old or not self.is_of_everything:
            self.sightings[path] = Sighting(oid)
