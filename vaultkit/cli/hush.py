"""Nothing secret on the screen or in a log, whatever went wrong.

The library shows no credentials. This is for what it cannot know of: an error of some other library,
a wrong call that is repeated to the person who made it, with the address and all that is in it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from vaultkit.credentials import Credentials

_USER_AND_PASSWORD = re.compile(r"(\w+://)[^/\s@:]*:[^/\s@]*@")
_HTTP_USER = re.compile(r"(https?://)[^/\s@]*@", re.IGNORECASE)
_INSIDE = re.compile(r"(\w{2,}):/{0,2}(.*)@")
_secrets: set[str] = set()


def remember(credentials: Credentials) -> None:
    """Never show these from now on."""
    _secrets.update(credentials.spellings())


def remember_arguments(arguments: list[str]) -> None:
    """Never show what is inside the addresses among these, also where they are not proper ones."""
    for found in filter(None, map(_INSIDE.match, arguments)):
        name, colon, password = found[2].partition(":")
        if colon or found[1].lower().startswith("http"):
            remember(Credentials(name, password))
            remember(Credentials(unquote(name), unquote(password)))


def hush(text: str) -> str:
    """The text without secrets, and without user names and passwords in addresses."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _HTTP_USER.sub(r"\1", _USER_AND_PASSWORD.sub(r"\1", text))
