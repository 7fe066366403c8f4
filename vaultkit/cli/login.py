"""Where a command's credentials come from: the environment first, a person last."""

from __future__ import annotations

import os

from vaultkit.cli.hush import remember
from vaultkit.cli.terminal import terminal
from vaultkit.credentials import Credentials, CredentialSource, Given, usual_credentials

NAME = "VAULTKIT_PASSWORD and VAULTKIT_TOKEN in the environment"


def credentials() -> CredentialSource:
    """The usual places, with the environment's credentials before and the terminal after them."""
    username = os.environ.get("VAULTKIT_USERNAME")
    password = os.environ.get("VAULTKIT_PASSWORD") or os.environ.get("VAULTKIT_TOKEN")
    given = Credentials(username or "", password) if password else None
    if given:
        remember(given)
    ask, keep = (terminal.ask, terminal.keep) if terminal.is_there() else (None, None)
    return usual_credentials(Given(given, NAME), username=username, ask=ask, keep=keep)
