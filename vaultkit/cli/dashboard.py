"""`vaultkit dashboard`: bring `Dashboard.md` up to date now."""

from __future__ import annotations

import click

from vaultkit.cli.main import tidy_up, with_vault
from vaultkit.cli.output import complain, name, note_link, say
from vaultkit.core.telling.board import DASHBOARD
from vaultkit.errors import VaultBusy
from vaultkit.vault import Refreshed, Vault

WORDS = {
    "current": f"{DASHBOARD} is up to date",
    "written": f"brought {DASHBOARD} up to date",
    "not there": f"there is no {DASHBOARD}; `vaultkit init` makes one",
    "not ours": f"another agent keeps {DASHBOARD} (the policy's executor)",
}


@click.command()
@with_vault
def dashboard(vault: Vault) -> None:
    """Bring the managed regions of Dashboard.md up to date, and take up the signals.

    `vaultkit watch` does this by itself, on the machine whose agent keeps the page.
    """
    vault.sync()
    refreshed = vault.refresh_dashboard()
    _tell(vault, refreshed)
    tidy_up(vault)


def _tell(vault: Vault, refreshed: Refreshed) -> None:
    for path in refreshed.filed:
        say(f"took up {note_link(str(vault.root), path)}")
    for path in refreshed.refused:
        complain(f"the policy does not let {vault.agent} file {name(path)} away")
    if refreshed.outcome == "busy":
        raise VaultBusy(f"{DASHBOARD} is being edited, or something else is there", hint="Try again soon.")
    say(WORDS[refreshed.outcome])
