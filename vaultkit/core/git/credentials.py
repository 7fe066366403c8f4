"""Credentials for a remote, as values: what they are, what they are for, and how they could be spelled.

Nothing here shows one: neither `repr` nor an error. A user name counts as secret too, for a token is
often given as one (`https://TOKEN@host`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

DEFAULT_USERNAME = "git"  # what servers that only look at the token are happy with
# Where the user name is the token, there is no password, or one that is only there to fill the place.
FILLERS = ("", "x-oauth-basic")
SHORT_PASSWORD = 8
SHORTEST_SECRET = 4  # what is shorter cannot be told from ordinary words


class LookNoFurther(Exception):
    """A source says that the search is over: nobody else is to be asked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password or token; never shown."""

    username: str = field(repr=False)
    password: str = field(repr=False, default="")

    def basic(self) -> str:
        """The pair as HTTP's basic authentication sends it."""
        return b64encode(_bytes(f"{self.username}:{self.password}")).decode("ascii")

    def spellings(self) -> frozenset[str]:
        """Every form in which what is secret here could turn up in a text."""
        is_filler = self.password in FILLERS or len(self.password) < SHORT_PASSWORD
        secrets = {self.password, self.username} if is_filler else {self.password}
        found = {self.basic()}
        for secret in secrets - set(FILLERS):
            if len(secret) >= SHORTEST_SECRET:
                data = _bytes(secret)
                plain_base64 = b64encode(data).decode("ascii")
                found |= {secret, plain_base64, quote(data), quote(data, safe=""), quote_plus(data)}
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Place:
    """What credentials are wanted for: one scheme, host and port (None: the scheme's own).

    `path` is the repository there, without a leading slash. `username`, if it is known, is the only
    user whose credentials count.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = ""
    username: str | None = field(repr=False, default=None)

    @property
    def netloc(self) -> str:
        """Host and port, as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: credentials for one origin are never sent to another."""
        return f"{self.scheme}://{self.netloc}"


class Given:
    """The source (see `ports.CredentialSource`) of credentials that somebody gave at once.

    Without a user name they are those of the user whom the place names.
    """

    def __init__(self, credentials: Credentials | None, name: str = "the credentials given") -> None:
        self._credentials = credentials
        self.name = name

    def find(self, place: Place) -> Iterator[Credentials]:
        given = self._credentials
        if given:
            yield Credentials(given.username or place.username or DEFAULT_USERNAME, given.password)

    def worked(self, place: Place, credentials: Credentials) -> None:
        """They are kept by whoever gave them."""

    def refused(self, place: Place, credentials: Credentials) -> None:
        """They are kept by whoever gave them."""


def hidden(text: str, credentials: Credentials) -> str:
    """The text with every spelling of these credentials blacked out."""
    for spelling in sorted(credentials.spellings(), key=len, reverse=True):
        text = text.replace(spelling, "***")
    return text


def _bytes(text: str) -> bytes:
    """UTF-8, as git sends it; what came in as other bytes goes out as these bytes."""
    return text.encode("utf-8", "surrogateescape")
