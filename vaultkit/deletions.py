"""Many notes deleted at once wait for a person: which, whose doing it is, and carrying out the answer.

Deleted here: they are held, so they are gone from the disk and stay everywhere else. Deleted elsewhere:
the cycle stops before it takes that in, so they stay here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from vaultkit.core.cycle.mass_deletion import MASS_DELETION
from vaultkit.core.git.tree import Change, Changes, find_file
from vaultkit.desk import Desk
from vaultkit.driver import Driver
from vaultkit.errors import VaultError
from vaultkit.report import SyncReport
from vaultkit.rights import refuse_forbidden

Answer = Literal["allow", "restore"]


@dataclass(frozen=True, slots=True)
class Deletions:
    """The notes deleted `here` and elsewhere (`there`) that wait for an answer; `told`: by whom."""

    here: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    told: str = ""

    def __bool__(self) -> bool:
        return bool(self.here or self.there)


def waiting_deletions(desk: Desk) -> Deletions:
    """What waits now, by this machine's records."""
    here = [held.path for held in desk.state.held() if held.rule == MASS_DELETION]
    there = json.loads(desk.state.get("waiting") or "{}")
    return Deletions(here, there.get("gone", []), there.get("told", ""))


def answer_deletions(desk: Desk, driver: Driver, answer: Answer) -> SyncReport:
    """Delete them everywhere; or keep them: those gone here come back, those removed elsewhere are published.

    The caller holds the vault's lock. VaultError if nothing waits, RefusedByPolicy if that may not be.
    """
    waiting = waiting_deletions(desk)
    if not waiting:
        raise VaultError("no deletion waits for an answer", hint="`vaultkit status` shows what does.")
    paths = frozenset(waiting.here)
    if answer == "allow":
        return driver.run_cycle(paths, deletions_allowed=True)
    refuse_forbidden(desk, _anew(desk, waiting.there))
    _write_back(desk, waiting.here)
    return driver.run_cycle(paths, deletions_refused=True)


def _anew(desk: Desk, paths: list[str]) -> Changes:
    tree = desk.head_tree()
    found = {path: find_file(desk.objects, tree, path) for path in paths}
    return {path: Change(None, oid) for path, oid in found.items() if oid}


def _write_back(desk: Desk, paths: list[str]) -> None:
    """As history has them; where something is by now, that stays. Interrupted, it can be begun again."""
    missing = [(path, change.new) for path, change in _anew(desk, paths).items() if change.new]
    with desk.disk.bulk((path, desk.objects.blob(oid)) for path, oid in missing):
        for path, oid in missing:
            desk.disk.replace(path, None, desk.objects.blob(oid))
