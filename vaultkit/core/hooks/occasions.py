"""What calls hooks: a note that moved, a new or an edited one, a moment that came.

Each occasion has a key that names it and no other, the same however often a hook is called for it. What
was made here is named by the nonce of its commit; what arrived by the hash of its commit, for a nonce in
somebody else's commit is what he chose.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal, NamedTuple

from vaultkit.core.git.changes import COPIES, Move, without_moves
from vaultkit.core.git.tree import Changes, Oid
from vaultkit.core.rules.workflow import Workflow

Whence = Literal["local", "remote"]


@dataclass(frozen=True, slots=True)
class HookMove:
    """A note's move as a hook sees it. `time` is UTC seconds; `key` names this move and no other.

    `oid` names the exact content that was moved (`Vault.moved_note` reads it), whatever was typed since.
    `actor`: the program that moved it, if it said so (`Vault.open(actor=)`). `before` and `after` are the
    stages of the workflow by their names in the policy, whatever their folders are called; "" for none.
    `holder` is the agent who has it in progress now, `held_before` who had; "" for nobody.
    `depth`: how many hooks, each called by what the one before did, led to it; 0 for nobody's hook.
    """

    src: str
    dst: str
    agent: str
    time: int
    key: str
    oid: Oid
    origin: Whence = "local"
    actor: str = ""
    before: str = ""
    after: str = ""
    holder: str = ""
    held_before: str = ""
    depth: int = 0

    @property
    def path(self) -> str:
        """Where the note is now."""
        return self.dst


@dataclass(frozen=True, slots=True)
class HookChange:
    """A new note, or an edited one that stayed where it was, as a hook sees it.

    `oid` names its exact content then (`Vault.moved_note` reads it), `old` the one before; None if it is new.
    The rest is as with `HookMove`.
    """

    path: str
    agent: str
    time: int
    key: str
    oid: Oid
    old: Oid | None = None
    origin: Whence = "local"
    actor: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class HookTick:
    """A moment for which a hook asked. `last`: when it was called before (UTC seconds), None for never.

    The clocks of machines differ, and no moment is made up for: after a night off one call is due, not a
    hundred.
    """

    time: int
    key: str
    agent: str
    last: int | None = None
    origin: Whence = "local"

    @property
    def path(self) -> str:
        """No note: a moment is about none."""
        return ""

    @property
    def depth(self) -> int:
        """No hook leads to a moment."""
        return 0


Occasion = HookMove | HookChange | HookTick
_KINDS = {
    "move": HookMove,
    "status": HookMove,
    "create": HookChange,
    "change": HookChange,
    "schedule": HookTick,
}


class Source(NamedTuple):
    """Where changes come from: the agent who made them, when, and what names their commit."""

    agent: str
    time: int
    key: str
    actor: str = ""
    origin: Whence = "local"
    depth: int = 0


def moves_from(
    moves: Iterable[Move], source: Source, workflow: Workflow, agents: Container[str]
) -> list[HookMove]:
    """Moves as hooks see them; each gets a key of its own below the commit's.

    A conflict copy that becomes a note again holds words as they were typed; that is no step of the work.
    """
    return [
        HookMove(
            move.src,
            move.dst,
            source.agent,
            source.time,
            f"{source.key}:{move.dst}",
            move.new,
            source.origin,
            source.actor,
            before=workflow.stage_of(move.src) or "",
            after=workflow.stage_of(move.dst) or "",
            holder=_holder(workflow, agents, move.dst),
            held_before=_holder(workflow, agents, move.src),
            depth=source.depth,
        )
        for move in moves
        if not move.src.startswith(COPIES)
    ]


def _holder(workflow: Workflow, agents: Container[str], path: str) -> str:
    """Nobody has what lies in a folder that is no agent's."""
    holder = workflow.holder(path, agents)
    return holder if holder and holder in agents else ""


def changes_from(changes: Changes, moves: Iterable[Move], source: Source) -> list[HookChange]:
    """New and edited notes as hooks see them; what moved is not among them, even if it was edited too."""
    return [
        HookChange(
            path,
            source.agent,
            source.time,
            f"{source.key}:{path}",
            change.new,
            change.old,
            source.origin,
            source.actor,
            source.depth,
        )
        for path, change in without_moves(changes, moves).items()
        if change.new
    ]


def write_occasion(occasion: Occasion) -> str:
    """The text that `read_occasion` reads back."""
    return json.dumps(asdict(occasion))


def place_in(text: str) -> str:
    """The note that a written occasion is about, "" for none."""
    values = json.loads(text)
    return str(values.get("dst") or values.get("path") or "")


def read_occasion(event: str, text: str) -> Occasion:
    """What an earlier version, or a later one, wrote down about such an event is read too."""
    kind, values = _KINDS[event], json.loads(text)
    known = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in known})  # type: ignore[no-any-return]
