"""Choosing the transport for an address."""

from __future__ import annotations

from vaultkit.core.bounds import MOST_PACK_BYTES, MOST_PACK_OBJECTS
from vaultkit.core.credentials import Credentials, Given
from vaultkit.effects.transport.clients import CuttableSSH
from vaultkit.effects.transport.http import CuttableHttp
from vaultkit.effects.transport.local import LocalTransport
from vaultkit.effects.transport.patience import Patience
from vaultkit.effects.transport.url import check_url, split_credentials
from vaultkit.effects.transport.wire import Bounds, WireTransport
from vaultkit.ports import CredentialSource, GitStore, Transport


def open_transport(
    objects: GitStore,
    url: str,
    *,
    credentials: Credentials | CredentialSource | None = None,
    connect: float = 10,
    read: float = 30,
    deadline: float = 120,
    patience: float = 600.0,
    most_pack_bytes: int = MOST_PACK_BYTES,
    most_pack_objects: int = MOST_PACK_OBJECTS,
) -> Transport:
    """The way between `objects` and the remote at `url`. UsageError for an address not used.

    Times are in seconds; `patience` is how long, and for three tries at least, a head is waited for
    that names folders or files nobody delivers.
    `credentials`, or else those inside the address, are for http(s) only: ssh has its own ways.
    """
    clean, inside = split_credentials(url)
    address, waiting = check_url(clean), Patience(patience, objects.place)
    bounds = Bounds(deadline, most_pack_bytes, most_pack_objects)
    if address.kind == "path":
        return LocalTransport(objects, address, deadline, waiting)
    if address.kind == "ssh":
        return WireTransport(objects, address, CuttableSSH(address, connect), bounds, waiting)
    given = credentials or inside
    source = Given(given) if isinstance(given, Credentials) else given
    wire = CuttableHttp(address, source, connect, read)
    return WireTransport(objects, address, wire, bounds, waiting)
