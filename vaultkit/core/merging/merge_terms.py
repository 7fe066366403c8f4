"""What merging is given, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Touch

MayWrite = Callable[[str, str], bool]
"""May this agent write this path?"""


class Conflict(NamedTuple):
    """Words that did not fit: the note at `path` stays as published (or as moved), `copy` keeps the rest."""

    path: str
    copy: str
    reason: str


class Overruled(NamedTuple):
    """A move that was undone: `path` was to go to `wanted`; others (`by`) have it where it `stands`."""

    path: str
    wanted: str
    stands: str
    by: str


@dataclass(frozen=True, slots=True)
class Replay:
    """One local change to be replayed: from `base` to `ours`, made by `agent` at `time` (UTC seconds)."""

    base: Oid | None
    ours: Oid | None
    agent: str
    time: int


@dataclass(frozen=True, slots=True)
class Published:
    """What `tree` was made of since the base: who `touched` which path, and what was `moved` where."""

    tree: Oid | None
    touched: Mapping[str, Touch]
    moved: Mapping[str, str]


@dataclass(slots=True)
class Merged:
    """What to change in the published tree, and what could not be merged.

    `overruled` are moves that lost. `diverted` says where the words of a path went; later changes to it go
    there too.
    """

    edits: dict[str, Oid | None] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)
    diverted: dict[str, str] = field(default_factory=dict)


def may_follow(touch: Touch | None, target: str, may_write: MayWrite) -> bool:
    """May all who edited a note write the place it was moved to?"""
    agents = touch.agents if touch else frozenset()
    return bool(agents) and all(may_write(agent, target) for agent in agents)
