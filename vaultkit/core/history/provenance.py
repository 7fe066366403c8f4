"""When a note came to where it is, and when an agent was last at work: read off the line of commits.

The walk goes back from the newest commit only until everything that was asked for is found, and not
further than a bound. Times are what commits say; they are for people to read, and order nothing: what
came before what is told by the line itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vaultkit.core.git.tree import Commit, Objects, Oid, find
from vaultkit.core.rules.commit_marks import is_upkeep
from vaultkit.core.rules.identity import author_of
from vaultkit.core.rules.policy import Policy

MOST_COMMITS = 1000


class Arrival(NamedTuple):
    """The commit that brought a note to its place; `turn` is higher for an older one."""

    turn: int
    commit: Commit


def line_back(objects: Objects, head: Oid | None) -> Iterator[tuple[Oid, Commit]]:
    """The newest commits from `head` on backwards, along first parents, as far as they are here."""
    at = head
    for _ in range(MOST_COMMITS):
        if at is None or (commit := _commit(objects, at)) is None:
            return
        yield at, commit
        at = commit.parents[0] if commit.parents else None


def _commit(objects: Objects, oid: Oid) -> Commit | None:
    """None where history was cut off (a shallow clone)."""
    try:
        return objects.commit(oid)
    except KeyError:
        return None


def arrivals(objects: Objects, head: Oid | None, paths: Iterable[str]) -> dict[str, Arrival]:
    """The commit that brought each of these notes, which `head` has, to its place, if it is found."""
    left: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, name = path.rpartition("/")
        left[folder].add(name)
    found: dict[str, Arrival] = {}
    for turn, (_, commit) in enumerate(line_back(objects, head)):
        parent = _commit(objects, commit.parents[0]) if commit.parents else None
        for folder in [folder for folder, names in left.items() if names]:
            came = left[folder].difference(_names_before(objects, parent, folder))
            left[folder] -= came
            found |= {f"{folder}/{name}" if folder else name: Arrival(turn, commit) for name in came}
        if not any(left.values()):
            break
    return found


def _names_before(objects: Objects, parent: Commit | None, folder: str) -> Iterable[str]:
    before = _folder(objects, parent.tree, folder) if parent else None
    return objects.folder(before) if before else ()


def _folder(objects: Objects, tree: Oid, folder: str) -> Oid | None:
    if not folder:
        return tree
    entry = find(objects, tree, folder)
    return entry.oid if entry and entry.is_folder else None


def last_deeds(objects: Objects, policy: Policy, head: Oid | None, known: Oid | None) -> dict[str, int]:
    """When each agent did something last that reached history after the commit `known` (UTC seconds).

    Keeping the Dashboard does not count: else that would be something to be kept on it.
    """
    found: dict[str, int] = {}
    for oid, commit in line_back(objects, head):
        if oid == known or len(found) == len(policy.agents):
            break
        agent = None if is_upkeep(commit.message) else author_of(commit, policy).agent
        if agent:
            found.setdefault(agent, commit.time)
    return found
