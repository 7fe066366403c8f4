"""The public API: one class, one vault, one agent.

Every method that changes something runs one cycle under the vault's lock, so several processes
(the daemon, a command, an agent's own program) can use one vault at once. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

from vaultkit.agents import AgentInfo, Agents
from vaultkit.conflicts import OpenConflict, open_conflicts
from vaultkit.core.config import Machine, read_policy
from vaultkit.core.fold import Violation, policy_at
from vaultkit.core.hooks import HookMove
from vaultkit.core.note import Note
from vaultkit.core.paths import Glob
from vaultkit.core.policy import POLICY_FILE, Policy
from vaultkit.core.tree import Oid, walk
from vaultkit.core.trust import allowed_signers, fold_from, founding_commit
from vaultkit.credentials import CredentialsFrom, keep_apart
from vaultkit.deletions import Answer, Deletions, answer_deletions, waiting_deletions
from vaultkit.desk import Progress, no_progress
from vaultkit.driver import Driver
from vaultkit.effects.lock import VaultLock
from vaultkit.effects.repository import sweep_stale_locks
from vaultkit.errors import NotAVault, RemoteError, VaultBusy, VaultError
from vaultkit.git_status import refresh_index
from vaultkit.jobs import JobsReport, run_jobs
from vaultkit.log import Log, LogEntry
from vaultkit.moves import Moves
from vaultkit.opening import PRIVATE, find_vault, open_desk, read_machine_file, write_machine_file
from vaultkit.past import AuditReport, audit_vault, content_then
from vaultkit.ports import Clock
from vaultkit.report import SyncReport
from vaultkit.resolve import Keep, Resolve, Resolved
from vaultkit.restore import Restore, Restored
from vaultkit.status import Status, read_status, silent_agents
from vaultkit.undo import Undo, Undone

LOCK_SECONDS = 30.0


__all__ = [
    "AgentInfo",
    "AuditReport",
    "Deletions",
    "LogEntry",
    "OpenConflict",
    "Resolved",
    "Restored",
    "Undone",
    "Vault",
]


class Vault:
    """A vault on this machine, as its agent sees it. Close it, or use it in a `with` block."""

    def __init__(
        self,
        root: Path,
        machine: Machine,
        credentials: CredentialsFrom = None,
        progress: Progress = no_progress,
    ) -> None:
        """Use `Vault.open`; this is for callers that have the machine's configuration already."""
        remote, source = keep_apart(machine.remote, credentials)
        self.root = root
        self.machine = replace(machine, remote=remote)
        self.lock_seconds = LOCK_SECONDS
        self._desk, self._repo = open_desk(root, self.machine, source)
        self._desk.progress = progress
        self._driver = Driver(self._desk)
        self._lock = VaultLock(str(root / PRIVATE / "lock"))
        self._jobs_lock = VaultLock(str(root / PRIVATE / "jobs.lock"))
        self._watch_lock = VaultLock(str(root / PRIVATE / "watch.lock"))
        self._moves = Moves(self._desk, self._cycle)
        self._agents = Agents(root, self._desk, self._cycle)

    @classmethod
    def open(cls, path: str | Path = ".", *, credentials: CredentialsFrom = None) -> Vault:
        """The vault around `path`. Raises NotAVault, or PolicyError for a broken `agent.yaml`.

        `credentials` for an http(s) remote: these and no others, or a source of them; None looks in
        the usual places (`usual_credentials`) and asks nobody.
        """
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
        alive: bool = False,
    ) -> SyncReport:
        """One cycle: send what changed here, take in what changed elsewhere.

        `paths` limits where to look for local changes; None looks everywhere. With `alive`, a sign of
        life is published where the policy wants one and it is due. A remote that fails is in the
        report, not raised. Raises VaultBusy if another process holds the vault too long.
        """
        look_at = None if paths is None else frozenset(paths)
        with self._locked("sync"):
            return self._driver.run_cycle(
                look_at, deletions_allowed=deletions_allowed, offline=offline, alive=alive
            )

    def found(self, message: str = "start the vault") -> SyncReport:
        """The first cycle of a vault: where it has no history yet, by the policy on the disk."""
        text = self._desk.disk.read(POLICY_FILE, 1 << 20)
        if text is None:
            raise NotAVault(f"there is no {POLICY_FILE} in {self.root}", hint="Run `vaultkit init` again.")
        founding = None if self._desk.trusted else read_policy(text[0])
        with self._locked("init"):
            report = self._driver.run_cycle(message=message, founding=founding)
            if founding and (head := self.head()):
                self._trust_from(founding_commit(self._desk.objects, head))
            return report

    def _trust_from(self, start: Oid | None) -> None:
        """Remember where this machine's trust in the history begins."""
        if start:
            self._desk.trusted = start
            self.machine = replace(self.machine, trusted=start)
            write_machine_file(self.root, self.machine)

    def adopt_history(self, *, new_remote: bool = False) -> None:
        """Take over commits that were never published: a git repository's, or those before `new_remote`.

        What the remote already holds is judged from where trust begins, if it is a vault's history.
        """
        desk = self._desk
        head = desk.objects.head()
        if head is None or (desk.state.get("head") and not new_remote):
            return
        published = desk.remote.look() if desk.remote else None
        fold = fold_from(desk.objects, desk.trusted, published) if desk.trusted and published else None
        raw = desk.objects.commit(published).tree if published else None
        desk.state.put(head=head, base=published, tree=fold.tree if fold else raw)
        if fold:
            self._driver.distrust(fold)

    def take_in(self, policy: Policy) -> SyncReport:
        """The first cycle of a vault that joins: take in everything that counts after what it trusts."""
        with self._locked("join"):
            return self._driver.run_cycle(frozenset(), founding=policy, trusted=self._desk.trusted)

    def reach(self) -> RemoteError | None:
        """Ask the remote once, so that it is known to let us in; why not, if so. Changes nothing."""
        try:
            if self._desk.remote:
                self._desk.remote.look()
        except RemoteError as error:
            return error
        return None

    def interrupt(self) -> None:
        """End a remote's call under way, so that the process can stop; from any thread or signal handler."""
        if self._desk.remote:
            self._desk.remote.interrupt()

    def recover(self) -> list[str]:
        """Clear away what killed programs left in the repository; the names of what was removed."""
        with self._locked("recover"):
            self._desk.disk.clear(PRIVATE, self._desk.disk.items(PRIVATE))
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

    # Agents

    def agents(self) -> list[AgentInfo]:
        """The agents of the policy, and which of their keys count."""
        return self._agents.all()

    def policy_fingerprint(self) -> str:
        """What another machine shows when it joins, if it sees the same policy."""
        return self._agents.policy_fingerprint()

    def pairing_line(self) -> str:
        """This machine's agent and public key, for `trust` on a human agent's machine."""
        return self._agents.pairing_line()

    def is_trusted(self, *, newest: bool = False) -> bool:
        """Does the policy trust a key of this machine (`newest`: the one made last)?"""
        key = self._desk.identity.key_in(self.policy)
        return key is not None and (not newest or key == self._desk.identity.keys.public()[0])

    def allowed_signers(self) -> list[str]:
        """The lines of the file by which `git log --show-signature` verifies this vault's commits."""
        with self._locked("agents"):
            start, head = self._desk.trusted, self.head()
            return allowed_signers(self._desk.objects, start, head, self.policy) if start and head else []

    def trust(self, line: str, *, human: bool = False) -> AgentInfo:
        """Let the key in a pairing line sign for its agent; `human` for a new agent of a person's.

        Raises UsageError for a line that is none, RefusedByPolicy where no human agent is.
        """
        with self._locked("agents"):
            return self._agents.trust(line, human=human)

    def revoke(self, name: str) -> None:
        """From now on, what this agent's key signs counts for nothing. Raises as `trust` does."""
        with self._locked("agents"):
            self._agents.revoke(name)

    def rotate(self, home: Path, *, in_keyring: bool = False) -> str:
        """Make this machine a new key below `home`, and return its pairing line.

        A human agent trusts its own new key at once; another's counts once a human agent trusts it.
        """
        with self._locked("agents"):
            return self._agents.rotate(home, in_keyring=in_keyring)

    # What was refused

    def violations(self, *, unseen: bool = False) -> list[Violation]:
        """What others tried and had no right to; `unseen`: since the last `acknowledge`."""
        return self._desk.state.violations(unseen=unseen)

    def silent(self) -> dict[str, int]:
        """The agents that promised a sign of life and gave none, and for how many seconds."""
        return silent_agents(self._desk, self.policy)

    def acknowledge(self) -> None:
        """A person has seen the violations that are recorded."""
        self._desk.state.acknowledge()

    def audit(self) -> AuditReport:
        """Judge the whole published history anew; costs its length. VaultError if there is none."""
        with self._locked("audit"):
            return audit_vault(self._desk)

    # The past

    def history(self, note: str | None = None) -> Iterator[LogEntry]:
        """What counted, commit by commit, newest first, judged as it is asked for.

        Of `note` alone (a path or file name, also of a note that is gone) followed through its renames.
        """
        return Log(self._desk).history(note)

    def content(self, note: str, at: str | None = None) -> bytes:
        """A note's bytes, as they are or were `at` a time (ISO), an age ago (`2h`), or in a commit.

        A commit is a hash, or 7 digits of it or more. What was refused can be read by its commit too;
        it is not in the vault. Without a zone a time is local. VaultError if there was no such note.
        """
        if at is None:
            return self.read(note).data
        return content_then(self._desk, note, at, datetime.astimezone)

    def undo(self) -> Undone:
        """Take back the last operation of this machine as a new commit; undoing that does it again.

        All of it or nothing: VaultError, with the reason, if others worked on since or what was approved
        has been carried out; RefusedByPolicy if this agent may not.
        """
        with self._without_jobs(), self._locked("undo"):
            return Undo(self._desk, self._cycle).undo()

    def restore(self, note: str, *, at: str | None = None) -> Restored:
        """Make a note hold again what it held `at` a time, age or commit (see `content`), as a new change.

        A note that was deleted comes back, without `at` as it was last. What is typed is never overwritten.
        """
        with self._locked("restore"):
            return Restore(self._desk, self._cycle).restore(note, at, datetime.astimezone)

    # What waits for a decision

    def conflicts(self) -> list[OpenConflict]:
        """The words that could not be merged, oldest first, each with the note they belong to and why."""
        return open_conflicts(self._desk)

    def resolve(self, note: str, keep: Keep) -> Resolved:
        """Settle a conflict in one commit: the chosen words stand in the note, and the copy is gone.

        `note` is its path or file name, or the copy's. Keep `mine` or `theirs` (what this machine's agent
        or the other one wrote), `both` (the copy becomes a note of its own), or `done`: the note as it
        was edited by hand. What is not kept stays in history.
        """
        with self._locked("resolve"):
            return Resolve(self._desk, self._cycle).resolve(note, keep)

    def deletions(self) -> Deletions:
        """Deletions of many notes at once that wait for an answer."""
        return waiting_deletions(self._desk)

    def resolve_deletions(self, answer: Answer) -> SyncReport:
        """`allow` the deletions that wait, or `restore` the notes, here and for everybody.

        VaultError if none waits; RefusedByPolicy if this agent may not restore what others removed.
        """
        with self._locked("resolve"):
            return answer_deletions(self._desk, self._driver, answer)

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
            acting = self._desk.identity.acts_as(self.policy)
            refusal = self.policy.judge(acting, path, None, Oid("0" * 40), len(text.encode()))
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
    def _without_jobs(self) -> Iterator[None]:
        """No after-hook runs meanwhile, here or in another process."""
        self._jobs_lock.acquire(self.lock_seconds)
        try:
            yield
        finally:
            self._jobs_lock.release()

    @contextmanager
    def _locked(self, purpose: str) -> Iterator[None]:
        self._lock.acquire(self.lock_seconds)
        try:
            yield
        finally:
            self._lock.release()
