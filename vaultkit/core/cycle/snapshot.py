"""The local commit: what people and agents did here, and what planning hooks write into it.

A hook writes into the draft of the commit, so what it adds is in the same commit and, by compare-and-set, on
the disk before the branch moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vaultkit.core.cycle.authoring import make_commit
from vaultkit.core.cycle.local_branch import LocalBranch
from vaultkit.core.cycle.outgoing import Outgoing, tree_with
from vaultkit.core.cycle.protocol import Began, Report, WriteStep
from vaultkit.core.cycle.terms import Terms
from vaultkit.core.cycle.tidings import tell_odd_words
from vaultkit.core.git.changes import Move, infer_moves
from vaultkit.core.git.subject import describe
from vaultkit.core.git.tree import Changes, Oid, find_file, with_edits
from vaultkit.core.history.admission import marked_notes
from vaultkit.core.hooks.calls import is_made_by_machine
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.occasions import Occasion, Source, changes_from, moves_from
from vaultkit.core.hooks.planning import Called, plan_edits
from vaultkit.core.rules.commit_marks import is_upkeep
from vaultkit.core.rules.owner import owner_refusal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit of ours, the `steps` that write what hooks added, and what the disk held there (`sighted`).

    `told`: what a person should know of it.
    """

    commit: Oid
    steps: tuple[WriteStep, ...]
    sighted: dict[str, Oid]
    told: tuple[Report, ...]


def take_snapshot(
    terms: Terms, branch: LocalBranch, outgoing: Outgoing, hooks: Sequence[Hook], call: Called
) -> Snapshot:
    """Commit what is accepted, on top of the local branch, with what `hooks` make of it."""
    objects, accepted = terms.objects, outgoing.accepted
    moves = infer_moves(outgoing.gestures, objects.blob)
    tree = tree_with(objects, branch.tree, accepted)
    if terms.begun.founding:
        tree = with_edits(objects, tree, dict(marked_notes(objects, terms.policy, tree)))
    planned = _plan(terms, branch, tree, moves, accepted, hooks, call)
    commit = make_commit(
        terms,
        branch.replica.head,
        with_edits(objects, tree, planned),
        _message_for(terms.begun, accepted) or describe(accepted, moves),
        by_hook=_by_hook(terms.begun, accepted),
        touched=planned.keys() - accepted.keys(),
    )
    steps = tuple(WriteStep(path, find_file(objects, tree, path), new) for path, new in planned.items())
    sighted = {path: new for path in planned if path in accepted and (new := accepted[path].new)}
    told = tell_odd_words(terms, branch, terms.policy, outgoing.gestures, planned)
    return Snapshot(commit, steps, sighted, told)


def _plan(
    terms: Terms,
    branch: LocalBranch,
    tree: Oid,
    moves: Sequence[Move],
    accepted: Changes,
    hooks: Sequence[Hook],
    call: Called,
) -> dict[str, Oid]:
    """What planning hooks write into notes that this agent may write."""
    begun, policy, identity = terms.begun, terms.policy, terms.identity
    source = Source(identity.agent, begun.time, begun.nonce, identity.actor)
    occasions: list[Occasion] = [*moves_from(moves, source, policy.workflow, policy.agents)]
    if not begun.founding:  # what was there before there was a vault is not new
        occasions += changes_from(accepted, moves, source)
    by_hook = bool(_by_hook(begun, accepted)) or is_made_by_machine(_message_for(begun, accepted))
    planned = plan_edits(terms.objects, hooks, tree, occasions, call, by_hook=by_hook)
    return {path: oid for path, oid in planned.items() if _may_plan(terms, branch.tree, path, accepted)}


def _may_plan(terms: Terms, head_tree: Oid | None, path: str, accepted: Changes) -> bool:
    """A hook may write what its agent may: where it was not this agent's change, what stands there."""
    stands = None if path in accepted else find_file(terms.objects, head_tree, path)
    is_owned = owner_refusal(terms.policy, terms.judged_as, path, stands, terms.objects)
    is_new = path in accepted and accepted[path].old is None
    return terms.policy.may(terms.judged_as, path, adds=is_new) and not is_owned


def _by_hook(begun: Began, accepted: Changes) -> str:
    """The hook whose doing these changes are, "" if they are, or may be, somebody else's too."""
    return begun.by_hook if begun.look_at is not None and accepted.keys() <= begun.look_at else ""


def _message_for(begun: Began, accepted: Changes) -> str:
    """What the cycle was asked to say; what it comes upon by looking further is nobody's upkeep."""
    is_asked = begun.look_at is not None and accepted.keys() <= begun.look_at
    return begun.message if is_asked or not is_upkeep(begun.message) else ""
