"""Where trust begins, and that following the policies alone finds the same as judging everything."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.trees import KEYS, POLICY_TEXT, History
from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.history.trust import (
    allowed_signers,
    checkpoint,
    fold_from,
    follow_policies,
    founding_commit,
)
from vaultkit.core.rules.identity import CHANGE
from vaultkit.core.rules.policy_edit import trust_key
from vaultkit.memory.keys import MemoryKeys

POLICY = {"vaultkit.yaml": POLICY_TEXT}
OPEN = POLICY_TEXT.replace(
    'path: "Approved/**",            write: [local_agent]',
    'path: "Approved/**",            write: [local_agent, cloud_agent]',
)


def by_vaultkit(history: History, agent: str, parent: Oid | None, notes: dict[str, str], n: int = 0) -> Oid:
    """A commit as vaultkit makes them: with its trailer, on top of what counts."""
    message = add_trailer("say", CHANGE, str(n))
    parents = (parent,) if parent else ()
    return history.put(agent, Commit(history.tree(notes), parents, "a <a@b>", 1_700_000_000 + n, message))


def test_the_founding_commit_is_signed_by_a_human_of_its_own_policy() -> None:
    """What came before (an adopted repository), and a policy nobody human signed, found nothing."""
    history = History()
    before = history.put(None, Commit(history.tree({"old.md": "old"}), (), "a <a@b>", 1, "long ago\n"))
    unsigned = history.commit(None, before, {"old.md": "old", **POLICY})
    by_cloud = by_vaultkit(history, "cloud_agent", unsigned, POLICY)
    founding = by_vaultkit(history, "local_agent", by_cloud, {"old.md": "old", **POLICY})
    later = by_vaultkit(history, "local_agent", founding, POLICY, 1)
    assert founding_commit(history.objects, by_cloud) is None
    assert founding_commit(history.objects, later) == founding


def test_a_checkpoint_is_the_newest_commit_of_a_human() -> None:
    """A join judges from there on; without one, from where trust begins."""
    history = History()
    start = by_vaultkit(history, "local_agent", None, POLICY)
    cloud = by_vaultkit(history, "cloud_agent", start, {**POLICY, "Updates/a.md": "a"}, 1)
    human = by_vaultkit(history, "local_agent", cloud, {**POLICY, "Updates/a.md": "a"}, 2)
    last = by_vaultkit(history, "cloud_agent", human, {**POLICY, "Updates/b.md": "b"}, 3)
    for head, found in ((last, human), (cloud, start)):
        steps = follow_policies(history.objects, start, head)
        assert steps is not None
        assert checkpoint(history.objects, start, steps) == found


def test_a_policy_forged_by_cloud_makes_no_human_of_its_key() -> None:
    """Cloud publishes a policy in which a key of its own is human, and signs on as that: nothing counts."""
    history = History()
    start = by_vaultkit(history, "local_agent", None, POLICY)
    forged = trust_key(POLICY_TEXT.encode(), "local_agent", KEYS["stranger"].public()[0]).decode()
    takeover = by_vaultkit(history, "cloud_agent", start, {"vaultkit.yaml": forged}, 1)
    notes = {"vaultkit.yaml": forged, "Approved/pay.md": "pay"}
    as_human = by_vaultkit(history, "stranger", takeover, notes, 2)
    fold = fold_from(history.objects, start, as_human)
    assert fold is not None
    assert history.notes(fold.tree) == {}
    assert fold.policy.agents["local_agent"].key == KEYS["local_agent"].public()[0]
    assert founding_commit(history.objects, as_human) == start


def test_no_way_is_no_trust() -> None:
    """From a start that is not below the head nothing follows."""
    history = History()
    one = by_vaultkit(history, "local_agent", None, POLICY)
    other = by_vaultkit(history, "local_agent", None, {**POLICY, "a.md": "a"}, 5)
    assert fold_from(history.objects, one, other) is None
    assert follow_policies(history.objects, one, other) is None


@pytest.mark.parametrize("seed", range(30))
def test_folding_from_a_checkpoint_gives_what_folding_everything_gives(seed: int) -> None:
    """In histories with violations, honest commits, policy changes and forged policies, both agree."""
    chance = random.Random(seed)
    history = History()
    start = head = by_vaultkit(history, "local_agent", None, POLICY)
    for n in range(1, 25):
        counts = history.fold(*_path(history, start, head), base=start).tree
        notes = _texts(history, counts)
        agent = chance.choice(["local_agent", "cloud_agent", "cloud_agent", "stranger"])
        if agent == "local_agent" and chance.random() < 0.3:
            notes["vaultkit.yaml"] = chance.choice([POLICY_TEXT, OPEN])
        elif agent != "local_agent" and chance.random() < 0.3:
            notes["vaultkit.yaml"] = chance.choice([OPEN, "broken", POLICY_TEXT + "# forged\n"])
        folder = chance.choice(["Updates", "Approved", "Notes", "Needs_Action"])
        notes[f"{folder}/{chance.choice('abc')}.md"] = str(n)
        head = by_vaultkit(history, agent, head, notes, n)
        fold = fold_from(history.objects, start, head)
        assert fold is not None
        whole = history.fold(*_path(history, start, head), base=start)
        assert (fold.tree, fold.policy) == (whole.tree, whole.policy)


def _path(history: History, start: Oid, head: Oid) -> list[Oid]:
    path: list[Oid] = []
    while head != start:
        path.append(head)
        head = history.objects.commit(head).parents[0]
    return path[::-1]


def _texts(history: History, tree: Oid | None) -> dict[str, str]:
    from vaultkit.core.git.tree import walk

    return {path: history.objects.blob(entry.oid).decode() for path, entry in walk(history.objects, tree)}


def test_the_allowed_signers_are_all_that_were_ever_trusted() -> None:
    """After a renewal, git can still verify what the old key signed; a forged policy's keys are not there."""
    history = History()
    start = by_vaultkit(history, "local_agent", None, POLICY)
    new = MemoryKeys("renewed").public()[0]
    renewed = trust_key(POLICY_TEXT.encode(), "cloud_agent", new).decode()
    second = by_vaultkit(history, "local_agent", start, {"vaultkit.yaml": renewed}, 1)
    forged = trust_key(POLICY_TEXT.encode(), "cloud_agent", KEYS["stranger"].public()[0]).decode()
    third = by_vaultkit(history, "cloud_agent", second, {"vaultkit.yaml": forged}, 2)
    fold = fold_from(history.objects, start, third)
    assert fold is not None
    lines = allowed_signers(history.objects, start, third, fold.policy)
    assert set(lines) == {
        f'local_agent namespaces="git" {KEYS["local_agent"].public()[0]}',
        f'cloud_agent namespaces="git" {KEYS["cloud_agent"].public()[0]}',
        f'cloud_agent namespaces="git" {new}',
    }


def test_signing_is_what_makes_these_histories() -> None:
    """A commit moved to another parent is nobody's, so no history here can be rearranged."""
    history = History()
    start = by_vaultkit(history, "local_agent", None, POLICY)
    approval = by_vaultkit(history, "local_agent", start, {**POLICY, "Approved/a.md": "a"}, 1)
    other = by_vaultkit(history, "cloud_agent", start, {**POLICY, "Updates/b.md": "b"}, 2)
    moved = replace(history.objects.commit(approval), parents=(other,), payload=b"")
    fold = fold_from(history.objects, start, history.objects.put_commit(moved))
    assert fold is not None
    assert "Approved/a.md" not in history.notes(fold.tree)
