"""Merges by other programs: every replica comes to the same tree, whichever side it had seen before."""

from __future__ import annotations

import itertools

import pytest

from tests.trees import POLICY_TEXT, History, policy, with_phone
from vaultkit.core.fold import Fold
from vaultkit.core.history import path_between
from vaultkit.core.incoming import fold_path, standing_in
from vaultkit.core.policy_edit import revoke_agent
from vaultkit.core.sides import content_to_count
from vaultkit.core.tree import Commit, Oid

POLICY = {"vaultkit.yaml": POLICY_TEXT}


class Fork(History):
    """A history that forks at `root` into the side Cloud published and the one Local did not."""

    def __init__(self, start: dict[str, str], cloud: dict[str, str], local: dict[str, str]) -> None:
        super().__init__(start)
        self.cloud = self.commit("cloud_agent", self.root, {**POLICY, **cloud})
        self.local = self.commit("local_agent", self.root, {**POLICY, **local})

    def merge(self, notes: dict[str, str], by: str | None = None, swap: bool = False, **more: str) -> Oid:
        parents = (self.cloud, self.local) if swap else (self.local, self.cloud)
        tree = self.tree({**POLICY, **notes, **more})
        return self.put(by, Commit(tree, parents, "a <a@b>", 1_700_000_900, "Merge branch 'main'\n"))

    def seen_from(self, base: Oid, head: Oid) -> Fold:
        """What counts at `head` for a replica that had taken in `base`."""
        tree = self.fold(*([] if base == self.root else [base])).tree
        path = path_between(self.objects, standing_in(policy()), base, head)
        assert path is not None
        return fold_path(self.objects, base, tree, policy(), path)

    def everywhere(self, head: Oid) -> tuple[dict[str, str], list[tuple[str, str]]]:
        """The notes that count for every replica, and the violations that one who saw nothing is told."""
        views = [self.seen_from(base, head) for base in (self.root, self.cloud, self.local)]
        notes = [self.notes(view.tree) for view in views]
        assert notes[0] == notes[1] == notes[2]
        return notes[0], [(v.path, v.agent) for v in views[0].violations]


@pytest.mark.parametrize("swap", [False, True])
def test_both_sides_of_a_merge_nobody_signed_count(swap: bool) -> None:
    """Each side was signed by somebody who may; that nobody signed the merge takes nothing away."""
    fork = Fork({}, {"Updates/c.md": "c"}, {"Notes/l.md": "l"})
    merged = fork.merge({"Updates/c.md": "c", "Notes/l.md": "l"}, swap=swap)
    assert fork.everywhere(merged) == ({"Updates/c.md": "c", "Notes/l.md": "l"}, [])


def test_a_side_counts_only_as_far_as_its_own_signer_may() -> None:
    """A forged approval that comes in from the side is refused, and told with the commit that made it."""
    fork = Fork({}, {"Updates/c.md": "c", "Approved/x.md": "forged"}, {"Notes/l.md": "l"})
    merged = fork.merge({"Updates/c.md": "c", "Approved/x.md": "forged", "Notes/l.md": "l"}, "local_agent")
    notes, told = fork.everywhere(merged)
    assert notes == {"Updates/c.md": "c", "Notes/l.md": "l"}
    assert told == [("Approved/x.md", "cloud_agent")]
    assert fork.seen_from(fork.local, merged).violations[0].commit == fork.cloud


def test_what_a_merge_has_that_no_side_brought_is_its_own() -> None:
    """A change smuggled into the merge itself is judged by who signed the merge."""
    fork = Fork({}, {"Updates/c.md": "c"}, {"Notes/l.md": "l"})
    for by, who in (("cloud_agent", "cloud_agent"), (None, "nobody")):
        merged = fork.merge({"Updates/c.md": "c", "Notes/l.md": "l"}, by, **{"Approved/x.md": "smuggled"})
        notes, told = fork.everywhere(merged)
        assert notes == {"Updates/c.md": "c", "Notes/l.md": "l"}
        assert told == [("Approved/x.md", who)]


@pytest.mark.parametrize(("by", "counts"), [(None, True), ("cloud_agent", True), ("local_agent", False)])
def test_a_merge_drops_what_a_side_brought_only_if_its_signer_may(by: str | None, counts: bool) -> None:
    """`git merge -s ours` takes the person's note out: nobody and Cloud may not, the person may."""
    fork = Fork({"Notes/a.md": "old"}, {"Notes/a.md": "old", "Updates/c.md": "c"}, {"Notes/a.md": "new"})
    merged = fork.merge({"Notes/a.md": "old", "Updates/c.md": "c"}, by)
    notes, told = fork.everywhere(merged)
    assert notes == {"Notes/a.md": "new" if counts else "old", "Updates/c.md": "c"}
    assert told == ([("Notes/a.md", by or "nobody")] if counts else [])


@pytest.mark.parametrize("chosen", ["by cloud", "by local"])
def test_where_both_sides_changed_a_note_the_merge_chooses_between_them(chosen: str) -> None:
    """Each of the two was made by somebody who may; taking one of them is not a change of its own."""
    fork = Fork({"Updates/a.md": "old"}, {"Updates/a.md": "by cloud"}, {"Updates/a.md": "by local"})
    assert fork.everywhere(fork.merge({"Updates/a.md": chosen})) == ({"Updates/a.md": chosen}, [])


