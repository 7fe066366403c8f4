"""The real servers that tests talk to: `git http-backend` behind a small HTTP server, and sshd."""

from __future__ import annotations

import base64
import getpass
import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import ClassVar
from urllib.parse import urlsplit

import pytest


def require(program: str) -> str:
    """The path of a program; a test without it is skipped visibly, and fails in CI."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if found:
        return found
    reason = f"this test needs the program {program}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def git(*words: str | Path, cwd: Path | None = None) -> str:
    """What a git command prints."""
    command = [
        require("git"),
        "-c",
        "user.name=Git User",
        "-c",
        "user.email=git@example.org",
        *map(str, words),
    ]
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout


def make_bare(path: Path) -> Path:
    """A bare repository that may be pushed to over HTTP."""
    git("init", "-q", "--bare", "-b", "main", path)
    git("config", "http.receivepack", "true", cwd=path)
    return path


class GitHttpServer:
    """Serves the repositories below a folder on a loopback port, with a password if one is given.

    `anyone_reads`: it is wanted for pushing only. `asked` holds what each request came with.
    """

    def __init__(
        self, folder: Path, username: str = "", password: str = "", *, anyone_reads: bool = False
    ) -> None:
        self.asked: list[str | None] = []
        asked, is_open = self.asked, anyone_reads
        backend = Path(git("--exec-path").strip(), "git-http-backend")

        class Handler(GitHandler):
            program = str(backend)
            root = str(folder)
            token = base64.b64encode(f"{username}:{password}".encode()).decode() if username else ""
            anyone_reads = is_open
            authorizations = asked

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> GitHttpServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str, credentials: str = "") -> str:
        """The address of a repository; `credentials` is `user:password`."""
        host = f"127.0.0.1:{self._server.server_address[1]}"
        return f"http://{credentials}@{host}/{name}" if credentials else f"http://{host}/{name}"


class GitHandler(BaseHTTPRequestHandler):
    """Hands each request to the CGI program `git http-backend`."""

    protocol_version = "HTTP/1.1"
    program: ClassVar[str]
    root: ClassVar[str]
    token: ClassVar[str]
    anyone_reads: ClassVar[bool]
    authorizations: ClassVar[list[str | None]]

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._body())

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _serve(self, body: bytes) -> None:
        given = self.headers.get("Authorization")
        self.authorizations.append(given)
        is_open = self.anyone_reads and "receive-pack" not in self.path
        if self.token and not is_open and given != f"Basic {self.token}":
            self._answer(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            return
        done = subprocess.run(
            [self.program], input=body, env=self._environment(body), capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [
            tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n") if ": " in line
        ]
        status = next((int(value[:3]) for name, value in headers if name == "Status"), 200)
        self._answer(status, [(name, value) for name, value in headers if name != "Status"], content)

    def _environment(self, body: bytes) -> dict[str, str]:
        parts = urlsplit(self.path)
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "GIT_PROJECT_ROOT": self.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_USER": "tester",
        }

    def _answer(self, status: int, headers: list[tuple[str, ...]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


Answer = tuple[int, dict[str, str], bytes]


class AnsweringServer:
    """An HTTP server that answers each request (path, Authorization) as it is told to, and records it."""

    def __init__(
        self, answer: Callable[[str, str | None], Answer], certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.asked: list[tuple[str, str | None]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, self.headers.get("Authorization")))
                status, headers, content = answer(*asked[-1])
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.origin = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> AnsweringServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return certificate, key


class SshServer:
    """A real sshd on a loopback port, with keys of its own; `bin` holds an `ssh` that reaches it unasked."""

    def __init__(self, folder: Path) -> None:
        self._sshd, keygen = require("sshd"), require("ssh-keygen")
        self._folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        for name in ("host", "user"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "authorized").chmod(0o600)
        self.port = free_port()
        self._write_configuration()

    def __enter__(self) -> SshServer:
        os.makedirs("/run/sshd", exist_ok=True) if os.access("/run", os.W_OK) else None
        command = [self._sshd, "-D", "-e", "-f", str(self._folder / "sshd_config")]
        log = self._folder / "log"
        with log.open(
            "wb"
        ) as file:  # a pipe that nobody empties would stop it after some hundred connections
            self._process = subprocess.Popen(command, stderr=file)
        wait_until(lambda: "listening" in log.read_text("utf-8") or self._process.poll() is not None)
        assert self._process.poll() is None, "sshd did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(90)

    def url(self, path: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{path}"

    def _write_configuration(self) -> None:
        folder = self._folder
        lines = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder}/host",
            f"AuthorizedKeysFile {folder}/authorized",
            f"PidFile {folder}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "PermitRootLogin yes",
            "AcceptEnv GIT_PROTOCOL",
        ]
        (folder / "sshd_config").write_text("\n".join(lines) + "\n")
        options = f"-i {folder}/user -oUserKnownHostsFile={folder}/known -oStrictHostKeyChecking=accept-new"
        wrapper = self.bin / "ssh"
        wrapper.write_text(f'#!/bin/sh\nexec {require("ssh")} -F none -oLogLevel=ERROR {options} "$@"\n')
        wrapper.chmod(0o755)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until(is_so, seconds: float = 90.0):  # type: ignore[no-untyped-def]
    """Poll until something is so."""
    end = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
    return found


def main() -> None:
    """Serve a folder's repositories until ended; prints the address. For benchmarks: a process of its own."""
    import sys

    with GitHttpServer(Path(sys.argv[1])) as server:
        print(server.url(""), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
