"""A status that somebody edited moves its note: which notes, and where to.

In Obsidian's properties or in a cell of a table (`.base`) the status is a word. Where an edit made here
changes it to a word of another stage than the folder's, the note is moved there, and from then on that is
a drag like any other: judged, stamped, committed together with the edit, seen by hooks. The domain stays.

What moves nothing: a status that says the same as before, for the vaults of this community are full of
statuses that do not match their folders; a note outside the stages that have a status, where people use
the word for what they like; a new note, and one dragged to the place of another; an edit that may have come
from elsewhere by another program, for then nobody here decided it; a note that says `vaultkit: ignore`. A
note never moves over another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.git.changes import Move, as_changes, file_name, infer_moves
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, changes_between, find, find_file
from vaultkit.core.history.versions import Versions
from vaultkit.core.rules.judge import judge_changes
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.rules.workflow import STATUSES, agent_of_folder, stage_for_status, status_of
from vaultkit.core.text.note import BrokenFrontmatter, Value, read_meta

MOST_WORD = 60
LEAVE_ALONE = "ignore"


class Unmoved(NamedTuple):
    """A new status (or owner) of which nothing comes, and why."""

    word: str
    why: str


@dataclass(slots=True)
class StatusMoves:
    """`moves` to make; `refused` may not be made, and why; `told`: what else a person should know of."""

    moves: list[Move] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    told: dict[str, Unmoved] = field(default_factory=dict)


def wants_to_be_left_alone(data: bytes) -> bool:
    """Does the note say `vaultkit: ignore`? It syncs, and is never moved or stamped."""
    return b"vaultkit" in data and _meta_of(data).get("vaultkit") == LEAVE_ALONE


def moves_by_status(
    objects: Objects,
    policy: Policy,
    acts_as: str | None,
    changes: Changes,
    tree: Oid | None,
    arrived: Versions,
    taken: Collection[str],
) -> StatusMoves:
    """What the `changes` to `tree` say by their statuses. `taken`: places where something is, or may be."""
    found = StatusMoves()
    edited = {path: one for path, one in changes.items() if one.old and one.new and path.endswith(".md")}
    gone = _gone(objects, changes) if edited else ()
    for path, change in edited.items():
        _look_at(objects, policy, acts_as, path, change, tree, arrived, gone, found)
    here = {path for path, change in changes.items() if change.new} | set(taken)
    _refuse_taken(objects, found, tree, here)
    _refuse_forbidden(objects, policy, acts_as, tree, found)
    return found


def _gone(objects: Objects, changes: Changes) -> set[tuple[str, str | None]]:
    """The names of the notes that left their places, and the statuses they had."""
    gone = {path: change.old for path, change in changes.items() if change.old and not change.new}
    return {(file_name(path), status_in(objects.blob(oid))) for path, oid in gone.items()}


def status_in(data: bytes) -> str | None:
    """The status that a note says, as text; "" if none, None if its frontmatter cannot be read."""
    return word_in(data, "status")


def word_in(data: bytes, key: str) -> str | None:
    """The same of any key. Obsidian writes a list where the property is one; one word in it is that word."""
    try:
        value = read_meta(data).get(key)
    except BrokenFrontmatter:
        return None
    if isinstance(value, list) and len(value) < 2:
        value = value[0] if value else None
    return "" if value is None else str(value)[:MOST_WORD]


def unknown(word: str) -> Unmoved:
    """What to tell of a status that names no stage."""
    known = ", ".join(STATUSES)
    return Unmoved(word, f"its status {word!r} is none this vault knows; it stays here (known are {known})")


def _look_at(
    objects: Objects,
    policy: Policy,
    acts_as: str | None,
    path: str,
    change: Change,
    tree: Oid | None,
    arrived: Versions,
    gone: Collection[tuple[str, str | None]],
    found: StatusMoves,
) -> None:
    stage = policy.workflow.stage_of(path)
    if stage is None or not status_of(stage):
        return
    old, new = (objects.blob(oid) for oid in (change.old, change.new) if oid)
    word = _changed_word(old, new, stage)
    if not word or wants_to_be_left_alone(new):
        return
    target = stage_for_status(word, stage)
    if target is None:
        found.told[path] = unknown(word)
    elif target != stage and arrived.changed(path):
        found.told[path] = others_too(new)
    elif target != stage and (file_name(path), word) in gone:
        why = f"a note that was {word!r} came to the place of another; drag it to where it belongs"
        found.told[path] = Unmoved(word, why)
    elif target != stage:
        dst = _place(objects, policy, acts_as, path, target, new, tree)
        found.moves.append(Move(path, dst, change.old or Oid(""), change.new or Oid("")))


def _changed_word(old: bytes, new: bytes, stage: str) -> str | None:
    """The status now, if it says something else than before; a note that cannot be read says nothing."""
    if b"status" not in new:
        return None
    before, after = status_in(old), status_in(new)
    if before is None or not after or before == after:
        return None
    said, says = stage_for_status(before, stage), stage_for_status(after, stage)
    return None if says and said == says else after


def _place(
    objects: Objects,
    policy: Policy,
    acts_as: str | None,
    path: str,
    stage: str,
    data: bytes,
    tree: Oid | None,
) -> str:
    """In progress a note is with the agent that owns it, and else with this machine's."""
    owner = _meta_of(data).get("owner")
    named = agent_of_folder(owner, policy.agents) if isinstance(owner, str) else None
    agent = named if named in policy.agents else acts_as
    flow = policy.workflow
    folder = flow.folder_of(agent, lambda at: find(objects, tree, at) is not None) if agent else None
    return flow.place(stage, flow.rest_of(path), folder)


