"""Choosing the transport for an address."""

from __future__ import annotations

from dulwich.repo import Repo

from vaultkit.core.credentials import Credentials, Given
from vaultkit.effects.transport.http import CuttableHttp
from vaultkit.effects.transport.local import LocalTransport
from vaultkit.effects.transport.url import check_url, split_credentials
from vaultkit.effects.transport.wire import CuttableSSH, WireTransport
from vaultkit.ports import CredentialSource, Transport


def open_transport(
    repo: Repo,
    url: str,
    *,
    credentials: Credentials | CredentialSource | None = None,
    connect: float = 10,
    read: float = 30,
    deadline: float = 120,
) -> Transport:
    """The way from `repo` to the remote at `url`. Times in seconds. UsageError for an address not used.

    `credentials`, or else those inside the address, are for http(s) only: ssh has its own ways.
    """
    clean, inside = split_credentials(url)
    address = check_url(clean)
    if address.kind == "path":
        return LocalTransport(repo, address)
    if address.kind == "ssh":
        return WireTransport(repo, address, CuttableSSH(address, connect), deadline)
    given = credentials or inside
    source = Given(given) if isinstance(given, Credentials) else given
    return WireTransport(repo, address, CuttableHttp(address, source, connect, read), deadline)
