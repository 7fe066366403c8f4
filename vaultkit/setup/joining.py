"""`join`: a copy of a vault for another machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vaultkit.core.history.trust import policy_fingerprint
from vaultkit.core.rules.config import read_policy
from vaultkit.credentials import CredentialsFrom, keep_apart
from vaultkit.desk import Progress, no_progress
from vaultkit.errors import UsageError
from vaultkit.opening import MACHINE_FILE, PRIVATE
from vaultkit.setup.folder import Tell, make_folders, make_repository, make_root, refuse_inside
from vaultkit.setup.machine import DEFAULT_KEYS, KeyPlace, machine_for, with_key, write_machine
from vaultkit.setup.trust import fetch_trusted, show_fingerprints
from vaultkit.vault import Vault


def join_vault(
    url: str,
    path: Path,
    agent: str,
    *,
    expect: str = "",
    credentials: CredentialsFrom = None,
    keys: KeyPlace = DEFAULT_KEYS,
    tell: Tell = lambda _: None,
    progress: Progress = no_progress,
) -> Vault:
    """Make a copy of the vault at `url` in `path`, for `agent`.

    What this machine does counts once a human agent trusts its key (`Vault.pairing_line`). Which vault
    it is, only a person can tell: `expect` is the fingerprint of the policy, or of a human agent's key,
    that the vault must have; RefusedByPolicy if it has another. The other arguments are those of
    `init_vault`.
    """
    root = path.expanduser().resolve()
    refuse_inside(root)
    clean, source = keep_apart(url, credentials)
    machine = machine_for(root, agent, clean)
    if root.exists() and not (root / MACHINE_FILE).exists() and not _is_free_for_join(root):
        hint = "Join into an empty folder, or adopt this one with `vaultkit init --remote URL`."
        raise UsageError(f"{root} is not empty", hint=hint)
    make_root(root)
    make_repository(root, tell)
    start, data = fetch_trusted(root, machine, source, tell, progress)
    policy = read_policy(data)
    show_fingerprints(policy, data, expect, tell)
    machine = with_key(root, machine, keys, tell)
    machine = machine if machine.trusted else replace(machine, trusted=f"{start} {policy_fingerprint(data)}")
    write_machine(root, machine, tell)
    vault = Vault(root, machine, source, progress)
    if vault.head() is None:
        tell("writing the notes")
        report = vault.take_in(policy)
        if report.error:
            raise report.error
    make_folders(root, min(policy.humans), agent, policy.workflow)
    vault.refresh_git()
    tell(f"joined as {agent}; {sum(1 for _ in vault.paths())} notes")
    if agent not in policy.agents:
        tell(f"the policy does not know {agent} yet; the agents there are {', '.join(policy.agents)}")
    return vault


def _is_free_for_join(root: Path) -> bool:
    """Empty, or just what an interrupted join leaves."""
    names = {item.name for item in root.iterdir()}
    return names in (set(), {PRIVATE}, {".git", PRIVATE})
