"""Statuses and owners that come with a note and mean nothing here: a person is told, nothing else happens.

Told is a status that is none, or that is not the status of the folder a note newly came to, after hooks
stamped it; one that goes on saying `approved` (or that it waits) where a note was dragged out of the
workflow; a note new in `Approved/` that never waited for approval; and an owner that no agent is called, for
such a note is nobody's. What stood there before is not told: this community's vaults are full of such words.
Nor is a note that says `vaultkit: ignore`. A status that is edited in its place is
`core.history.status_moves`' to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import islice

from vaultkit.core.git.changes import COPIES, Move, are_different
from vaultkit.core.git.tree import Changes, Objects, Oid
from vaultkit.core.history.status_moves import Unmoved, unknown, wants_to_be_left_alone, word_in
from vaultkit.core.rules.owner import owner_of
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import folders_of_agents, stage_for_status, status_of

MOST_TOLD = 50
AWAITING = ("pending_approval", "approved")
"""The stages in which something is about to happen to a note."""
DECIDED = (*AWAITING, "rejected", "done")
"""The stages of a note that has at least waited for a decision."""

_PLAIN = re.compile(rb"(?m)^status: ([a-z_]+)\r?$")

Told = dict[str, Unmoved]


def odd_words(
    objects: Objects, policy: Policy, changes: Changes, moves: Iterable[Move], planned: Mapping[str, Oid]
) -> dict[str, Told]:
    """By key of the frontmatter and by path, what to tell of `changes`, as hooks `planned` them to be."""
    came_from = {move.dst: move for move in moves}
    found: dict[str, Told] = {"status": {}, "owner": {}}
    for path, (old, new) in changes.items():
        if new is None or not path.endswith(".md") or path.startswith(COPIES):
            continue
        data, move = objects.blob(planned.get(path, new)), came_from.get(path)
        before = objects.blob(stood) if (stood := move.old if move else old) else b""
        is_new = old is None or _was_taken_over(objects, policy, path, old, new)
        if is_new and (odd := _odd_status(policy, path, data, move.src if move else "")):
            found["status"][path] = odd
        if odd := _odd_owner(policy, path, data, before):
            found["owner"][path] = odd
    return {key: _not_too_many(told) for key, told in found.items() if told}


def _was_taken_over(objects: Objects, policy: Policy, path: str, old: Oid, new: Oid) -> bool:
    """Is another note where an approved one was? No hook is called for a move to where a note still was."""
    is_approved = policy.workflow.stage_of(path) == "approved"
    return is_approved and are_different(objects.blob(old), objects.blob(new))


def _odd_status(policy: Policy, path: str, data: bytes, src: str) -> Unmoved | None:
    """`src`: where the note was before, "" if it is new."""
    flow = policy.workflow
    stage, before = flow.stage_of(path), flow.stage_of(src)
    if odd := _nobodys(policy, path, data, src):
        return odd
    if stage == "approved" and before not in DECIDED and not wants_to_be_left_alone(data):
        return _never_waited(word_in(data, "status") or "", flow.place("pending_approval", ""))
    if stage == before or b"status" not in data or _says_plainly(data, stage):
        return None
    word = word_in(data, "status")
    if not word or wants_to_be_left_alone(data):
        return None
    if stage is None:
        is_left = before in AWAITING and stage_for_status(word, before) in AWAITING
        return _out_of_sight(word, flow.place("pending_approval", "")) if is_left else None
    return _at_odds(word, stage) if status_of(stage) else None


def _nobodys(policy: Policy, path: str, data: bytes, src: str) -> Unmoved | None:
    """A task that was dragged to where tasks in progress are, but into the folder of no agent."""
    flow, folder = policy.workflow, path.rpartition("/")[0]
    if flow.stage_of(path) != "in_progress" or policy.is_held(path):
        return None
    if src.rpartition("/")[0] in ("", folder) or wants_to_be_left_alone(data):
        return None
    agents = ", ".join(policy.agents)
    why = f"{folder}/ is no agent's folder, so nobody has claimed it; the agents here are {agents}"
    return Unmoved(word_in(data, "status") or "", f"{why}: drag it to the folder of one")


def _says_plainly(data: bytes, stage: str | None) -> bool:
    """Is the only `status` there its folder's? Seen without reading the frontmatter, which costs much."""
    plain = _PLAIN.search(data) if stage and data.count(b"status") == 1 else None
    return bool(plain and stage_for_status(plain[1].decode(), stage or "") == stage)


def _at_odds(word: str, stage: str) -> Unmoved | None:
    says = stage_for_status(word, stage)
    if says is None:
        return unknown(word)
    why = f"its status {word!r} is not its folder's, and the folder counts; mend the status, or drag the note"
    return None if says == stage else Unmoved(word, why)


def _never_waited(word: str, pending: str) -> Unmoved:
    why = f"it never waited in {pending}, so that it is here approves nothing, and nothing is done"
    return Unmoved(word, f"{why}; drag it there first, then here")


def _out_of_sight(word: str, pending: str) -> Unmoved:
    why = f"its status is {word!r}, but its folder means nothing to the workflow, so nothing comes of it"
    return Unmoved(word, f"{why}; to decide again, drag it to {pending}")


def _odd_owner(policy: Policy, path: str, data: bytes, before: bytes) -> Unmoved | None:
    if b"owner" not in data or owner_of(data, policy):
        return None
    word = word_in(data, "owner")
    if not word or word == word_in(before, "owner") or wants_to_be_left_alone(data):
        return None
    close = get_close_matches(word.lower(), folders_of_agents(policy.agents), n=1)
    if not close and policy.workflow.stage_of(path) is None:
        return None  # outside the workflow people use the word for what they like
    mend = f"`owner: {close[0]}` would be one" if close else "name an agent, or take it out"
    return Unmoved(word, f"its owner {word!r} is no agent here, so it binds nobody; {mend}")


def _not_too_many(told: Told) -> Told:
    """The first of many; the last of these says how many more there are."""
    first = dict(islice(told.items(), MOST_TOLD))
    if more := len(told) - len(first):
        path, last = first.popitem()
        first[path] = last._replace(why=f"{last.why} (and {more} more notes like this)")
    return first
