"""Patterns over paths.

`*` and `?` stand within one name, `**` for any number of folders (also none), `{agent}` for exactly
one name, an agent's. Everything else means itself. Case does not count: on many disks `approved/` is
`Approved/`, and a rule that a capital letter can walk around is none.

Only characters that a name may hold are welcome, for what such a pattern matches would depend on the
Unicode of the machine. And matching cannot be made slow by a crafted name: a star never gives back
what a later literal found, and there are few `**`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from vaultkit.core.naming.name_characters import unshared_in

MOST_ANY_DEPTH = 3
AGENT = "{agent}"


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern, compiled; ValueError says what is wrong with it.

    Anchored at the vault unless `floating`: then a pattern without `/` means a file name in any
    folder, and one that ends in `/` a folder (anywhere, if it holds no other `/`) and all below it.
    """

    pattern: str
    floating: bool = False
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problem = _problem(self.pattern, floating=self.floating)
        if problem:
            raise ValueError(f"the pattern {self.pattern!r} {problem}")
        anchored = _anchored(self.pattern) if self.floating else self.pattern
        source = _translate(unicodedata.normalize("NFC", anchored))
        object.__setattr__(self, "_regex", re.compile(source, re.IGNORECASE | re.DOTALL))

    def matches(self, path: str, agent: str | None = None) -> bool:
        """Does the whole path match (with `agent` in the place of `{agent}`)?"""
        found = self._regex.match(path)
        if found is None:
            return False
        return agent is None or not self.names_agent or found["agent"] == agent

    def agent_in(self, path: str) -> str | None:
        """The name that stands at `{agent}` in a matching path."""
        found = self._regex.match(path) if self.names_agent else None
        return found["agent"] if found else None

    @property
    def names_agent(self) -> bool:
        return AGENT in self.pattern


def name_source(pattern: str) -> str:
    """The regular expression for a pattern over one name."""
    first, *rest = (re.escape(part).replace(r"\?", "[^/]") for part in re.split(r"\*+", pattern))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{part})" for part in middle) + f"[^/]*{last}"


def _problem(pattern: str, *, floating: bool) -> str | None:
    names = pattern.split("/")
    if odd := unshared_in(pattern):
        return f"holds U+{ord(odd):04X}, which no name may hold"
    if not pattern or pattern.startswith(("/", "!")) or "//" in pattern or "\\" in pattern:
        return "must be a relative path with /, without \\ or !"
    if any(name in (".", "..") for name in names):
        return "must not hold . or .."
    if pattern.endswith("/") and not floating:
        return f"matches no note; write {pattern + '**'!r} for all below the folder"
    if any("**" in name and name != "**" for name in names) or names.count("**") > MOST_ANY_DEPTH:
        return f"may have ** only as a whole name, at most {MOST_ANY_DEPTH} times"
    return _brace_problem(names)


def _brace_problem(names: list[str]) -> str | None:
    """One agent, at a place that is never in doubt."""
    if any(set(name) & set("{}") and name != AGENT for name in names) or names.count(AGENT) > 1:
        return f"may hold {AGENT} once, as a whole name, and no other braces"
    if AGENT in names and "**" in names[: names.index(AGENT)]:
        return f"must not have ** before {AGENT}"
    return None


def _anchored(pattern: str) -> str:
    if pattern.endswith("/"):
        return ("" if "/" in pattern[:-1] else "**/") + pattern + "**"
    return pattern if "/" in pattern else f"**/{pattern}"


def _translate(pattern: str) -> str:
    *folders, last = pattern.split("/")
    source = "".join("(?:[^/]+/)*" if name == "**" else _name(name) + "/" for name in folders)
    return source + (".*" if last == "**" else _name(last)) + r"\Z"


def _name(name: str) -> str:
    return "(?P<agent>[^/]+)" if name == AGENT else name_source(name)
