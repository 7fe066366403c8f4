"""Where credentials for a remote may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from vaultkit.core.git.credentials import Credentials, Place


class CredentialSource(Protocol):
    """A place where credentials for a remote may be: the environment, a keyring, a helper, a person.

    Asked only after the remote wanted some, in the thread that called the transport, and one
    candidate at a time: the next is looked for when the one before was refused. It gives only what
    is meant for the place's scheme, host, port and, if it names one, user. Having nothing and not
    working are the same: it gives nothing. LookNoFurther ends the search, also among other sources.
    """

    @property
    def name(self) -> str:
        """What a hint calls it; holds no value that it gives."""

    def find(self, place: Place) -> Iterator[Credentials]:
        """The candidates, best first; a finite number."""

    def worked(self, place: Place, credentials: Credentials) -> None:
        """The remote took these, which `find` gave."""

    def refused(self, place: Place, credentials: Credentials) -> None:
        """The remote says that these are wrong (not: that they may not do something)."""
