"""Ways through history: straight lines, merges by plain git, and rewinds."""

from __future__ import annotations

from dataclasses import replace

from tests.trees import POLICY_TEXT, History, signer
from vaultkit.core.history import checkpoint, is_below, path_between
from vaultkit.core.tree import Oid

POLICY = {"vaultkit.yaml": POLICY_TEXT}


def merge_of(history: History, *parents: Oid) -> Oid:
    commit = history.objects.commit(parents[0])
    return history.objects.put_commit(
        replace(commit, parents=parents, time=commit.time + 100, message="merge\n")
    )


def test_a_straight_line_is_walked_back_to_the_base() -> None:
    """The commits after the base come oldest first; none after the head itself."""
    history = History()
    one = history.commit("cloud_agent", history.root, POLICY)
    two = history.commit("cloud_agent", one, {**POLICY, "Updates/a.md": "a"})
    assert path_between(history.objects, signer, history.root, two) == [one, two]
    assert path_between(history.objects, signer, two, two) == []
    assert path_between(history.objects, signer, None, two) == [history.root, one, two]


def test_a_history_without_the_base_is_a_rewind() -> None:
    """An older head, or an unrelated one, has no way from the base."""
    history = History()
    one = history.commit("cloud_agent", history.root, POLICY)
    other = history.commit("cloud_agent", None, {**POLICY, "Updates/other.md": "x"})
    assert path_between(history.objects, signer, one, history.root) is None
    assert path_between(history.objects, signer, one, other) is None


def test_a_merge_by_plain_git_goes_along_the_published_side() -> None:
    """Whichever parent git put first, the way leads over what known agents signed."""
    history = History()
    published = history.commit("local_agent", history.root, {**POLICY, "Notes/a.md": "a"})
    phone = history.commit(None, history.root, {**POLICY, "Needs_Action/b.md": "b"})
    for parents in ((phone, published), (published, phone)):
        merged = merge_of(history, *parents)
        assert path_between(history.objects, signer, published, merged) == [merged]
        assert path_between(history.objects, signer, history.root, merged) == [published, merged]
    assert is_below(history.objects, history.root, published)
    assert not is_below(history.objects, published, phone)


def test_a_checkpoint_is_the_newest_commit_of_a_human() -> None:
    """A join starts there; without one, at the root."""
    history = History()
    human = history.commit("local_agent", history.root, POLICY)
    cloud = history.commit("cloud_agent", human, {**POLICY, "Updates/a.md": "a"})
    humans = frozenset({"local_agent"})
    assert checkpoint(history.objects, signer, humans, cloud) == human
    assert checkpoint(history.objects, signer, frozenset(), cloud) == history.root
