"""Choosing the transport for an address."""

from __future__ import annotations

from dulwich.client import HttpGitClient, default_user_agent_string
from dulwich.repo import Repo
from urllib3 import PoolManager
from urllib3.util import Retry, Timeout

from vaultkit.effects.transport.local import LocalTransport
from vaultkit.effects.transport.url import Credentials, check_url, split_credentials
from vaultkit.effects.transport.wire import CuttableSSH, WireTransport
from vaultkit.ports import Transport


class CuttableHttp:
    """A client on one pool of warm connections, with a timeout on each step."""

    def __init__(self, url: str, credentials: Credentials | None, connect: float, read: float) -> None:
        self._pool = PoolManager(
            headers={"User-agent": default_user_agent_string()},
            timeout=Timeout(connect=connect, read=read),
            retries=Retry(total=3, connect=0, read=0, redirect=3),
        )
        self.client = HttpGitClient(
            url,
            pool_manager=self._pool,
            username=credentials.username if credentials else None,
            password=credentials.password if credentials else None,
        )

    def cut(self) -> None:
        self._pool.clear()


def open_transport(
    repo: Repo,
    url: str,
    *,
    credentials: Credentials | None = None,
    connect: float = 10,
    read: float = 30,
    deadline: float = 120,
) -> Transport:
    """The way from `repo` to the remote at `url`. Times in seconds. UsageError for an address not used."""
    clean, inside = split_credentials(url)
    address = check_url(clean)
    if address.kind == "path":
        return LocalTransport(repo, address)
    if address.kind == "ssh":
        return WireTransport(repo, address, CuttableSSH(address, connect), deadline)
    wire = CuttableHttp(clean, credentials or inside, connect, read)
    return WireTransport(repo, address, wire, deadline)
