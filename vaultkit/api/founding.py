"""Setting a vault up: the first cycle of one that is made, adopted or joined."""

from __future__ import annotations

from dataclasses import replace

from vaultkit.api.session import Session
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.trust import fold_from, founding_commit
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.policy import POLICY_FILE, Policy
from vaultkit.errors import NotAVault, RemoteError
from vaultkit.opening import write_machine_file
from vaultkit.report import SyncReport


class Founding(Session):
    """For `init_vault` and `join_vault`."""

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
