"""dulwich's clients for http(s) and ssh, each with a way to cut it off and a meter on what it reads.

dulwich offers more than git's own protocol here: it would fetch file by file from a server that
speaks no git, and packs from any other address a server names. Neither is bounded, neither is needed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from dulwich.client import (
    GitClient,
    HttpGitClient,
    SSHGitClient,
    SubprocessSSHVendor,
    SubprocessWrapper,
)
from dulwich.errors import NotGitRepository

from vaultkit.effects.transport.meter import Meter
from vaultkit.effects.transport.url import Address

T = TypeVar("T")
REQUESTS = ("/info/refs", "/git-upload-pack", "/git-receive-pack")
CONTENT_TYPE = "application/x-git-"
MOST_COMPLAINT_BYTES = 64 * 1024


class WireClient(Protocol):
    """What is needed of a dulwich client: a meter on the calls to come, a way in, and one to cut it off."""

    @property
    def client(self) -> GitClient: ...

    def measure(self, meter: Meter) -> None: ...

    def attempt(self, call: Callable[[], T]) -> T:
        """What `call` returns; it is called again where other credentials may let it in."""

    def cut(self) -> None: ...


class SmartHttp(HttpGitClient):
    """Makes only git's own three requests, and counts what comes back."""

    meter: Meter

    def _http_request(self, url: str, *arguments: Any, **options: Any) -> Any:
        if not urlsplit(url).path.endswith(REQUESTS):
            raise NotGitRepository("it sends us to where no git server is")
        response, read = super()._http_request(url, *arguments, **options)
        if not (response.content_type or "").startswith(CONTENT_TYPE):
            response.close()
            raise NotGitRepository("what answers there is no git server")
        return response, self.meter.metered(read)


class CuttableSSH(SubprocessSSHVendor):
    """Runs `ssh` and remembers it, so that it can be ended when time is up."""

    def __init__(self, address: Address, connect: float) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        self._meter: Meter
        command = f"ssh -oBatchMode=yes -oConnectTimeout={connect:.0f}"
        self.client = SSHGitClient(
            address.host, address.port, address.username, vendor=self, ssh_command=command
        )

    def run_command(self, *arguments: object, **options: object) -> SubprocessWrapper:
        wrapper = super().run_command(*arguments, **options)  # type: ignore[arg-type]
        self._running = wrapper.proc
        wrapper.read = self._meter.metered(wrapper.read)  # type: ignore[assignment]
        wrapper.proc.stderr = _Complaints(wrapper.proc.stderr)  # type: ignore[assignment, arg-type]
        return wrapper

    def measure(self, meter: Meter) -> None:
        self._meter = meter

    def attempt(self, call: Callable[[], T]) -> T:
        return call()

    def cut(self) -> None:
        if self._running and self._running.poll() is None:
            self._running.kill()


class _Complaints:
    """What `ssh` has to say when it fails, up to an amount that no honest complaint reaches."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readlines(self) -> list[bytes]:
        said = b""
        while len(said) < MOST_COMPLAINT_BYTES and (more := self._file.read(MOST_COMPLAINT_BYTES)):
            said += more
        return said[:MOST_COMPLAINT_BYTES].splitlines(keepends=True)

    def close(self) -> None:
        self._file.close()
