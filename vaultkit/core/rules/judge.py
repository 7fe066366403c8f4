"""Judging a set of changes: may this agent make them, and do they fit into the tree?

The same judge looks at what is about to leave and at what arrived. A move needs the right at both
ends: if either end is refused, so is the other, or a note could be made to vanish by "moving" it to
a place nobody accepts. Two names that differ only in case or in Unicode form never both stand. A
policy that cannot be read is never taken.

A note that is owned is changed by its owner and by human agents only (`core.rules.owner`). Who may take tasks
over from an agent that fell silent may move them out of its folder all the same, whole, into its own.

The rules for names and moves lean on each other: a removal makes room for a name (`a/` becomes `A/`),
and a removal that turns out to be half a move is none. So they take turns until nothing changes. A
chain of such cases could be made as long as one likes; after a few turns nothing that needs room gets
any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vaultkit.core.git.changes import MOST_SIMILAR_BYTES, Move, infer_moves, infer_successions
from vaultkit.core.git.tree import Change, Changes, Objects, Oid
from vaultkit.core.naming.names import Names
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.owner import owner_refusal
from vaultkit.core.rules.policy import POLICY_FILE, Allowance, Policy, Refusal
from vaultkit.core.text.content import is_text
from vaultkit.errors import PolicyError

TURNS = 5
NOTHING: Mapping[str, Refusal] = {}
NOT_TEXT = Refusal("text", "it is not UTF-8 text")
EXCESS = Refusal("too-many", "it is more than one commit of this agent may bring")


@dataclass(slots=True)
class Verdict:
    """`accepted` may be made; `refused` says by path why not."""

    accepted: Changes = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


def judge_changes(
    policy: Policy,
    agent: str | None,
    changes: Changes,
    objects: Objects,
    tree: Oid | None,
    refused: Mapping[str, Refusal] = NOTHING,
) -> Verdict:
    """Which of `changes` to `tree` may `agent` make, given that some paths are `refused` already?"""
    verdict = Verdict(refused=dict(refused))
    for path, change in changes.items():
        refusal = refused.get(path) or _judge_one(policy, agent, path, change, objects)
        if refusal:
            verdict.refused[path] = refusal
        else:
            verdict.accepted[path] = change
    _let_take(policy, agent, changes, verdict, objects)
    _refuse_broken_policy(verdict, objects)
    _refuse_excess(verdict, policy.allowance(agent), objects)
    _settle(verdict, changes, objects, tree)
    return verdict


def takeovers(policy: Policy, agent: str | None, changes: Changes, objects: Objects) -> list[Move]:
    """The moves by which `agent` takes over what another one holds, where it has the right to that."""
    gone = (path for path, change in changes.items() if change.old and not change.new)
    if not any(policy.workflow.stage_of(path) == "in_progress" for path in gone):
        return []
    moves = infer_moves(changes, contents_to_compare(objects))
    return [move for move in moves if policy.may_take(agent, move.src, move.dst)]


def _let_take(
    policy: Policy, agent: str | None, changes: Changes, verdict: Verdict, objects: Objects
) -> None:
    """The right to take over stands against what the zone and the owner say at the end that is left."""
    forbidden = {p for p, refusal in verdict.refused.items() if refusal.rule in ("zone", "owner")}
    files = {path: change for path, change in changes.items() if not _is_no_file(verdict, path)}
    for move in takeovers(policy, agent, files, objects) if forbidden else ():
        if move.src in forbidden and move.dst in verdict.accepted:
            del verdict.refused[move.src]
            verdict.accepted[move.src] = changes[move.src]


def _refuse_excess(verdict: Verdict, allowance: Allowance, objects: Objects) -> None:
    """In the order of the paths, so that every replica leaves out the same notes."""
    notes, size = allowance.notes, allowance.size
    for path, change in sorted(verdict.accepted.items()):
        notes -= change.old is None
        size -= objects.blob_size(change.new) if change.new else 0
        if (notes < 0 and change.old is None) or (size < 0 and change.new):
            verdict.refused[path] = EXCESS
            del verdict.accepted[path]


def _refuse_broken_policy(verdict: Verdict, objects: Objects) -> None:
    """A policy nobody can read is none; the one before stays in force."""
    change = verdict.accepted.get(POLICY_FILE)
    if change is None:
        return
    try:
        if change.new is None:
            raise PolicyError("it was removed", file=POLICY_FILE, hint="Restore it from the vault's history.")
        read_policy(objects.blob(change.new))
    except PolicyError as error:
        line = f"line {error.line}: " if error.line else ""
        verdict.refused[POLICY_FILE] = Refusal("policy", f"{line}{error.problem}. {error.hint}".rstrip())
        del verdict.accepted[POLICY_FILE]


def _settle(verdict: Verdict, changes: Changes, objects: Objects, tree: Oid | None) -> None:
    whole = {path: change for path, change in changes.items() if not _is_no_file(verdict, path)}
    moves: list[Move] | None = None
    for turn in range(1, TURNS + 1):
        removed = {path for path, change in verdict.accepted.items() if not change.new}
        _refuse_collisions(verdict, Names(objects, tree, removed if turn < TURNS else ()))
        if not (verdict.refused and verdict.accepted):
            return
        moves = infer_successions(whole, contents_to_compare(objects)) if moves is None else moves
        _refuse_half_moves(verdict, moves)
        if removed <= verdict.accepted.keys():
            return


def _is_no_file(verdict: Verdict, path: str) -> bool:
    """What is no file, or not there, is no end of a move."""
    return path in verdict.refused and verdict.refused[path].rule in ("mode", "object")


def contents_to_compare(objects: Objects) -> Callable[[Oid], bytes]:
    """Contents to be compared; what is too large for that is not opened to find out."""
    return lambda oid: objects.blob(oid) if objects.blob_size(oid) <= MOST_SIMILAR_BYTES else b""


def _judge_one(
    policy: Policy, agent: str | None, path: str, change: Change, objects: Objects
) -> Refusal | None:
    try:
        size = objects.blob_size(change.new) if change.new else None
        refusal = policy.judge(agent, path, change.old, change.new, size)
        refusal = refusal or owner_refusal(policy, agent, path, change.old, objects)
        if refusal or change.new is None or is_text(objects.blob(change.new)):
            return refusal
    except KeyError:
        return Refusal("object", "what its folder names is no file, or not there")
    return NOT_TEXT


def _refuse_half_moves(verdict: Verdict, moves: Sequence[Move]) -> None:
    """A note moves whole or not at all; one whose place the next one was to take keeps that one back, too."""
    is_settled = False
    while not is_settled:
        is_settled = True
        for move in moves:
            is_settled = not _refuse_half(verdict, move) and is_settled


def _refuse_half(verdict: Verdict, move: Move) -> bool:
    for end, other in ((move.src, move.dst), (move.dst, move.src)):
        refusal = verdict.refused.get(other)
        if end in verdict.accepted and refusal and not _is_farewell(refusal, end, move.src):
            detail = f"the other end of its move, {other}, is refused: {refusal.detail}"
            verdict.refused[end] = Refusal("move", detail)
            del verdict.accepted[end]
            return True
    return False


def _is_farewell(refusal: Refusal, end: str, src: str) -> bool:
    """A note moved out of the shared part (into `.trash/`, to a type that does not sync) just leaves.

    That is said by a quiet refusal. One that needs a person (a bad name, say) means that it goes nowhere.
    """
    return end == src and refusal.quiet


def _refuse_collisions(verdict: Verdict, names: Names) -> None:
    for path in sorted(path for path, change in verdict.accepted.items() if change.new and not change.old):
        other = names.collision(path)
        if other:
            verdict.refused[path] = Refusal("collision", f"its name is too like {other}")
            del verdict.accepted[path]
        else:
            names.add(path)
