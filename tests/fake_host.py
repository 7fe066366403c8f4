"""A git host that says whatever a test wants: the few answers of git's first protocol over HTTP, made up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from vaultkit.core.git.tree import Oid

Answer = Callable[[], Iterator[bytes]]


def line(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def branch(head: Oid, capabilities: str = "") -> Iterator[bytes]:
    """What the host says first: one branch."""
    yield line(b"# service=git-upload-pack\n") + b"0000"
    yield line(f"{head} refs/heads/main\0{capabilities}\n".encode()) + b"0000"


def sending(pack: bytes) -> Iterator[bytes]:
    """What it says to a fetch."""
    yield line(b"NAK\n")
    yield pack


class FakeHost:
    """Says `refs` when asked for its branches, `pack` to a fetch; `asked` are the paths it was asked for."""

    def __init__(self, refs: Answer, pack: Answer = lambda: iter(()), content_type: str = "") -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(refs(), content_type or "application/x-git-upload-pack-advertisement")

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.answer(pack(), "application/x-git-upload-pack-result")

            def answer(self, pieces: Iterator[bytes], kind: str) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                try:
                    for piece in pieces:
                        self.wfile.write(piece)
                except OSError:
                    """The other side has heard enough."""

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/r.git"

    def __enter__(self) -> FakeHost:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
