"""Addresses of remotes: which kinds there are, and keeping passwords out of them.

Only what is known to be safe is taken: git itself would run programs for some addresses (`ext::`),
and a host or path that begins with a dash would be an option to the program it is handed to.

User name and password are both taken out of an http address: a token is often given as the user
name. An address that cannot be understood may hold a password in an unexpected place (one with a
`/` in it ends the host), so an error never repeats it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from vaultkit.core.git.credentials import Credentials, Place
from vaultkit.errors import UsageError

__all__ = ["Address", "Credentials", "check_url", "local_path", "place_of", "split_credentials"]

Kind = Literal["path", "http", "ssh"]
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:@]{2,}):(?P<path>[^/].*|/.*)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//|:)")
_LIKE_HTTP = re.compile(r"https?(:/?|//)[^/]", re.IGNORECASE)
_FOR_A_SHELL = re.compile(r"['\"`$;&|<>\\!*?(){}\[\]]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
HINT = "Use a path, https://host/repo.git, ssh://user@host/repo.git or user@host:repo.git."
HINT_QUOTE = "In a name, password or path write / as %2F, @ as %40, # as %23 and ? as %3F."
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A remote's address, taken apart. `clean` is the text without a password."""

    kind: Kind
    clean: str
    path: str
    host: str = ""
    port: int | None = None
    username: str | None = None


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """The address without the credentials in it, and these. UsageError for a broken http address."""
    if not url.lower().startswith(("http://", "https://")):
        return url, None
    parts = _split_http(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    clean = urlunsplit((parts.scheme, host, parts.path, "", ""))
    return clean, Credentials(unquote(name), unquote(password))


def _split_http(url: str) -> SplitResult:
    """The parts; a control character could add a line to what a git helper is asked."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UsageError("that is no proper http address", hint=HINT_QUOTE) from None
    if "@" in parts.path or parts.query or parts.fragment:
        raise UsageError("an http address may have no @, ? or # after its host", hint=HINT_QUOTE)
    if _CONTROL.search(url) or _CONTROL.search(unquote(url)):
        raise UsageError("an address may hold no control characters", hint=HINT)
    return parts


def place_of(address: Address) -> Place:
    """What credentials for an http address are for."""
    scheme = urlsplit(address.clean).scheme.lower()
    port = None if address.port == DEFAULT_PORTS[scheme] else address.port
    return Place(scheme, address.host, port, unquote(address.path).strip("/"))


def check_url(url: str) -> Address:
    """The address; UsageError for one that vaultkit does not use."""
    if not url or any(not c.isprintable() for c in url) or url.startswith("-"):
        raise UsageError("that is no address of a remote", hint=HINT)
    clean, _ = split_credentials(url)
    address = _parse(clean)
    if (
        address.host.startswith("-")
        or address.path.startswith("-")
        or (address.username or "").startswith("-")
    ):
        raise UsageError("an address may not hold a part that begins with -", hint=HINT)
    if _CONTROL.search(address.path):
        raise UsageError("an address may hold no control characters", hint=HINT)
    if address.kind == "ssh" and _FOR_A_SHELL.search(address.path):
        raise UsageError("a path on another host may hold nothing that its shell would obey", hint=HINT)
    return address


def local_path(url: str) -> str | None:
    """The folder, if the remote is on a local path."""
    address = check_url(url)
    return address.path if address.kind == "path" else None


def _parse(url: str) -> Address:
    scheme = ""
    try:
        scheme = urlsplit(url).scheme.lower() if _SCHEME.match(url) else ""
        if scheme in ("http", "https"):
            return _parse_http(url)
        if scheme == "ssh":
            return _parse_ssh(url)
        if scheme == "file":
            return Address("path", url, unquote(urlsplit(url).path))
    except ValueError:
        raise UsageError("that is no proper address", hint=HINT) from None
    if scheme or "::" in url:
        raise UsageError(f"remotes of the kind {url.partition(':')[0]}: are not used", hint=HINT)
    if _LIKE_HTTP.match(url):
        raise UsageError("that looks like a mistyped http address", hint=HINT)
    found = _SCP.fullmatch(url)
    if found and not url.startswith((".", "/", "~")):
        return Address("ssh", url, found["path"], found["host"], username=found["user"])
    return Address("path", url, url)


def _parse_http(url: str) -> Address:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(url)
    return Address("http", url, parts.path, parts.hostname, parts.port)


def _parse_ssh(url: str) -> Address:
    parts = urlsplit(url)
    if not parts.hostname or not parts.path.strip("/") or parts.password:
        raise ValueError(url)
    path = parts.path[1:] if parts.path.startswith("/~") else parts.path
    return Address("ssh", url, path, parts.hostname, parts.port, parts.username)
