"""`~/.netrc` (on Windows often `~/_netrc`), where many programs look for passwords by host.

It names hosts, neither schemes nor ports. Its `default` entry is left alone: credentials are sent
only where somebody meant them to go. The standard library's parser puts the offending word into its
error, and that may be the password; so what is told about a bad file is only that it is bad.
"""

from __future__ import annotations

import logging
import netrc
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from vaultkit.core.git.credentials import Credentials, Place

NAMES = (".netrc", "_netrc")

log = logging.getLogger("vaultkit.credentials")


class NetrcFile:
    """The netrc file in `home`; by default the home of the person whose process this is."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._told: set[str] = set()

    @property
    def name(self) -> str:
        return "~/.netrc"

    def find(self, place: Place) -> Iterator[Credentials]:
        for path in self._paths():
            entry = self._hosts(path).get(place.host)
            if entry and entry[2] and place.username in (None, entry[0]):
                yield Credentials(entry[0], entry[2])

    def worked(self, place: Place, credentials: Credentials) -> None:
        """The file is a person's own."""

    def refused(self, place: Place, credentials: Credentials) -> None:
        """The file is a person's own."""

    def _paths(self) -> list[Path]:
        try:
            home = self._home or Path.home()
            return [home / name for name in NAMES if (home / name).is_file()]
        except (OSError, RuntimeError):  # a home that is closed to us, or a user without one
            return []

    def _hosts(self, path: Path) -> dict[str, tuple[str, str, str]]:
        if _is_open_to_others(path):
            self._warn(f"{path} can be read by others, so it is not used; make it private: chmod 600 {path}")
            return {}
        try:
            return netrc.netrc(str(path)).hosts
        except netrc.NetrcParseError as error:
            self._warn(f"{path} cannot be understood (line {error.lineno}), so it is not used")
        except (OSError, UnicodeError):
            self._warn(f"{path} cannot be read, so it is not used")
        return {}

    def _warn(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            log.warning("%s", words)


def _is_open_to_others(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False
