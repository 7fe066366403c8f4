"""A person, asked as the last one. How that looks is the face's affair; here is only when.

What worked may be kept in the keyring, if there is one that is safe, and if the person says yes.
It is handed to nobody else: also git's helpers, which git itself would tell, hear nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vaultkit.core.git.credentials import Credentials, Place
from vaultkit.effects.credentials.os_keyring import Keyring

TRIES = 3

Ask = Callable[[Place, bool], Credentials | None]
"""Asks for the credentials of a place; True: those typed before were refused. None: no answer."""

Keep = Callable[[Place, str], bool]
"""Asks whether to keep what was typed, in the keyring of that name."""


class Prompt:
    """Asks through `ask`; offers through `keep` to put what worked into `keyring`."""

    name = "the terminal"

    def __init__(self, ask: Ask, keep: Keep | None = None, keyring: Keyring | None = None) -> None:
        self._ask = ask
        self._keep = keep
        self._keyring = keyring

    def find(self, place: Place) -> Iterator[Credentials]:
        for number in range(TRIES):
            typed = self._ask(place, number > 0)
            if typed is None:
                return
            yield typed

    def worked(self, place: Place, credentials: Credentials) -> None:
        kind = self._keyring.kind() if self._keyring and self._keep else None
        if kind and self._keyring and self._keep and self._keep(place, kind):
            self._keyring.keep(place, credentials)

    def refused(self, place: Place, credentials: Credentials) -> None:
        """The next question says so."""
