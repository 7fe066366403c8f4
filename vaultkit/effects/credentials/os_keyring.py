"""The system's keyring, through the `keyring` package: an extra, and imported only when asked.

A password is kept under the service `vaultkit:<scheme>://<host[:port]>` and its user name. Not every
keyring can be asked "who is there?", so the user name last kept is written down as well, under a
service of its own. What somebody put there with `keyring set SERVICE USER` is found too.

A keyring that is missing, locked or broken is no source. One that waits for a person nobody is there
to be (a dialog on a server) is given up after a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from vaultkit.core.git.credentials import Credentials, Place

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
LAST_USER = "last user"
SAFE_PRIORITY = 1  # what the package recommends; below are files in plain text


class Keyring:
    """The keyring of the person whose process this is."""

    @property
    def name(self) -> str:
        if find_spec("keyring"):
            return "the keyring"
        return "the keyring (not installed: pip install 'obsidian-vaultkit[keyring]')"

    def find(self, place: Place) -> Iterator[Credentials]:
        found = _patiently(lambda backend: _look(backend, place))
        if found:
            yield found

    def worked(self, place: Place, credentials: Credentials) -> None:
        """It has them already."""

    def refused(self, place: Place, credentials: Credentials) -> None:
        """A person put them there; they are replaced when others are kept, not thrown away."""

    def kind(self) -> str | None:
        """What this system's keyring is called, if there is one that is safe to keep something in."""
        return _patiently(lambda backend: backend.name if backend.priority >= SAFE_PRIORITY else None)

    def keep(self, place: Place, credentials: Credentials) -> bool:
        """Keep these for the place's origin; False if the keyring did not take them."""

        def put(backend: KeyringBackend) -> bool:
            backend.set_password(_service(place), credentials.username, credentials.password)
            backend.set_password(_user_service(place), LAST_USER, credentials.username)
            return True

        return bool(_patiently(put))


def _service(place: Place) -> str:
    return f"vaultkit:{place.origin}"


def _user_service(place: Place) -> str:
    return f"vaultkit-user:{place.origin}"


def _look(backend: KeyringBackend, place: Place) -> Credentials | None:
    user = place.username or backend.get_password(_user_service(place), LAST_USER)
    found = backend.get_credential(_service(place), user)
    if found is None and place.username is None and user:
        found = backend.get_credential(_service(place), None)
    if found is None or not found.password:
        return None
    return Credentials(found.username or user or "", found.password)


def _patiently(ask: Callable[[KeyringBackend], T]) -> T | None:
    """What the keyring answers; None if it fails, whatever way, or does not answer."""
    answers: list[T] = []

    def run() -> None:
        try:
            import keyring

            answers.append(ask(keyring.get_keyring()))
        except Exception:
            return

    thread = threading.Thread(target=run, daemon=True, name="vaultkit-keyring")
    thread.start()
    thread.join(PATIENCE_SECONDS)
    return answers[0] if answers else None
