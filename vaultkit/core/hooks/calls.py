"""Which acting hooks are due for a commit that counts now: one of ours, published, or one that arrived.

What hooks did themselves is marked in the commit: the whole of it (`BY_HOOK`), or the notes that planning
hooks wrote into though nobody else touched them (`PLANNED`). It calls only hooks that ask for that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vaultkit.core.git.changes import infer_moves
from vaultkit.core.git.message import add_trailer, read_trailer
from vaultkit.core.git.tree import Changes, Commit, Objects, Oid
from vaultkit.core.hooks.hook import Hook, acting
from vaultkit.core.hooks.occasions import Occasion, Source, changes_from, moves_from
from vaultkit.core.hooks.planning import is_left_alone
from vaultkit.core.rules.commit_marks import is_upkeep
from vaultkit.core.rules.identity import CHANGE, Identity, actor_of
from vaultkit.core.rules.judge import contents_to_compare
from vaultkit.core.rules.policy import Policy

BY_HOOK = "Vaultkit-Hook"
PLANNED = "Vaultkit-Planned"
MOST_DIGITS = 9
MOST_PLANNED = 500
"""More notes than that are not named in a commit: for them hooks are called once too often."""


class Due(NamedTuple):
    """An acting hook that is due for an occasion."""

    hook: Hook
    occasion: Occasion

    @property
    def key(self) -> str:
        return f"{self.occasion.key}:{self.hook.name}"


def calls_of(
    objects: Objects,
    identity: Identity,
    hooks: Sequence[Hook],
    policy: Policy,
    oid: Oid,
    changes: Changes,
    signer: str | None,
) -> list[Due]:
    """The hooks that are due for the commit `oid`, of which `changes` count; `signer` made it."""
    commit = objects.commit(oid)
    source = _source(identity, oid, commit, signer)
    wanted = [hook for hook in hooks if source and not hook.plans and hook.origin in ("any", source.origin)]
    if source is None or not wanted:
        return []
    moves = infer_moves(changes, contents_to_compare(objects))
    occasions: list[Occasion] = [*moves_from(moves, source, policy.workflow, policy.agents)]
    occasions += changes_from(changes, moves, source)
    is_by_hook, planned = is_made_by_machine(commit.message), planned_in(commit.message)
    due = [
        Due(hook, occasion)
        for occasion in occasions
        for hook in acting(wanted, occasion, by_hook=is_by_hook or occasion.path in planned)
    ]
    return [call for call in due if not is_left_alone(objects, call.occasion)]


def _source(identity: Identity, oid: Oid, commit: Commit, signer: str | None) -> Source | None:
    key, actor = read_trailer(commit.message, CHANGE), actor_of(commit.message)
    depth = depth_in(commit.message)
    if identity.made(commit):
        return Source(identity.agent, commit.time, key, actor, depth=depth) if key else None
    return Source(signer, commit.time, oid, actor, "remote", depth) if signer else None


def is_made_by_machine(message: str) -> bool:
    """Did a hook cause a commit with this message, or is it only upkeep? Nobody decided anything by it."""
    return read_trailer(message, BY_HOOK) is not None or is_upkeep(message)


def as_marked(hook: str, depth: int) -> str:
    """A hook by name, and which one it is of those that call each other."""
    return f"{hook} ({depth})" if depth > 1 else hook


def depth_in(message: str) -> int:
    """How many hooks, each called by what the one before did, made the commit with this message."""
    mark = read_trailer(message, BY_HOOK) if BY_HOOK in message else None
    if mark is None:
        return 0
    number = mark.rpartition(" (")[2].removesuffix(")")
    return int(number) if number.isdecimal() and len(number) < MOST_DIGITS else 1


def with_marks(message: str, by_hook: str, planned: Iterable[str]) -> str:
    """The message of a commit that the hook `by_hook` caused ("" for none), with the notes hooks touched."""
    if by_hook:
        message = add_trailer(message, BY_HOOK, by_hook)
    if paths := sorted(planned)[:MOST_PLANNED]:
        text = json.dumps(paths, separators=(",", ":")).replace(" ", "\\u0020")  # spaces would be folded
        message = add_trailer(message, PLANNED, text)
    return message


def planned_in(message: str) -> frozenset[str]:
    """The notes that only planning hooks touched; none if that is not said in a way that makes sense."""
    text = read_trailer(message, PLANNED) if PLANNED in message else None
    try:
        paths = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return frozenset()
    return (
        frozenset(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else frozenset()
    )
