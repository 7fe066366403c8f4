"""Several sources as one: asked in order, told what became of what each of them gave.

What worked is remembered as long as this object lives, and given first the next time, so that two
transports of one process (`init` looks at a remote before the vault is opened) ask a person once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vaultkit.core.git.credentials import Credentials, Place
from vaultkit.ports import CredentialSource


class InOrder:
    """The sources, first to last. `username` stands in where a place names no user."""

    def __init__(self, sources: Sequence[CredentialSource], username: str | None = None) -> None:
        self._sources = sources
        self._username = username
        self._worked: dict[Place, Credentials] = {}
        self._giver: dict[tuple[Place, Credentials], CredentialSource] = {}

    @property
    def name(self) -> str:
        return ", ".join(source.name for source in self._sources)

    def find(self, place: Place) -> Iterator[Credentials]:
        place = self._named(place)
        known = self._worked.get(place)
        if known:
            yield known
        for source in self._sources:
            for credentials in source.find(place):
                if credentials != known and place.username in (None, credentials.username):
                    self._giver[place, credentials] = source
                    yield credentials

    def worked(self, place: Place, credentials: Credentials) -> None:
        place = self._named(place)
        giver = self._giver.get((place, credentials))
        if giver and self._worked.get(place) != credentials:
            self._worked[place] = credentials
            giver.worked(place, credentials)

    def refused(self, place: Place, credentials: Credentials) -> None:
        place = self._named(place)
        if self._worked.get(place) == credentials:
            del self._worked[place]
        giver = self._giver.pop((place, credentials), None)
        if giver:
            giver.refused(place, credentials)

    def _named(self, place: Place) -> Place:
        return replace(place, username=place.username or self._username)
