"""Ways through history: straight lines, merges by plain git, and rewinds."""

from __future__ import annotations

from dataclasses import replace

from tests.trees import POLICY_TEXT, History, policy
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.history.incoming import standing_in, way_lost
from vaultkit.core.history.ways import commits_beyond, is_below, path_between

POLICY = {"vaultkit.yaml": POLICY_TEXT}
STANDING = standing_in(policy())


def merge_of(history: History, *parents: Oid) -> Oid:
    commit = history.objects.commit(parents[0])
    return history.objects.put_commit(
        replace(commit, parents=parents, time=commit.time + 100, message="merge\n", signature=b"")
    )


def test_a_straight_line_is_walked_back_to_the_base() -> None:
    """The commits after the base come oldest first; none after the head itself."""
    history = History()
    one = history.commit("cloud_agent", history.root, POLICY)
    two = history.commit("cloud_agent", one, {**POLICY, "Updates/a.md": "a"})
    assert path_between(history.objects, STANDING, history.root, two) == [one, two]
    assert path_between(history.objects, STANDING, two, two) == []
    assert path_between(history.objects, STANDING, None, two) == [history.root, one, two]


def test_a_history_without_the_base_is_a_rewind() -> None:
    """An older head, or an unrelated one, has no way from the base."""
    history = History()
    one = history.commit("cloud_agent", history.root, POLICY)
    other = history.commit("cloud_agent", None, {**POLICY, "Updates/other.md": "x"})
    assert path_between(history.objects, STANDING, one, history.root) is None
    assert path_between(history.objects, STANDING, one, other) is None


def test_a_merge_by_plain_git_goes_along_the_published_side() -> None:
    """Whichever parent git put first, the way leads over what known agents signed."""
    history = History()
    published = history.commit("local_agent", history.root, {**POLICY, "Notes/a.md": "a"})
    phone = history.commit(None, history.root, {**POLICY, "Needs_Action/b.md": "b"})
    for parents in ((phone, published), (published, phone)):
        merged = merge_of(history, *parents)
        assert path_between(history.objects, STANDING, published, merged) == [merged]
        assert path_between(history.objects, STANDING, history.root, merged) == [published, merged]
    assert is_below(history.objects, history.root, published)
    assert not is_below(history.objects, published, phone)


def test_a_merge_never_pushes_aside_what_a_person_published() -> None:
    """A fork that Cloud signed, merged in front of what the person published, is not the way."""
    history = History()
    published = history.commit("local_agent", history.root, {**POLICY, "Notes/a.md": "a"})
    fork = history.commit("cloud_agent", history.root, {**POLICY, "Updates/x.md": "x"})
    for agent in ("cloud_agent", None):
        tree = history.tree({**POLICY, "Updates/x.md": "x"})
        commit = Commit(tree, (fork, published), "a <a@b>", 1_700_000_100, "merge\n")
        merged = history.put(agent, commit)
        assert path_between(history.objects, STANDING, history.root, merged) == [published, merged]


def test_what_a_person_published_counts_however_much_lies_on_top() -> None:
    """A merge in front of 1,100 commits by Cloud once looked at 1,000 of them, and then at the wrong side."""
    history = History()
    published = history.commit("local_agent", history.root, {**POLICY, "Notes/a.md": "a"})
    fork = history.commit("cloud_agent", history.root, {**POLICY, "Updates/x.md": "x"})
    way = [published]
    for n in range(1100):
        commit = Commit(history.tree(POLICY), (way[-1],), "a <a@b>", n, f"{n}\n")
        way.append(history.objects.put_commit(commit))
    merged = merge_of(history, fork, way[-1])
    for known in (0, 600, 1100):
        assert path_between(history.objects, STANDING, way[known], merged) == [*way[known + 1 :], merged]
    assert path_between(history.objects, STANDING, history.root, merged) == [*way, merged]


def test_nobody_pushes_aside_what_this_replica_has_taken_in() -> None:
    """A person's own merge with what they had not published leads over what this replica has seen."""
    history = History()
    seen = history.commit("cloud_agent", history.root, {**POLICY, "Updates/x.md": "x"})
    own = history.commit("local_agent", history.root, {**POLICY, "Notes/a.md": "a"})
    tree = history.tree({**POLICY, "Updates/x.md": "x", "Notes/a.md": "a"})
    merged = history.put("local_agent", Commit(tree, (own, seen), "a <a@b>", 1_700_000_100, "merge\n"))
    assert path_between(history.objects, STANDING, seen, merged) == [merged]
    assert path_between(history.objects, STANDING, own, merged) == [merged]


def test_a_thousand_merges_cost_one_pass() -> None:
    """Each commit is read a few times, however many merges lie one on top of the other."""
    history = History()
    head = history.root
    for n in range(1000):
        head = merge_of(history, history.root, head, history.root) if n % 2 else merge_of(history, head, head)
    read: list[Oid] = []
    real = history.objects.commit
    history.objects.commit = lambda oid: read.append(oid) or real(oid)  # type: ignore[func-returns-value, method-assign]
    assert path_between(history.objects, STANDING, history.root, head)
    assert len(read) < 10_000


def test_what_lies_beyond_is_found_whatever_the_commits_say_of_their_time() -> None:
    """The commits between two places are the same with honest times, with times from 1970, and reversed."""
    for times in ((10, 20, 30, 40), (0, 0, 0, 0), (40, 30, 20, 10)):
        history = History()
        chain = [history.root]
        for time in times:
            tree = history.tree(POLICY)
            chain.append(history.put(None, Commit(tree, (chain[-1],), "a <a@b>", time, f"{time}\n")))
        side = history.put(None, Commit(history.tree(POLICY), (chain[1],), "a <a@b>", 5, "side\n"))
        assert commits_beyond(history.objects, [chain[4]], [chain[2]]) == {chain[3], chain[4]}
        assert commits_beyond(history.objects, [side], [chain[4]]) == {side}
        assert commits_beyond(history.objects, [chain[1]], [chain[4]]) == set()


def test_what_lies_beyond_costs_the_way_between_and_not_the_history() -> None:
    """A side branch that left a long history near its end is found without walking down to the root."""
    history = History()
    head = history.root
    for n in range(300):
        head = history.put(None, Commit(history.tree(POLICY), (head,), "a <a@b>", n, f"{n}\n"))
    fork = history.objects.commit(history.objects.commit(head).parents[0]).parents[0]
    side = history.put(None, Commit(history.tree(POLICY), (fork,), "a <a@b>", 0, "side\n"))
    read: list[Oid] = []
    real = history.objects.commit
    history.objects.commit = lambda oid: read.append(oid) or real(oid)  # type: ignore[func-returns-value, method-assign]
    assert commits_beyond(history.objects, [side], [head]) == {side}
    assert len(read) < 30


def test_a_lost_way_is_explained() -> None:
    """Set back, rewritten, and another vault's history are told apart."""
    history = History()
    one = history.commit("cloud_agent", history.root, POLICY)
    two = history.commit("cloud_agent", one, {**POLICY, "Updates/a.md": "a"})
    other = history.commit("cloud_agent", one, {**POLICY, "Updates/b.md": "b"})
    stranger = history.commit("cloud_agent", None, {**POLICY, "Updates/other.md": "x"})
    assert "rewound" in way_lost(history.objects, two, one)
    assert "rewritten" in way_lost(history.objects, two, other)
    assert "nothing to do with" in way_lost(history.objects, two, stranger)
