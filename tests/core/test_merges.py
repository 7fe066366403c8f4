"""Merges by other programs: they bring only what their own signer may, whoever signed what is below."""

from __future__ import annotations

import pytest

from tests.trees import POLICY_TEXT, History, policy
from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.history.fold import Fold
from vaultkit.core.history.incoming import fold_path, standing_in
from vaultkit.core.history.ways import path_between
from vaultkit.core.rules.identity import CHANGE

POLICY = {"vaultkit.yaml": POLICY_TEXT}
OLD, NEW = {**POLICY, "Pending_Approval/x.md": "draft"}, {**POLICY, "Approved/x.md": "draft"}


def by_vaultkit(history: History, agent: str, parent: Oid, notes: dict[str, str], nonce: str = "n") -> Oid:
    message, time = add_trailer("say", CHANGE, nonce), history.objects.commit(parent).time + 10
    return history.put(agent, Commit(history.tree(notes), (parent,), "a <a@b>", time, message))


def merge(history: History, agent: str | None, parents: tuple[Oid, ...], notes: dict[str, str]) -> Oid:
    return history.put(agent, Commit(history.tree(notes), parents, "a <a@b>", 1_700_009_000, "merge\n"))


def seen_from(history: History, base: Oid, head: Oid, own: frozenset[Oid] = frozenset()) -> Fold:
    """What counts at `head` for a replica that had taken in `base` and never saw `own` published."""
    tree = history.fold(*([] if base == history.root else [base])).tree
    path = path_between(history.objects, standing_in(policy(), own), base, head)
    assert path is not None
    return fold_path(history.objects, base, tree, policy(), path)


@pytest.mark.parametrize("by", [None, "cloud_agent"])
def test_an_approval_taken_back_does_not_return_by_a_merge(by: str | None) -> None:
    """The host kept the first version of an approval that was published later, and then retracted."""
    history = History({"Pending_Approval/x.md": "draft"})
    kept = by_vaultkit(history, "local_agent", history.root, NEW)
    cloud = by_vaultkit(history, "cloud_agent", history.root, {**OLD, "Updates/c.md": "c"})
    approved = by_vaultkit(history, "local_agent", cloud, {**NEW, "Updates/c.md": "c"})
    back = by_vaultkit(history, "local_agent", approved, {**OLD, "Updates/c.md": "c"}, "m")
    merged = merge(history, by, (back, kept), {**NEW, "Updates/c.md": "c"})
    fold = history.fold(cloud, approved, back, merged)
    assert history.notes(fold.tree) == {"Pending_Approval/x.md": "draft", "Updates/c.md": "c"}
    assert {v.path for v in fold.violations} == {"Pending_Approval/x.md", "Approved/x.md"}


def test_the_machine_that_made_a_side_takes_the_other_one_for_the_published() -> None:
    """What it never saw published it publishes again, so it must not take it for what counts already."""
    history = History()
    cloud = by_vaultkit(history, "cloud_agent", history.root, {**POLICY, "Updates/c.md": "c"})
    own = by_vaultkit(history, "local_agent", history.root, {**POLICY, "Notes/l.md": "l"})
    merged = merge(history, None, (own, cloud), {**POLICY, "Updates/c.md": "c", "Notes/l.md": "l"})
    fold = seen_from(history, history.root, merged, frozenset({own}))
    assert (
        history.notes(fold.tree)
        == {"Updates/c.md": "c"}
        == history.notes(seen_from(history, cloud, merged).tree)
    )
    assert own not in fold.accepted


def test_after_a_merge_a_human_agents_vaultkit_settles_what_counts() -> None:
    """Replicas that knew different sides differ until then, and agree from then on."""
    history = History()
    cloud = by_vaultkit(history, "cloud_agent", history.root, {**POLICY, "Updates/c.md": "c"})
    own = by_vaultkit(history, "local_agent", history.root, {**POLICY, "Notes/l.md": "l"})
    both = {**POLICY, "Updates/c.md": "c", "Notes/l.md": "l"}
    merged = merge(history, None, (own, cloud), both)
    assert seen_from(history, history.root, merged).is_unclear
    settled = by_vaultkit(history, "local_agent", merged, {**POLICY, "Updates/c.md": "c"}, "m")
    for base in (history.root, cloud, own):
        fold = seen_from(history, base, settled)
        assert history.notes(fold.tree) == {"Updates/c.md": "c"}
        assert not fold.is_unclear


def doubted(history: History, own: Oid, notes: dict[str, str]) -> Oid:
    """A merge that leaves it open for the maker of `own`, who never saw it published, whether it counts."""
    side = merge(history, None, (history.root,), {**notes, "Notes/n.md": "by nobody"})
    return merge(history, None, (side, own), notes)


def test_a_note_written_where_a_removal_counted_is_no_half_of_a_move() -> None:
    """Its writer counted the removal; who does not yet may not undo their words for that."""
    history = History({"Approved/x.md": "approved"})
    own = by_vaultkit(history, "local_agent", history.root, POLICY)
    new = by_vaultkit(
        history, "cloud_agent", doubted(history, own, POLICY), {**POLICY, "Updates/x.md": "approved"}
    )
    assert history.notes(seen_from(history, own, new).tree) == {"Updates/x.md": "approved"}
    fold = seen_from(history, history.root, new, frozenset({own}))
    assert history.notes(fold.tree) == {"Approved/x.md": "approved", "Updates/x.md": "approved"}
    assert new not in fold.refused


def test_without_a_merge_a_removal_that_is_carried_along_is_half_of_a_move() -> None:
    """Nobody counted it, so who goes on from it with that note tries to move what they may not."""
    history = History({"Approved/x.md": "approved"})
    bad = history.commit(None, history.root, POLICY)
    new = by_vaultkit(history, "cloud_agent", bad, {**POLICY, "Updates/x.md": "approved"})
    assert history.notes(history.fold(bad, new).tree) == {"Approved/x.md": "approved"}


def test_a_note_does_not_vanish_towards_a_place_where_it_does_not_count() -> None:
    """It was removed by one who counted its copy there; who does not keeps the note."""
    history = History({"Pending_Approval/x.md": "draft"})
    own = by_vaultkit(history, "local_agent", history.root, {**OLD, **NEW})
    new = by_vaultkit(history, "cloud_agent", doubted(history, own, {**OLD, **NEW}), NEW)
    assert history.notes(seen_from(history, own, new).tree) == {"Approved/x.md": "draft"}
    fold = seen_from(history, history.root, new, frozenset({own}))
    assert history.notes(fold.tree) == {"Pending_Approval/x.md": "draft"}


def test_a_merge_says_nothing_for_vaultkit() -> None:
    """vaultkit makes no merges: a trailer that somebody put into one does not make it a checkpoint."""
    history = History({"Approved/x.md": "approved"})
    forged = by_vaultkit(history, "cloud_agent", history.root, {**POLICY, "Approved/x.md": "forged"})
    message = add_trailer("merge", CHANGE, "m")
    tree = history.tree({**POLICY, "Approved/x.md": "forged"})
    commit = Commit(tree, (forged, history.root), "a <a@b>", 1_700_009_000, message)
    fold = history.fold(forged, history.put("local_agent", commit))
    assert history.notes(fold.tree) == {"Approved/x.md": "approved"}
