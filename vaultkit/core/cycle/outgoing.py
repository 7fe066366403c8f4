"""What the disk shows, sorted: what may leave, what may not, and what another program put there.

What policy refuses is held: it stays on the disk and never enters a commit. The rest becomes one
commit that rewrites only the touched folders.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from vaultkit.core.cycle.protocol import Sighting
from vaultkit.core.git.changes import Move, infer_moves, own_name
from vaultkit.core.git.tree import Change, Changes, Objects, Oid, find_file, with_edits
from vaultkit.core.history.versions import Versions
from vaultkit.core.rules.judge import Verdict, judge_changes, takeovers
from vaultkit.core.rules.policy import Policy, Refusal
from vaultkit.core.rules.staying import LEFT, LOCAL, cannot_leave
from vaultkit.core.rules.untrusted import UNTRUSTED

UNWATCHED = Refusal(
    "take-over",
    "another agent holds this task; `vaultkit claim NOTE --take-over` asks whether it fell silent",
)


@dataclass(slots=True)
class Outgoing:
    """What may leave, what is held and why, and what is as history has it.

    `withdrawn`: accepted removals of notes that stay on this disk, where they are held. `back`: places that a
    held note has left, and where others have put one meanwhile that is not on this disk yet.
    """

    accepted: Changes = field(default_factory=dict)
    held: dict[str, tuple[Refusal, Oid | None]] = field(default_factory=dict)
    same: set[str] = field(default_factory=set)
    arrived: dict[str, Oid | None] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)

    @property
    def gestures(self) -> Changes:
        """What is accepted, but for the removal of notes that are still here and only leave the others."""
        return {path: change for path, change in self.accepted.items() if path not in self.withdrawn}

    def seen(self, objects: Objects, tree: Oid | None) -> Changes:
        """The gestures, and what looks as commits from elsewhere have it: it may be half of a gesture."""
        return {**brought(objects, tree, self.arrived), **self.gestures}


def judge_sightings(
    objects: Objects,
    policy: Policy,
    agent: str | None,
    sightings: Mapping[str, Sighting],
    head_tree: Oid | None,
    arrived: Versions,
    held_bases: Mapping[str, Oid | None],
    taking: Set[str] = frozenset(),
) -> Outgoing:
    """Sort what was seen into accepted, held and same.

    A path that now holds exactly what a commit not yet merged gave it (`arrived`) was put there by
    another tool that pulled: it is incoming, not a local gesture. Nor is a held note that is gone the removal
    of what came to its path meanwhile and never was on this disk. `agent` None: nobody trusts this machine's
    key, so nothing may leave. `taking`: the tasks whose agents were watched and fell silent, so that they may
    be taken over; a person may always drag one.
    """
    found = Outgoing()
    changes: Changes = {}
    for path, sighting in sightings.items():
        old = find_file(objects, head_tree, path)
        if sighting.refusal and sighting.refusal.rule == LOCAL and old:
            changes[path] = Change(old, None)
            found.withdrawn.add(path)
        elif sighting.refusal:
            found.held[path] = (sighting.refusal, old)
        elif sighting.oid == old:
            found.same.add(path)
        elif arrived.gave(path, sighting.oid):
            found.arrived[path] = sighting.oid
        else:
            changes[path] = Change(old, sighting.oid)
    _reclaim_moved(objects, head_tree, arrived, found, changes)
    _give_back(found, changes, held_bases)
    held_bases = {**held_bases, **_overtaken(objects, head_tree, found, changes, held_bases)}
    verdict = judge_changes(policy, agent, changes, objects, head_tree)
    _hold_takeovers(policy, agent, verdict, objects, taking)
    _hold_superseded(verdict, changes, held_bases)
    found.accepted = verdict.accepted
    for path, refusal in verdict.refused.items():
        why = refusal if agent or refusal.rule != "zone" else UNTRUSTED
        why = cannot_leave(why) if path in found.withdrawn else why
        found.held[path] = (why, held_bases.get(path, changes[path].old))
    found.withdrawn &= verdict.accepted.keys()
    found.held |= {path: (LEFT, changes[path].old) for path in found.withdrawn}
    return found


def judge_the_rest(
    objects: Objects, policy: Policy, agent: str | None, found: Outgoing, head_tree: Oid | None
) -> None:
    """Hold what may not leave without what was taken out of `found`.

    A new note may have had its name only because another one, whose name differs in case, was to go. The
    others would refuse it.
    """
    verdict = judge_changes(policy, agent, found.accepted, objects, head_tree)
    for path, refusal in verdict.refused.items():
        found.held[path] = (refusal, found.accepted.pop(path).old)


def brought(objects: Objects, tree: Oid | None, arrived: Mapping[str, Oid | None]) -> Changes:
    """What `arrived` on the disk, as changes to `tree`."""
    return {path: Change(find_file(objects, tree, path), oid) for path, oid in arrived.items()}


def _reclaim_moved(
    objects: Objects, head_tree: Oid | None, arrived: Versions, found: Outgoing, changes: Changes
) -> None:
    """A move is one thing, also where only one of its ends looks like what a commit from elsewhere did.

    A note that others removed, and that is here at a place where none of them put it, a person moved. One
    that is gone from where they left it, and is where they had put the same one, may be anybody's doing; so
    it is nobody's, and stays. So is one that is just as it was, where they had put it with other words. By
    that nobody can make a move to a place of his choice out of a person's deletion, or of an edit.
    """
    there = brought(objects, head_tree, found.arrived)
    gone = {path: change for path, change in there.items() if not change.new}
    came = {path: change for path, change in changes.items() if not change.old}
    for move in infer_moves({**gone, **came}, objects.blob) if gone and came else ():
        if not arrived.put(move.dst, objects.blob(move.old)):
            changes[move.src] = gone[move.src]
            del found.arrived[move.src]
        elif move.old == move.new:
            found.arrived[move.dst] = changes.pop(move.dst).new
    gone = {path: change for path, change in changes.items() if not change.new}
    came = {path: change for path, change in there.items() if not change.old}
    for move in infer_moves({**gone, **came}, objects.blob) if gone and came else ():
        if move.src not in there:
            del changes[move.src]
            found.arrived[move.src] = None


def _give_back(found: Outgoing, changes: Changes, held_bases: Mapping[str, Oid | None]) -> None:
    """A held note is gone, and what came to its path meanwhile never was on this disk: it is to come now."""
    for path in [path for path, change in changes.items() if not change.new]:
        if path not in found.withdrawn and held_bases.get(path, changes[path].old) != changes[path].old:
            del changes[path]
            found.arrived[path] = None
            found.back.add(path)


def _overtaken(
    objects: Objects,
    head_tree: Oid | None,
    found: Outgoing,
    changes: Changes,
    held_bases: Mapping[str, Oid | None],
) -> dict[str, Oid]:
    """Where a note was moved to, which was held, and others have gone on with it since: what it was, by path.

    They changed it where it was, or moved or removed it. So there is no move any more that might be allowed,
    and what is left of it here would pass for a new note. It stays held until a person has seen to it.
    """
    here = {change.old for change in changes.values() if not change.new}  # just as it was, by another name
    came = {path: changes[path] for path, base in held_bases.items() if not base and path in changes}
    gone = {
        path: Change(base, None)
        for path, base in held_bases.items()
        if base
        and base not in here
        and path not in changes
        and (path in found.arrived or not find_file(objects, head_tree, path))
    }
    moves = infer_moves({**gone, **came}, objects.blob) if gone and came else ()
    return {move.dst: move.old for move in moves if _is_one_note(objects, move)}


def _is_one_note(objects: Objects, move: Move) -> bool:
    """Surely, and not just by its file name or its likeness?"""
    name = own_name(objects.blob(move.old))
    return move.old == move.new or (name is not None and name == own_name(objects.blob(move.new)))


def _hold_takeovers(
    policy: Policy, agent: str | None, verdict: Verdict, objects: Objects, taking: Set[str]
) -> None:
    if agent in policy.humans:
        return
    for move in takeovers(policy, agent, verdict.accepted, objects):
        for path in (move.src, move.dst) if move.src not in taking else ():
            verdict.refused[path] = UNWATCHED
            del verdict.accepted[path]


def _hold_superseded(verdict: Verdict, changes: Changes, held_bases: Mapping[str, Oid | None]) -> None:
    """A change that was held may go once allowed, unless a newer version came meanwhile."""
    for path in [path for path in verdict.accepted if path in held_bases]:
        if held_bases[path] != changes[path].old:
            detail = "a newer version arrived while this one was held; merge by hand what you still need"
            verdict.refused[path] = Refusal("superseded", detail)
            del verdict.accepted[path]


def tree_with(objects: Objects, head_tree: Oid | None, accepted: Changes) -> Oid:
    return with_edits(objects, head_tree, {path: change.new for path, change in accepted.items()})
