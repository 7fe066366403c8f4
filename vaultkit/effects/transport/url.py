"""Addresses of remotes: which kinds there are, and keeping passwords out of them.

Only what is known to be safe is taken: git itself would run programs for some addresses (`ext::`),
and a host or path that begins with a dash would be an option to the program it is handed to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from vaultkit.errors import UsageError

Kind = Literal["path", "http", "ssh"]
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:@]{2,}):(?P<path>[^/].*|/.*)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//|:)")
HINT = "Use a path, https://host/repo.git, ssh://user@host/repo.git or user@host:repo.git."


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password or token; never shown."""

    username: str
    password: str = field(repr=False, default="")


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
    """The address without the credentials in it, and these."""
    if not url.lower().startswith(("http://", "https://")):
        return url, None
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    clean = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return clean, Credentials(unquote(name), unquote(password))


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
    return address


def local_path(url: str) -> str | None:
    """The folder, if the remote is on a local path."""
    address = check_url(url)
    return address.path if address.kind == "path" else None


def _parse(url: str) -> Address:
    scheme = urlsplit(url).scheme.lower() if _SCHEME.match(url) else ""
    try:
        if scheme in ("http", "https"):
            return _parse_http(url)
        if scheme == "ssh":
            return _parse_ssh(url)
        if scheme == "file":
            return Address("path", url, unquote(urlsplit(url).path))
    except ValueError as error:
        raise UsageError(f"{url} is no proper address", hint=HINT) from error
    if scheme or "::" in url:
        raise UsageError(f"remotes of the kind {url.partition(':')[0]}: are not used", hint=HINT)
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
