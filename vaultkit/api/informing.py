"""Telling the person: signals, and the Dashboard that shows them."""

from __future__ import annotations

from vaultkit.api.session import Session
from vaultkit.dashboard import Refreshed
from vaultkit.updates import post_update


class Informing(Session):
    """What agents leave for the person, and the page on which it is found."""

    def post_update(self, text: str, *, domain: str = "") -> str:
        """Leave the person a short signal, a note in the policy's folder for updates; its path.

        The machine that keeps the Dashboard shows it there and files it away. `domain` is a folder below.
        UsageError for an empty text; RefusedByPolicy where this agent may not write updates.
        """
        with self._locked("update"):
            return post_update(self._desk, self._cycle, text, domain)

    def refresh_dashboard(self, *, only_quiet: bool = False) -> Refreshed:
        """Bring the regions of `Dashboard.md` up to date and take up the signals, in one commit.

        Only the agent that keeps the page does anything. `only_quiet`: not while somebody types in it.
        Raises BrokenRegions if the marks of its regions do not fit together.
        """
        with self._locked("dashboard"):
            return self._dashboard.refresh(only_quiet=only_quiet)
