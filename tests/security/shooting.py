"""A vault under fire: Local, a remote that anybody may write to, and what must hold after each attack."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dulwich.object_store import iter_tree_contents
from dulwich.repo import Repo

from tests.security.catalogue import Case
from tests.security.catalogue.approvals import DECIDED, DRAFT
from tests.security.forge import Forge, Item, plant_in
from vaultkit import KeyPlace, Vault, init_vault, join_vault
from vaultkit.core.git.tree import Oid
from vaultkit.effects.keys import StoredKeys, make_key
from vaultkit.errors import VaultError
from vaultkit.ports import Keys

PUBLISHED = {
    "Updates/published.md": b"published\n",
    "Approved/decided.md": DECIDED,
    "Pending_Approval/draft.md": DRAFT,
    "Done/finished.md": b"finished\n",
    "Rejected/refused.md": b"refused\n",
    "Notes/mine.md": b"the person's own\n",
    "In_Progress/local_agent/task.md": b"Local's task\n",
}
MACHINERY = (".git", ".vaultkit")
CANARIES = ("/tmp/vaultkit-outside.md", "/tmp/vaultkit-outside")


@dataclass
class Outcome:
    """What an attack came to; `problems` is empty if everything held. `cpu`: seconds the cycle worked."""

    cpu: float = 0.0
    problems: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, what: str) -> None:
        if not is_so:
            self.problems.append(what)


class Synced(NamedTuple):
    """How a cycle ended; `error` is empty if the remote did not fail, `cpu` the seconds it worked."""

    in_step: bool
    error: str
    cpu: float


Sync = Callable[[], Synced]


def synced(vault: Vault) -> Synced:
    """One cycle, here."""
    began = time.process_time()
    report = vault.sync()
    return Synced(report.in_step, str(report.error or report.detail), time.process_time() - began)


class Published(NamedTuple):
    """The lines of the published tree and of its folders, the policy's text, the person's last commit."""

    root: list[Item]
    folders: dict[bytes, list[Item]]
    policy: str
    persons: bytes


class Target:
    """Local's vault, its remote, and Cloud's key in the attacker's hand."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.remote, self.root = folder / "r.git", folder / "Local"
        keys = KeyPlace(folder / "home")
        vault = init_vault(self.root, "local_agent", human=True, remote=url or str(self.remote), keys=keys)
        with vault, join_vault(url or str(self.remote), folder / "Cloud", "cloud_agent", keys=keys) as cloud:
            vault.trust(cloud.pairing_line())
            self.keys = self._stolen_keys(cloud, folder)
            for path, data in PUBLISHED.items():
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_bytes(data)
            vault.sync()
            vault.refresh_git()
        self._cases, self._persons = 0, b""
        self._persons = self.read_published().persons

    @staticmethod
    def _stolen_keys(cloud: Vault, folder: Path) -> dict[str, Keys]:
        stranger, _ = make_key(folder / "stranger", "stranger")
        return {
            "cloud": StoredKeys(lambda: cloud.machine.keys),
            "stranger": StoredKeys(lambda: (stranger,)),
        }

    # The remote, as whoever runs it sees it

    @property
    def head(self) -> Oid:
        return Oid((self.remote / "refs/heads/main").read_text("ascii").strip())

    def publish(self, head: Oid) -> None:
        """What a push comes to, without anybody looking."""
        (self.remote / "refs/heads/main").write_text(f"{head}\n", "ascii")

    def published(self) -> set[bytes]:
        """Every path in the newest commit the remote holds."""
        repo = Repo(str(self.remote))
        try:
            tree = _tree_of(_raw(repo, self.head))
            return {entry.path for entry in iter_tree_contents(repo.object_store, tree) if entry.path}
        finally:
            repo.close()

    def read_published(self, where: Path | None = None, tree: Oid | None = None) -> Published:
        """What the attacker builds on: the newest commit's tree, or another one, in some repository."""
        repo, remote = Repo(str(where or self.remote)), Repo(str(self.remote))
        try:
            commit = _raw(remote, self.head)
            root = _items(repo, tree.encode() if tree else _tree_of(commit))
            folders = {i.name: _items(repo, i.oid.encode()) for i in root if i.mode == "40000"}
            policy = next(repo[i.oid.encode()].data for i in root if i.name == b"vaultkit.yaml")  # type: ignore[index, attr-defined]
            return Published(root, folders, policy.decode(), self._persons or commit)
        finally:
            repo.close()
            remote.close()

    def forge(self, built_on: Published | None = None) -> Forge:
        """The attacker at work on top of the published head, with a tree like the one `built_on`."""
        self._cases += 1
        marker, put = f"honest-{self._cases}", plant_in(self.remote)
        there = built_on or self.read_published()
        return Forge(put, self.keys, self.head, *there[:2], marker, *there[2:])

    # What is on the person's disk

    def notes(self) -> dict[str, bytes]:
        """Every file of the vault that is not its machinery, links as what they say.

        A hidden file that is just being written is none yet.
        """
        found = {}
        for path in sorted(self._files()):
            with suppress(FileNotFoundError):
                data = b"-> link" if path.is_symlink() else path.read_bytes()
                found[path.relative_to(self.root).as_posix()] = data
        return {name: data for name, data in found.items() if not name.rpartition("/")[2].startswith(".vk-")}

    def _files(self) -> Iterator[Path]:
        """Files and links. The machinery holds many more, so it is not even looked through."""
        for folder, inner, files in os.walk(self.root):
            if folder == str(self.root):
                inner[:], files = (sorted({*names}.difference(MACHINERY)) for names in (inner, files))
            links = (name for name in inner if os.path.islink(os.path.join(folder, name)))
            yield from (Path(folder, name) for name in (*files, *links))

    def outside(self) -> list[str]:
        """What lies beside the vault, and the places that attacks aim at."""
        beside = sorted(p.name for p in self.folder.iterdir())
        return [*beside, *(name for name in CANARIES if Path(name).exists())]

    # One attack, through the public API

    def strike(self, case: Case, vault: Vault, sync: Sync | None = None) -> Outcome:
        """Publish the attack, sync (here, or by `sync` somewhere else), and say what did not hold."""
        outcome, sync = Outcome(), sync or (lambda: synced(vault))
        forge, before = self.forge(), self.notes()
        outside, published = self.outside(), self.head
        machinery = self.machinery()
        seen = len(vault.violations())
        self.publish(case.build(forge))
        if case.waits:
            outcome.expect(sync().error != "", "what is missing was not waited for")
            self.wait_long()
        report = sync()
        outcome.cpu = report.cpu
        expected = dict(before)
        if case.stops:
            outcome.expect(report.error != "", f"the sync went on: {report}")
            self.publish(published)
            report = sync()
        else:
            expected |= {f"Updates/{forge.marker}.md": f"{forge.marker}\n".encode(), **case.arrives}
            told = len(vault.violations()) > seen
            outcome.expect(told != case.silent, f"told of {vault.violations()[seen:]}")
        outcome.expect(report.in_step, f"not in step: {report}")
        if not report.in_step:
            self.publish(published)
        self._compare(outcome, expected, self.notes())
        outcome.expect(self.outside() == outside, f"outside: {self.outside()}")
        outcome.expect(self.machinery() == machinery, "the machinery was written to")
        self._read_what_was_refused(outcome, vault, seen)
        self._push_honestly(outcome, vault)
        return outcome

    def wait_long(self) -> None:
        """As if the head had been tried three times, over more than ten minutes."""
        (self.root / ".git/objects/info/vaultkit-incomplete").write_text(f"{self.head} 3 0\n")

    def machinery(self) -> dict[str, bytes]:
        """What nobody but this machine may write: its hooks, its configuration, git's configuration."""
        files = [
            self.root / ".vaultkit/agent.yaml",
            self.root / ".git/config",
            self.root / ".git/info/exclude",
        ]
        hooks = [*(self.root / ".vaultkit/hooks").rglob("*"), *(self.root / ".git/hooks").rglob("*")]
        return {str(file): file.read_bytes() for file in [*files, *hooks] if file.is_file()}

    @staticmethod
    def _compare(outcome: Outcome, expected: dict[str, bytes], found: dict[str, bytes]) -> None:
        for path in sorted(expected.keys() | found.keys()):
            if expected.get(path) != found.get(path):
                outcome.expect(
                    False, f"{path!r}: {_short(found.get(path))}, not {_short(expected.get(path))}"
                )

    @staticmethod
    def _read_what_was_refused(outcome: Outcome, vault: Vault, seen: int) -> None:
        """Its content can be read, or is said not to be there; the status can be shown."""
        vault.status()
        for violation in vault.violations()[seen:][:5]:
            try:
                vault.content(violation.path, violation.commit)
            except VaultError:
                continue

    def _push_honestly(self, outcome: Outcome, vault: Vault) -> None:
        """The next thing the person publishes undoes what was tried: the remote holds what counts."""
        note = self.root / "Notes/mine.md"
        note.write_bytes(note.read_bytes() + b"more\n")
        outcome.expect(vault.sync(["Notes/mine.md"]).in_step, "the person could not publish any more")
        listed = self.published()
        notes = {name.encode() for name in self.notes()}
        outcome.expect(listed == notes, f"published and disk differ: {listed ^ notes}")


def _short(data: bytes | None) -> str:
    return "nothing" if data is None else repr(data[:40])


def _raw(repo: Repo, oid: Oid) -> bytes:
    """A commit's text: an attacker's need not be one that dulwich can read."""
    loose = Path(repo.controldir()) / "objects" / oid[:2] / oid[2:]
    if loose.exists():
        return zlib.decompress(loose.read_bytes()).partition(b"\0")[2]
    return repo.object_store.get_raw(oid.encode())[1]  # type: ignore[arg-type]


def _tree_of(commit: bytes) -> bytes:
    return commit.removeprefix(b"tree ")[:40]


def _items(repo: Repo, tree: bytes) -> list[Item]:
    entries = repo[tree].iteritems()  # type: ignore[index, attr-defined]
    return [Item(f"{e.mode:o}", e.path, Oid(e.sha.decode())) for e in entries]
