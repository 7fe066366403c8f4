"""The public API: one class, one vault, one agent.

Every method that changes something runs one cycle under the vault's lock, so several processes
(the daemon, a command, an agent's own program) can use one vault at once. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from vaultkit.core.config import Machine, read_policy
from vaultkit.core.fold import POLICY_FILE, policy_at
from vaultkit.core.hooks import HookMove
from vaultkit.core.note import Note
from vaultkit.core.paths import Glob
from vaultkit.core.policy import Policy
from vaultkit.core.tree import Oid, walk
from vaultkit.desk import Progress, no_progress
from vaultkit.driver import Driver
from vaultkit.effects.lock import VaultLock
from vaultkit.effects.repository import sweep_stale_locks
from vaultkit.effects.transport import Credentials
from vaultkit.errors import NotAVault, VaultBusy, VaultError
from vaultkit.git_status import refresh_index
from vaultkit.jobs import JobsReport, run_jobs
from vaultkit.moves import Moves
from vaultkit.opening import PRIVATE, find_vault, open_desk, read_machine_file
from vaultkit.ports import Clock
from vaultkit.report import SyncReport
from vaultkit.status import Status, read_status

LOCK_SECONDS = 30.0


__all__ = ["Credentials", "Vault"]


class Vault:
    """A vault on this machine, as its agent sees it. Close it, or use it in a `with` block."""

    def __init__(
        self,
        root: Path,
        machine: Machine,
        credentials: Credentials | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Use `Vault.open`; this is for callers that have the machine's configuration already."""
        self.root = root
        self.machine = machine
        self.lock_seconds = LOCK_SECONDS
        self._desk, self._repo = open_desk(root, machine, credentials)
        self._desk.progress = progress
        self._driver = Driver(self._desk)
        self._lock = VaultLock(str(root / PRIVATE / "lock"))
        self._jobs_lock = VaultLock(str(root / PRIVATE / "jobs.lock"))
        self._watch_lock = VaultLock(str(root / PRIVATE / "watch.lock"))
        self._moves = Moves(self._desk, self.agent, self._cycle)

    @classmethod
    def open(cls, path: str | Path = ".", *, credentials: Credentials | None = None) -> Vault:
        """The vault around `path`. Raises NotAVault, or PolicyError for a broken `agent.yaml`."""
        root = find_vault(Path(path).expanduser())
        return cls(root, read_machine_file(root), credentials)

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections."""
        if self._desk.remote:
            self._desk.remote.close()
        self._desk.state.close()
        self._repo.close()

    # Who and what

    @property
    def agent(self) -> str:
        """The agent this machine is."""
        return self.machine.agent

    @property
    def policy(self) -> Policy:
        """The policy in force here."""
        return policy_at(self._desk.objects, self._head_tree())

    def setting(self, name: str) -> str | None:
        """A setting for hooks from this machine's `agent.yaml`."""
        return self.machine.settings.get(name)

    # Sync

    def sync(
        self,
        paths: Iterable[str] | None = None,
        *,
        deletions_allowed: bool = False,
        offline: bool = False,
    ) -> SyncReport:
        """One cycle: send what changed here, take in what changed elsewhere.

        `paths` limits where to look for local changes; None looks everywhere. A remote that fails is
        in the report, not raised. Raises VaultBusy if another process holds the vault too long.
        """
        look_at = None if paths is None else frozenset(paths)
        with self._locked("sync"):
            return self._driver.run_cycle(look_at, deletions_allowed=deletions_allowed, offline=offline)

    def found(self, message: str = "start the vault") -> SyncReport:
        """The first cycle of a new vault, which makes the first commit by the policy on the disk."""
        text = self._desk.disk.read(POLICY_FILE, 1 << 20)
        if text is None:
            raise NotAVault(f"there is no {POLICY_FILE} in {self.root}", hint="Run `vaultkit init` again.")
        with self._locked("init"):
            return self._driver.run_cycle(message=message, founding=read_policy(text[0]))

    def adopt_history(self, *, new_remote: bool = False) -> None:
        """Take over commits that were never published: a git repository's, or those before `new_remote`."""
        desk = self._desk
        head = desk.objects.head()
        if head is None or (desk.state.get("head") and not new_remote):
            return
        published = desk.remote.look() if desk.remote else None
        tree = desk.objects.commit(published).tree if published else None
        desk.state.put(head=head, base=published, tree=tree)

    def take_in(self, policy: Policy) -> SyncReport:
        """The first cycle of a vault that joins: take in everything, trusting `policy` as the first."""
        with self._locked("join"):
            return self._driver.run_cycle(frozenset(), founding=policy)

    def interrupt(self) -> None:
        """End a remote's call under way, so that the process can stop; from any thread or signal handler."""
        if self._desk.remote:
            self._desk.remote.interrupt()

    def recover(self) -> list[str]:
        """Clear away what killed programs left in the repository; the names of what was removed."""
        with self._locked("recover"):
            return sweep_stale_locks(str(self.root))

    def refresh_git(self) -> bool:
        """Make `git status` agree with the branch; False if another git program holds the index."""
        with self._locked("refresh"):
            return refresh_index(self._repo, self._desk)

    # Moves

    def claim(self, note: str) -> str:
        """Claim a task; returns its new path once the remote has confirmed it.

        Raises AlreadyClaimed (by whom), Unconfirmed if the remote cannot be asked, RefusedByPolicy.
        """
        with self._locked("claim"):
            return self._moves.claim(note)

    def approve(self, note: str) -> str:
        """Approve a draft, as dragging it to `Approved/` does. Returns its new path."""
        with self._locked("approve"):
            return self._moves.approve(note)

    def reject(self, note: str, reason: str = "") -> str:
        """Reject a draft; `reason` is written into it. Returns its new path."""
        with self._locked("reject"):
            return self._moves.reject(note, reason)

    def complete(self, note: str) -> list[str]:
        """Move a task or draft to `Done/`, and with a draft the task and plan it names. Returns the paths."""
        with self._locked("done"):
            return self._moves.complete(note)

    # Notes

    def notes(self, pattern: str = "**") -> Iterator[Note]:
        """The notes in the newest local commit whose path matches, read one by one."""
        glob = Glob(pattern)
        for path, entry in walk(self._desk.objects, self._head_tree()):
            if glob.matches(path):
                yield Note(path, self._desk.objects.blob(entry.oid))

    def read(self, path: str) -> Note:
        """The note at `path` as it is on the disk; VaultError if there is none."""
        content = self._desk.disk.read(path, self.policy.sync.max_file)
        if content is None:
            raise VaultError(f"there is no note {path}", note=path)
        return Note(path, content[0])

    def moved_note(self, move: HookMove) -> Note:
        """The exact note that `move` moved, whatever was typed into it since."""
        return Note(move.path, self._desk.objects.blob(move.oid))

    def create(self, path: str, text: str) -> SyncReport:
        """Write a new note and sync it. Never overwrites: VaultError if something is there already."""
        with self._locked("create"):
            refusal = self.policy.judge(self.agent, path, None, Oid("0" * 40), len(text.encode()))
            if refusal:
                self._moves.refuse(path, refusal)
            if self._desk.disk.replace(path, None, text.encode()) is None:
                raise VaultError(f"{path} exists already", hint="Choose another name.", note=path)
            return self._cycle(frozenset([path]), f"add {path}")

    def head(self) -> Oid | None:
        """The newest local commit."""
        head = self._desk.state.get("head")
        return Oid(head) if head else None

    def status(self) -> Status:
        """What a person wants to know; reads only this machine's records."""
        return read_status(self.root, self.machine, self._desk, watching=self.is_watched())

    def paths(self) -> Iterator[str]:
        """The path of every note in the newest local commit."""
        return (path for path, _ in walk(self._desk.objects, self._head_tree()))

    def run_jobs(self) -> JobsReport:
        """Run the after-hooks that are due."""
        return run_jobs(self._desk, self._jobs_lock, self)

    # Small things

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hold the place of the one process that watches this vault; VaultBusy if it is taken."""
        self._watch_lock.acquire(0)
        try:
            yield
        finally:
            self._watch_lock.release()

    def is_watched(self) -> bool:
        """Does a process watch this vault now?"""
        try:
            with self.watching():
                return False
        except VaultBusy:
            return True

    def _cycle(self, look_at: frozenset[str], message: str) -> SyncReport:
        return self._driver.run_cycle(look_at, message=message)

    def _head_tree(self) -> Oid | None:
        return self._desk.head_tree()

    @contextmanager
    def _locked(self, purpose: str) -> Iterator[None]:
        self._lock.acquire(self.lock_seconds)
        try:
            yield
        finally:
            self._lock.release()
