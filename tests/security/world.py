"""A home, a server and commands, with every word kept and every byte searched for the marked passwords."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.desk import ROOT, VAULTKIT
from tests.limited import unwatched
from tests.security.marks import Mark, places_with
from tests.servers import make_bare

KEYRING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

class FileKeyring(KeyringBackend):
    priority = 9
    path = pathlib.Path(os.environ["TEST_KEYRING"])

    def _kept(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, username):
        return self._kept().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self.path.write_text(json.dumps({**self._kept(), f"{service} {username}": password}))
"""

# Libraries below vaultkit that fail, and put everything they can reach into their errors.
BREAKAGE = """
import os, sys

if os.environ.get("BREAK") == "repository":
    import dulwich.repo

    def fail(*words, **more):
        raise RuntimeError(f"{sys.argv} {dict(os.environ)} {words} {more}")

    dulwich.repo.Repo.init = fail

if os.environ.get("BREAK") == "connection":
    from urllib3.connectionpool import HTTPConnectionPool
    proper = HTTPConnectionPool.urlopen

    def urlopen(self, *words, **more):
        if "Authorization" in more["headers"]:
            raise RuntimeError(f"no luck with {more['headers']}")
        return proper(self, *words, **more)

    HTTPConnectionPool.urlopen = urlopen
"""


CTRL_C = "\x03"


class World:
    """A home, a server that wants a password, and commands whose every word is kept."""

    def __init__(self, root: Path, mark: Mark) -> None:
        self.root, self.mark = root, mark
        self.marks: list[Mark] = [mark]
        self.outputs: list[str] = []
        self.tests_own = root / "written by the test"
        self.home, self.lib, self.remotes = root / "home", self.tests_own / "lib", root / "remotes"
        for folder in (self.home, self.lib, self.tests_own / "bin", self.remotes, root / "tmp"):
            folder.mkdir(parents=True)
        (self.lib / "test_keyring.py").write_text(KEYRING)
        (self.lib / "sitecustomize.py").write_text(BREAKAGE)
        make_bare(self.remotes / "r.git")

    def environment(self, **extra: str) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("VAULTKIT_")}
        return {
            **mine,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "TMPDIR": str(self.root / "tmp"),
            "PATH": f"{self.tests_own}/bin:{Path(sys.executable).parent}",
            "PYTHONPATH": f"{self.lib}:{ROOT}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "TEST_KEYRING": str(self.tests_own / "keyring.json"),
            **extra,
        }

    def step(self, *words: str, **extra: str) -> str:
        """Run a command that only leads to what a test is about; its coverage is not measured."""
        return self._run(words, (0, 3), unwatched(self.environment(**extra)))

    def run(self, *words: str, code: int | tuple[int, ...] = (0, 3), **extra: str) -> str:
        """Run a command; its exit code is as expected; what it said is kept, and given back."""
        return self._run(words, code if isinstance(code, tuple) else (code,), self.environment(**extra))

    def _run(self, words: tuple[str, ...], codes: tuple[int, ...], env: dict[str, str]) -> str:
        done = subprocess.run(
            [*VAULTKIT, *words],
            env=env,
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        said = done.stdout + done.stderr
        self.outputs.append(said)
        assert done.returncode in codes, said
        return said

    def netrc(self, mark: Mark, host: str = "127.0.0.1") -> None:
        (self.home / ".netrc").write_text(f"machine {host} login {mark.username} password {mark.password}\n")
        (self.home / ".netrc").chmod(0o600)

    def helper(self, mark: Mark) -> None:
        """A git credential helper, which writes down all it hears where only the test writes."""
        script = self.tests_own / "bin/git-credential-mine"
        script.write_text(
            f'#!/bin/sh\n/bin/cat >> "{self.tests_own}/heard"\necho "op=$1" >> "{self.tests_own}/heard"\n'
            f"echo 'username={mark.username}'\necho 'password={mark.password}'\necho '{mark.core}' >&2\n"
        )
        script.chmod(0o755)
        (self.home / ".gitconfig").write_text("[credential]\n\thelper = mine\n")

    def keyring(self, origin: str, mark: Mark) -> dict[str, str]:
        kept = {
            f"vaultkit:{origin} {mark.username}": mark.password,
            f"vaultkit-user:{origin} last user": mark.username,
        }
        (self.tests_own / "keyring.json").write_text(json.dumps(kept))
        return {"PYTHON_KEYRING_BACKEND": "test_keyring.FileKeyring"}

    def check(self) -> None:
        """No mark is in any file but the test's own, nor in a word that was said."""
        own = [self.tests_own, self.home / ".netrc"]
        assert places_with(self.marks, self.root, own) == []
        said = "\n".join(self.outputs).encode()
        assert not [form for mark in self.marks for form in mark.forms() if form in said]


# Opening the terminal makes it the new session's own, so that Ctrl-C arrives as a signal.
ON_TERMINAL = (
    "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.executable, sys.argv[1:])"
)


def at_terminal(
    world: World, words: list[str], talk: list[str], extra: dict[str, str], code: tuple[int, ...] = (0, 3)
) -> str:
    """Run a command on a pseudo-terminal: wait for a word of the talk, type the next one, and so on."""
    mine, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, *VAULTKIT, *words],
        env=world.environment(**extra),
        cwd=world.root,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    said = ""
    for expected, answer in zip(talk[::2], talk[1::2], strict=True):
        heard = ""
        while expected not in heard:
            heard += read_some(mine, f"{said}{heard}")
        said += heard
        if answer == CTRL_C:
            time.sleep(1)  # Python forgets a signal that comes just before it begins to read
        os.write(mine, answer.encode() if answer == CTRL_C else f"{answer}\n".encode())
    while heard := read_some(mine, said):
        said += heard
    os.close(mine)
    world.outputs.append(said)
    assert process.wait(90) in code, said
    return said


def read_some(terminal: int, so_far: str) -> str:
    """What the command said meanwhile; empty once it has ended."""
    assert select.select([terminal], [], [], 60)[0], so_far
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:
        return ""
