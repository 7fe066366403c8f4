"""Real places for credentials: keyrings in memory, helper scripts, a netrc; and a diary of what is heard."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential

from tests.servers import Answer
from vaultkit.core.git.credentials import Credentials, Place
from vaultkit.core.git.tree import Commit, Oid, with_edits
from vaultkit.effects.credentials import GitHelpers, NetrcFile
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.transport import open_transport
from vaultkit.ports import CredentialSource, Transport

PLACE = Place("https", "notes.example.org", 8443, "desk.git")
PASSWORD = secrets.token_hex(12)
ADA = Credentials("ada", PASSWORD)
WRONG = Credentials("ada", secrets.token_hex(12))
ANSWER = ("username=ada", f"password={PASSWORD}")
WANTS_BASIC: Answer = (401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")


class MemoryKeyring(KeyringBackend):
    """A keyring that can only be asked for a user by name."""

    priority = 9

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class TalkativeKeyring(MemoryKeyring):
    """A keyring that also tells who has a password for a service."""

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        for (at, user), password in self.kept.items():
            if at == service and username in (None, user):
                return SimpleCredential(user, password)
        return None


class BrokenKeyring(MemoryKeyring):
    """A keyring that is locked, and says so in its own way."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(PASSWORD)


class Helpers:
    """Git credential helpers as shell scripts in a folder, which log what they are asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "gitconfig"
        self.log = folder / "log"

    def add(self, name: str, *answer: str) -> Path:
        script = self.folder / f"git-credential-{name}"
        lines = "\\n".join(answer)
        script.write_text(
            f'#!/bin/sh\n{{ echo "{name} $*"; pwd; cat; }} >> {self.log}\n'
            f"case \"$*\" in *get) printf '{lines}\\n';; esac\n"
        )
        script.chmod(0o755)
        return script

    def configure(self, text: str) -> GitHelpers:
        self.config.write_text(text)
        return GitHelpers([self.config])

    def heard(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


def netrc(folder: Path, text: str, mode: int = 0o600) -> NetrcFile:
    (folder / ".netrc").write_text(text)
    (folder / ".netrc").chmod(mode)
    return NetrcFile(folder)


class Diary:
    """A source that gives some credentials and writes down what it hears."""

    name = "a diary"

    def __init__(self, *candidates: Credentials) -> None:
        self.candidates = candidates
        self.heard: list[tuple[str, Credentials]] = []
        self.places: list[Place] = []

    def find(self, place: Place) -> Iterator[Credentials]:
        self.places.append(place)
        for candidate in self.candidates:
            self.heard.append(("gave", candidate))
            yield candidate

    def worked(self, place: Place, credentials: Credentials) -> None:
        self.heard.append(("worked", credentials))

    def refused(self, place: Place, credentials: Credentials) -> None:
        self.heard.append(("refused", credentials))


def opened(repo: GitObjects, url: str, source: CredentialSource | None) -> Transport:
    return open_transport(repo, url, credentials=source, deadline=30)


def first_commit(repo: GitObjects) -> Oid:
    objects = repo
    tree = with_edits(objects, None, {"F/a.md": objects.put_blob(b"1")})
    return objects.put_commit(Commit(tree, (), "a <a@b>", 1_700_000_000, "say\n"))


def told(error: BaseException) -> str:
    """Everything that an error could be shown as."""
    hint = getattr(error, "hint", "")
    return f"{error} {error!r} {hint} {vars(error)} {''.join(traceback.format_exception(error))}"
