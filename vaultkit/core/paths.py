"""Safe names and patterns.

A path in a vault is relative, with `/`, the same on every machine: what one file system would take
differently from another (case, Unicode form, device names, trailing dots) is refused or told apart
here, before it ever meets a file system.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

MOST_DEPTH = 32
MOST_NAME_BYTES = 200
MOST_PATH_BYTES = 900

_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"
}
_FORBIDDEN = frozenset('<>:"|?*\\')
# Characters that are not seen, or that turn the reading direction: two names could look the same.
_UNSEEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0")
_UNSEEN_RANGES = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF))


def name_problem(path: str) -> str | None:
    """Why `path` cannot be the name of a note on every machine; None if it can."""
    if path.isascii() and _PLAIN_PATH.match(path) and len(path) < MOST_NAME_BYTES:
        return None if path.count("/") < MOST_DEPTH else "its folders are nested too deeply"
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if size > MOST_PATH_BYTES:
        return "its path is too long"
    names = path.split("/")
    if len(names) > MOST_DEPTH:
        return "its folders are nested too deeply"
    return next((problem for problem in map(_component_problem, names) if problem), None)


# The many ordinary names need no closer look: a word, then words with single dots inside.
_PLAIN_PATH = re.compile(r"(?:[A-Z][a-z]{3,}[A-Za-z_]*/)*[a-z]{5,}[a-z0-9_-]*\.md\Z")


@lru_cache(maxsize=4096)
def _component_problem(name: str) -> str | None:
    if name in ("", ".", ".."):
        return "it is no proper relative path"
    if unseen := next((c for c in name if _is_unseen(c)), None):
        return f"its name holds an invisible or control character (U+{ord(unseen):04X})"
    return _awkward(name)


def _awkward(name: str) -> str | None:
    """Why a readable name would not be the same name everywhere."""
    if unicodedata.normalize("NFC", name) != name:
        return "its name is not in composed form (Unicode NFC)"
    if bad := next((c for c in name if c in _FORBIDDEN), None):
        return f"its name holds {bad}, which not every system allows"
    if name != name.strip(" ") or name.endswith("."):
        return "its name begins or ends with a space, or ends with a dot"
    if name.partition(".")[0].rstrip(" ").casefold() in _DEVICES:
        return "its name is a device's name on Windows"
    return "its name is too long" if len(name.encode()) > MOST_NAME_BYTES else None


def _is_unseen(character: str) -> bool:
    code = ord(character)
    if unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp") or character in _UNSEEN:
        return True
    # U+FE0F colours emoji and is common in people's file names; alone it changes no letter.
    return code != 0xFE0F and any(low <= code <= high for low, high in _UNSEEN_RANGES)


@lru_cache(maxsize=65536)
def fold_key(name: str) -> str:
    """Equal for names that the least careful file system would take for the same."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern over paths: `*` and `?` within one name, `**` any number of folders.

    `{agent}` stands for one name, the agent's. Anchored at the vault unless `floating`: then a
    pattern without `/` means a file name in any folder, and one that ends in `/` a folder anywhere
    and all below it; case does not count.
    """

    pattern: str
    floating: bool = False
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problem = _pattern_problem(self.pattern)
        if problem:
            raise ValueError(f"the pattern {self.pattern!r} {problem}")
        source = _translate(_anchored(self.pattern) if self.floating else self.pattern)
        flags = re.IGNORECASE if self.floating else 0
        object.__setattr__(self, "_regex", re.compile(source, flags | re.DOTALL))

    def matches(self, path: str, agent: str | None = None) -> bool:
        """Does the whole path match (with `agent` in the place of `{agent}`)?"""
        found = self._regex.match(path)
        if found is None:
            return False
        return agent is None or not self.names_agent or found["agent"] == agent

    def agent_in(self, path: str) -> str | None:
        """The name that stands at `{agent}` in a matching path."""
        found = self._regex.match(path)
        return found["agent"] if found and self.names_agent else None

    @property
    def names_agent(self) -> bool:
        return "{agent}" in self.pattern


def _pattern_problem(pattern: str) -> str | None:
    if not pattern or pattern.startswith("/") or "//" in pattern or "\\" in pattern:
        return "is no relative pattern with /"
    if any(name in (".", "..") for name in pattern.split("/")):
        return "must not hold . or .."
    if pattern.count("{agent}") > 1 or set("{}") & set(pattern.replace("{agent}", "")):
        return "may hold {agent} once and no other braces"
    if any("**" in name and name != "**" for name in pattern.split("/")):
        return "may have ** only as a whole name"
    return None


def _anchored(pattern: str) -> str:
    if pattern.endswith("/"):
        return ("" if "/" in pattern[:-1] else "**/") + pattern + "**"
    return pattern if "/" in pattern else f"**/{pattern}"


def _translate(pattern: str) -> str:
    names = pattern.split("/")
    parts: list[str] = []
    for n, name in enumerate(names):
        is_last = n == len(names) - 1
        if name == "**":
            parts.append(".*" if is_last else "(?:[^/]+/)*")
        else:
            parts.append(_translate_name(name) + ("" if is_last else "/"))
    return "".join(parts) + r"\Z"


def _translate_name(name: str) -> str:
    source = re.escape(name).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return source.replace(re.escape("{agent}"), "(?P<agent>[^/]+)")
