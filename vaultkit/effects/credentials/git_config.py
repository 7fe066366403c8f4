"""What git's configuration says about credentials: which helpers, for which address, for which user.

Only the system's and the user's own files are read, never the `.git/config` of a vault: a helper is
a program to run, and a folder that was copied from elsewhere may not name one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dulwich.config import ConfigFile, StackedConfig
from dulwich.credentials import urlmatch_credential_sections

from vaultkit.core.git.credentials import Place

YES = ("", "true", "yes", "on", "1")


@dataclass(frozen=True, slots=True)
class Helping:
    """The helpers to ask, in order; the user to ask for; whether the repository's path is told."""

    helpers: tuple[str, ...] = ()
    username: str | None = None
    with_path: bool = False


def read_helping(place: Place, files: Sequence[Path] | None = None) -> Helping:
    """What `files`, the most general first, say about this place; None: the files git itself reads."""
    helpers: list[str] = []
    single: dict[str, str] = {}
    for name, value in _settings(place, files):
        if name != "helper":
            single[name] = value
        elif value:
            helpers.append(value)
        else:
            helpers.clear()  # git's way to say: forget those named before
    path = single.get("usehttppath", "no").lower() in YES
    return Helping(tuple(helpers), single.get("username"), path)


def _settings(place: Place, files: Sequence[Path] | None) -> Iterator[tuple[str, str]]:
    user = f"{quote(place.username, safe='')}@" if place.username else ""
    url = f"{place.scheme}://{user}{place.netloc}/{quote(place.path)}"
    for config in _read(files):
        for section in urlmatch_credential_sections(config, url):
            for name, value in config.items(section):
                yield name.decode("utf-8", "replace").lower(), value.decode("utf-8", "surrogateescape")


def _read(files: Sequence[Path] | None) -> list[ConfigFile]:
    """The files that are there and can be understood."""
    try:
        if files is None:
            return StackedConfig.default_backends()[::-1]
        return [ConfigFile.from_path(path) for path in files if path.is_file()]
    except (OSError, ValueError):
        return []
