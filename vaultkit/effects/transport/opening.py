"""Choosing the transport for an address.

What speaks http or ssh takes long to import, so it is imported for an address that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultkit.core.git.bounds import MOST_PACK_BYTES, MOST_PACK_OBJECTS
from vaultkit.core.git.credentials import Credentials, Given
from vaultkit.effects.transport.local import LocalTransport
from vaultkit.effects.transport.patience import Patience
from vaultkit.effects.transport.url import Address, check_url, split_credentials
from vaultkit.ports import CredentialSource, GitStore, Transport

if TYPE_CHECKING:
    from vaultkit.effects.transport.clients import WireClient


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
    if address.kind == "path":
        return LocalTransport(objects, address, deadline, waiting)
    from vaultkit.effects.transport.wire import Bounds, WireTransport

    given = credentials or inside
    source = Given(given) if isinstance(given, Credentials) else given
    wire = _wire(address, source, connect, read)
    bounds = Bounds(deadline, most_pack_bytes, most_pack_objects)
    return WireTransport(objects, address, wire, bounds, waiting)


def _wire(address: Address, source: CredentialSource | None, connect: float, read: float) -> WireClient:
    if address.kind == "ssh":
        from vaultkit.effects.transport.clients import CuttableSSH

        return CuttableSSH(address, connect)
    from vaultkit.effects.transport.http import CuttableHttp

    return CuttableHttp(address, source, connect, read)