def _meta_of(data: bytes) -> Mapping[str, Value]:
    try:
        return read_meta(data)
    except BrokenFrontmatter:
        return {}


# What others said


def others_too(data: bytes) -> Unmoved:
    """What to tell of a note whose status may be what others said."""
    word = status_in(data) or ""
    return Unmoved(
        word, f"others changed it too, so its status {word!r} moves nothing; drag it if you mean it"
    )


def said_by_others(
    objects: Objects,
    before: Oid | None,
    ours: Oid | None,
    theirs: Mapping[str, Collection[Oid]],
    sighted: Mapping[str, Oid],
) -> dict[str, Oid | None]:
    """What takes back the moves from `before` to `ours` that a status made which others had published.

    `theirs`: the contents they gave to paths. A program that is not known here may have brought such a note
    onto this disk before it arrived; then nobody here decided anything. The words stay, at the old place.
    """
    changes = changes_between(objects, before, ours)
    if not any(path in theirs and change.new is None for path, change in changes.items()):
        return {}
    back: dict[str, Oid | None] = {}
    for move in infer_moves(changes, objects.blob):
        seen = sighted.get(move.dst, move.new)
        said, says = (status_in(objects.blob(oid)) for oid in (move.old, seen))
        published = {status_in(objects.blob(oid)) for oid in theirs.get(move.src, ())}
        if says and says != said and says in published:
            back |= {move.src: seen, move.dst: None}
    return back


# What may not be


def _refuse_taken(objects: Objects, found: StatusMoves, tree: Oid | None, taken: set[str]) -> None:
    for move in found.moves:
        if move.dst in taken or find_file(objects, tree, move.dst):
            found.refused[move.src] = Refusal("status", _taken_words(objects, move))
        taken.add(move.dst)
    found.moves = [move for move in found.moves if move.src not in found.refused]


def _taken_words(objects: Objects, move: Move) -> str:
    return f"its status says {status_in(objects.blob(move.new))}, but {move.dst} is there already"


def _refuse_forbidden(
    objects: Objects, policy: Policy, acts_as: str | None, tree: Oid | None, found: StatusMoves
) -> None:
    """The same judge as for a drag, before anything is moved."""
    verdict = judge_changes(policy, acts_as, as_changes(found.moves), objects, tree)
    for move, refusal in _refusals(found.moves, verdict.refused):
        says = status_in(objects.blob(move.new))
        detail = f"its status says {says}, but it may not move to {move.dst}: {refusal.detail}"
        found.refused[move.src] = Refusal(refusal.rule, detail)
    found.moves = [move for move in found.moves if move.src not in found.refused]


def _refusals(moves: list[Move], refused: Mapping[str, Refusal]) -> Iterator[tuple[Move, Refusal]]:
    """The reason of the end that is refused for its own sake comes first."""
    for move in moves:
        reasons = [refused[end] for end in (move.dst, move.src) if end in refused]
        own = [reason for reason in reasons if reason.rule != "move"]
        if reasons:
            yield move, (own or reasons)[0]
