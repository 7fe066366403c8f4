"""An open vault: its ports, its locks, and one cycle at a time.

Every method that changes something runs under the vault's lock, so several threads, and several processes
(the daemon, a command, an agent's own program), can use one vault at once. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from vaultkit.agents import Agents
from vaultkit.claims import Claims
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.config import Machine
from vaultkit.core.rules.policy import Policy
from vaultkit.credentials import CredentialsFrom, keep_apart
from vaultkit.dashboard import Dashboard
from vaultkit.desk import Progress, no_progress
from vaultkit.door import Door
from vaultkit.driver import Driver
from vaultkit.effects.lock import VaultLock
from vaultkit.enabled_hooks import EnabledHooks
from vaultkit.errors import VaultBusy
from vaultkit.holding import Holding
from vaultkit.hooks_at_work import AtWork, noted_work
from vaultkit.keyed_tasks import KeyedTasks
from vaultkit.moves import Moves
from vaultkit.opening import PRIVATE, find_vault, open_desk, read_machine_file
from vaultkit.overseer import acting_hook
from vaultkit.ports import Clock, Lock
from vaultkit.report import SyncReport

LOCK_SECONDS = 30.0
HOOK_SECONDS = 120.0


class Session:
    """What every part of a vault stands on. Close it, or use it in a `with` block."""

    def __init__(
        self,
        root: Path,
        machine: Machine,
        credentials: CredentialsFrom = None,
        progress: Progress = no_progress,
        actor: str = "",
    ) -> None:
        """Use `open`; this is for callers that have the machine's configuration already."""
        remote, source = keep_apart(machine.remote, credentials)
        self.root = root
        self.machine = replace(machine, remote=remote)
        self.lock_seconds = LOCK_SECONDS
        self._desk, self._repo = open_desk(root, self.machine, source, actor)
        self._desk.progress = progress
        self._hooks = EnabledHooks(root, self._desk, self.machine)
        self._driver = Driver(self._desk)
        self._door = Door()
        self._lock = VaultLock(str(root / PRIVATE / "lock"))
        self._jobs_lock = VaultLock(str(root / PRIVATE / "jobs.lock"))
        self._watch_lock = VaultLock(str(root / PRIVATE / "watch.lock"))
        self._moves = Moves(self._desk, self._cycle)
        self._holding = Holding(self._desk, self._driver)
        self._claims = Claims(self._desk, self._holding, self._moves, self._locked)
        self._keyed_tasks = KeyedTasks(self._desk, self._cycle)
        self._agents = Agents(root, self._desk, self._cycle)
        self._dashboard = Dashboard(self._desk, self._cycle)

    @classmethod
    def open(cls, path: str | Path = ".", *, actor: str = "", credentials: CredentialsFrom = None) -> Self:
        """The vault around `path`. Raises NotAVault, or PolicyError for a broken `agent.yaml`.

        `actor` names this program (one line, at most 64 characters, else UsageError): it is recorded in each
        commit, so that several that work as one agent can be told apart, and a claim is only its own.
        `credentials` for an http(s) remote: these and no others, or a source of them; None looks in
        the usual places (`usual_credentials`) and asks nobody.
        """
        root = find_vault(Path(path).expanduser())
        return cls(root, read_machine_file(root), credentials, actor=actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections, once what is at work in other threads has ended. Whoever waits
        stops."""
        self._door.shut()
        if self._desk.remote:
            self._desk.remote.close()
        self._desk.state.close()
        self._repo.close()

    def interrupt(self) -> None:
        """End a remote's call under way, so that the process can stop; from any thread or signal handler."""
        if self._desk.remote:
            self._desk.remote.interrupt()

    @property
    def agent(self) -> str:
        """The agent this machine is."""
        return self.machine.agent

    @property
    def actor(self) -> str:
        """The name of this program among those that work as the agent; "" if it gave none."""
        return self._desk.identity.actor

    @property
    def policy(self) -> Policy:
        """The policy in force here."""
        return policy_at(self._desk.objects, self._head_tree())

    def setting(self, name: str) -> str | None:
        """A setting for hooks from this machine's `agent.yaml`."""
        return self.machine.settings.get(name)

    def head(self) -> Oid | None:
        """The newest local commit."""
        head = self._desk.state.get("head")
        return Oid(head) if head else None

    @property
    def is_published(self) -> bool:
        """Does the remote, as far as is known here, have all that was committed? True without a remote."""
        return self._desk.remote is None or self._desk.state.get("base") == self._desk.state.get("head")

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    def hooks_at_work(self) -> list[AtWork]:
        """The hooks that run now, in whichever process: an acting one, and a planning one that takes long."""
        return [
            work
            for work in noted_work(self._desk.state)
            if is_taken(self._lock if work.plans else self._jobs_lock)
        ]

    def _refresh_hooks(self) -> None:
        """What this machine enables may have been changed meanwhile, by a person or by `vaultkit hooks`."""
        now = self._hooks.refresh()
        self.machine = replace(self.machine, hooks=now.hooks, settings=now.settings)

    def _cycle(self, look_at: frozenset[str], message: str) -> SyncReport:
        return self._driver.run_cycle(look_at, message=message)

    def _cycle_as_written(self, look_at: frozenset[str], message: str) -> SyncReport:
        """What is written back from history is just that: no note moves because of its status."""
        return self._driver.run_cycle(look_at, message=message, as_written=bool(message))

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
        # What a hook began shall not fail only because a cycle is under way.
        seconds = HOOK_SECONDS if acting_hook.get() else self.lock_seconds
        with self._door.inside():
            self._lock.acquire(seconds)
            try:
                self._refresh_hooks()
                yield
            finally:
                self._lock.release()


def is_taken(lock: Lock) -> bool:
    """Does somebody hold it now?"""
    try:
        lock.acquire(0)
    except VaultBusy:
        return True
    lock.release()
    return False