def test_a_text_merged_from_both_counts_only_if_its_signer_may_write_it() -> None:
    """What is neither side's is the merge's; where that is refused all replicas keep the same side's."""
    fork = Fork({"Updates/a.md": "old"}, {"Updates/a.md": "by cloud"}, {"Updates/a.md": "by local"})
    mixed = {"Updates/a.md": "by cloud and local"}
    assert fork.everywhere(fork.merge(mixed, "cloud_agent")) == (mixed, [])
    notes, told = fork.everywhere(fork.merge(mixed))
    assert notes["Updates/a.md"] in ("by cloud", "by local")
    assert told == [("Updates/a.md", "nobody")]


def test_a_note_edited_on_one_side_and_removed_on_the_other_is_what_the_merge_says() -> None:
    """Kept or gone: the merge chooses; if it has neither, the words are kept."""
    fork = Fork({"Updates/a.md": "old"}, {"Updates/a.md": "more"}, {})
    assert fork.everywhere(fork.merge({"Updates/a.md": "more"}))[0] == {"Updates/a.md": "more"}
    assert fork.everywhere(fork.merge({}))[0] == {}
    assert fork.everywhere(fork.merge({"Updates/a.md": "x"}))[0] == {"Updates/a.md": "more"}


def test_a_task_claimed_on_both_sides_is_claimed_once() -> None:
    """The claim on the side comes too late; the published one stands, and nothing is claimed twice."""
    cloud, local = "In_Progress/cloud_agent/t.md", "In_Progress/local_agent/t.md"
    fork = Fork({"Needs_Action/t.md": "do it"}, {cloud: "do it"}, {local: "do it"})
    merged = fork.merge({cloud: "do it", local: "do it"})
    fold = fork.seen_from(fork.cloud, merged)
    assert fork.notes(fold.tree) == {cloud: "do it"}
    assert [(v.path, v.agent, v.rule) for v in fold.violations] == [(local, "local_agent", "move")]


def test_a_merge_never_brings_two_names_for_one() -> None:
    """One side renamed the note in case only, the other edited it: one name is left, the same everywhere."""
    fork = Fork({"Updates/a.md": "old"}, {"Updates/a.md": "edited"}, {"Updates/A.md": "old"})
    notes, _ = fork.everywhere(fork.merge({"Updates/a.md": "edited", "Updates/A.md": "old"}))
    assert notes == {"Updates/A.md": "old"}


@pytest.mark.parametrize("text", ["five", "one"])
def test_a_side_that_puts_a_violation_right_is_no_conflict(text: str) -> None:
    """The main side only has a violation there, which counts for nothing: what the person made of it does."""
    history = History({"Notes/a.md": "the person's"})
    bad = history.commit("cloud_agent", history.root, {**POLICY, "Notes/a.md": "forged"})
    right = history.commit("local_agent", bad, {**POLICY, "Notes/a.md": text})
    main = history.commit("cloud_agent", bad, {**POLICY, "Notes/a.md": "forged", "Updates/c.md": "c"})
    tree = history.tree({**POLICY, "Notes/a.md": "neither", "Updates/c.md": "c"})
    merged = history.put(None, Commit(tree, (main, right), "a <a@b>", 1_700_000_900, "merge\n"))
    fold = history.fold(bad, main, merged)
    assert history.notes(fold.tree) == {"Notes/a.md": text, "Updates/c.md": "c"}


def test_a_revoked_key_gives_nothing_to_a_side_however_old_it_says_it_is() -> None:
    """A commit dated before the revocation, merged in after it, is a stranger's."""
    history = History()
    revoked = revoke_agent(POLICY_TEXT.encode(), "cloud_agent").decode()
    now = history.commit("local_agent", history.root, {"vaultkit.yaml": revoked})
    late = history.commit("cloud_agent", history.root, {**POLICY, "Updates/x.md": "late"})
    tree = history.tree({"vaultkit.yaml": revoked, "Updates/x.md": "late"})
    merged = history.put(None, Commit(tree, (now, late), "a <a@b>", 1_700_000_900, "merge\n"))
    fold = history.fold(now, merged)
    assert history.notes(fold.tree) == {}
    assert [(v.path, v.agent) for v in fold.violations] == [("Updates/x.md", "nobody")]


def test_a_policy_changed_on_a_side_counts_from_the_merge_on() -> None:
    """The person's new policy comes in with their side of a merge, for every replica."""
    history = History()
    phone = with_phone()
    cloud = history.commit("cloud_agent", history.root, {**POLICY, "Updates/c.md": "c"})
    local = history.commit("local_agent", history.root, {"vaultkit.yaml": phone})
    notes = {"vaultkit.yaml": phone, "Updates/c.md": "c"}
    merged = history.put(None, Commit(history.tree(notes), (local, cloud), "a <a@b>", 1_700_000_900, "m\n"))
    after = history.commit(None, merged, {**notes, "Needs_Action/t.md": "from the phone"})
    for way in ((cloud, merged, after), (local, merged, after)):
        fold = history.fold(*way)
        assert history.notes(fold.tree) == {"Updates/c.md": "c", "Needs_Action/t.md": "from the phone"}


def test_which_side_is_the_main_one_makes_no_difference() -> None:
    """Of two contents both of which are new, the same one counts from either side, whatever the merge has."""
    contents = [None, *(Oid(letter * 40) for letter in "abc")]
    for ours, theirs, began, merged in itertools.product(contents, repeat=4):
        if began not in (ours, theirs):
            there = content_to_count(ours, theirs, began, ours, merged)
            assert there == content_to_count(theirs, ours, began, theirs, merged)
            assert there in (ours, theirs)
