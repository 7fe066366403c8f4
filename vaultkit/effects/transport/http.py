"""Connections over http(s) that keep credentials at home.

The credentials in use go to the remote's own scheme, host and port, and nowhere else: each request,
also each one that follows a redirect, is looked at anew. A redirect from https to plain http is not
followed at all: the notes themselves would be readable on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dulwich.client import default_user_agent_string
from urllib3 import BaseHTTPResponse, HTTPHeaderDict, PoolManager
from urllib3.util import Retry, Timeout, parse_url

from vaultkit.core.git.credentials import Credentials
from vaultkit.effects.transport.clients import SmartHttp
from vaultkit.effects.transport.login import Login
from vaultkit.effects.transport.meter import Meter
from vaultkit.effects.transport.url import DEFAULT_PORTS, Address
from vaultkit.errors import AuthenticationFailed, RemoteUnreachable
from vaultkit.ports import CredentialSource

T = TypeVar("T")
REFUSALS = (401, 403)
HEADER = "Authorization"


class HomePool(PoolManager):
    """A pool of warm connections, with a timeout on each step, that knows the remote's origin."""

    def __init__(self, url: str, connect: float, read: float) -> None:
        super().__init__(
            headers={"User-agent": default_user_agent_string()},
            timeout=Timeout(connect=connect, read=read),
            retries=Retry(total=3, connect=0, read=0, redirect=3),
        )
        self._home = _origin(url)
        self._authorization: str | None = None

    def use(self, credentials: Credentials | None) -> None:
        """Send these with every request to the remote's own origin from now on; None: send none."""
        self._authorization = f"Basic {credentials.basic()}" if credentials else None

    def urlopen(  # type: ignore[override]
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> BaseHTTPResponse:
        """One request; the pool calls this again for each redirect it follows."""
        origin = _origin(url)
        if self._home[0] == "https" and origin[0] != "https":
            hint = "Check the remote's address; nothing was sent there."
            raise RemoteUnreachable(f"{_shown(self._home)} redirects to plain http", hint=hint)
        options["headers"] = self._headers(origin, options.get("headers") or self.headers)
        response = super().urlopen(method, url, redirect=redirect, **options)
        if response.status in REFUSALS:
            response.close()
            self._check_who_refused(origin, response)
        return response

    def _headers(self, origin: tuple[str, str, int], given: Any) -> HTTPHeaderDict:
        headers = HTTPHeaderDict(given)
        headers.discard(HEADER)
        if self._authorization and origin == self._home:
            headers[HEADER] = self._authorization
        return headers

    def _check_who_refused(self, origin: tuple[str, str, int], response: BaseHTTPResponse) -> None:
        """Another server's refusal says nothing about credentials that it was not shown."""
        if origin != self._home:
            where = f"{_shown(self._home)} redirects to {_shown(origin)}, which refused ({response.status})"
            hint = "No credentials are sent to another host: use the new address as the remote."
            raise AuthenticationFailed(where, hint=hint)


class CuttableHttp:
    """A git client on such a pool, let in by whatever credentials there are."""

    def __init__(
        self, address: Address, credentials: CredentialSource | None, connect: float, read: float
    ) -> None:
        self._pool = HomePool(address.clean, connect, read)
        self.client = SmartHttp(address.clean, pool_manager=self._pool)
        self._login = Login(address, credentials, self._pool.use)

    def measure(self, meter: Meter) -> None:
        self.client.meter = meter

    def attempt(self, call: Callable[[], T]) -> T:
        return self._login.run(call)

    def cut(self) -> None:
        self._pool.clear()


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, so that equal ones compare equal."""
    parts = parse_url(url)
    scheme = parts.scheme or ""
    return scheme, parts.host or "", parts.port or DEFAULT_PORTS.get(scheme, 0)


def _shown(origin: tuple[str, str, int]) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host}" if port == DEFAULT_PORTS.get(scheme) else f"{scheme}://{host}:{port}"
