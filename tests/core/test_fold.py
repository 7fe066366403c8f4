"""The fold: only what a signer may change counts, and everybody folds to the same tree."""

from __future__ import annotations

import pytest

from tests.trees import POLICY_TEXT, History, with_phone
from vaultkit.core.git.tree import Entry

POLICY = {"vaultkit.yaml": POLICY_TEXT}


def test_what_a_signer_may_change_counts() -> None:
    """A change inside its signer's zones is taken, and who made it is known."""
    history = History()
    new = history.commit("cloud_agent", history.root, {**POLICY, "Updates/a.md": "a"})
    fold = history.fold(new)
    assert history.notes(fold.tree) == {"Updates/a.md": "a"}
    assert fold.touched["Updates/a.md"].agents == {"cloud_agent"}
    assert fold.violations == []


@pytest.mark.parametrize("agent", ["cloud_agent", "stranger", None])
def test_what_a_signer_may_not_change_changes_nothing(agent: str | None) -> None:
    """A change outside the zones, by a stranger or by nobody, is a violation without effect."""
    history = History({"Approved/a.md": "approved"})
    bad = history.commit(agent, history.root, {**POLICY, "Approved/a.md": "forged", "Approved/b.md": "new"})
    fold = history.fold(bad)
    assert history.notes(fold.tree) == {"Approved/a.md": "approved"}
    who = agent if agent == "cloud_agent" else "nobody"
    assert [(v.path, v.agent) for v in fold.violations] == [
        ("Approved/a.md", who),
        ("Approved/b.md", who),
    ]


def test_the_honest_part_of_a_bad_commit_arrives() -> None:
    """One forbidden path does not keep the others of its commit out."""
    history = History()
    mixed = history.commit("cloud_agent", history.root, {**POLICY, "Updates/a.md": "a", "Approved/a.md": "x"})
    fold = history.fold(mixed)
    assert history.notes(fold.tree) == {"Updates/a.md": "a"}
    assert [v.path for v in fold.violations] == ["Approved/a.md"]


def test_nobody_launders_a_violation_by_committing_on_top() -> None:
    """A human's commit made on top of a violation does not make it theirs."""
    history = History()
    bad = history.commit("cloud_agent", history.root, {**POLICY, "Approved/a.md": "forged"})
    on_top = history.commit("local_agent", bad, {**POLICY, "Approved/a.md": "forged", "Notes/b.md": "b"})
    assert history.notes(history.fold(bad, on_top).tree) == {"Notes/b.md": "b"}


def test_a_bad_change_and_its_revert_leave_nothing_but_the_report() -> None:
    """Pushed together, the change is reported and the revert is no change."""
    history = History({"Approved/a.md": "approved"})
    bad = history.commit("cloud_agent", history.root, {**POLICY, "Approved/a.md": "forged"})
    back = history.commit("cloud_agent", bad, {**POLICY, "Approved/a.md": "approved"})
    fold = history.fold(bad, back)
    assert history.notes(fold.tree) == {"Approved/a.md": "approved"}
    assert len(fold.violations) == 1


def test_an_honest_commit_undoes_a_violation() -> None:
    """A commit made on the effective tree makes the raw tree right again."""
    history = History()
    bad = history.commit("cloud_agent", history.root, {**POLICY, "Approved/a.md": "forged"})
    honest = history.commit("local_agent", bad, {**POLICY, "Notes/b.md": "b"})
    fold = history.fold(bad, honest)
    assert fold.tree == history.objects.commit(honest).tree


@pytest.mark.parametrize(
    ("notes", "left"),
    [
        ({"Approved/x.md": "draft"}, "Pending_Approval/x.md"),
        ({"Approved/y.md": "draft"}, "Pending_Approval/x.md"),
        ({}, None),
    ],
)
def test_a_move_needs_the_right_at_both_ends(notes: dict[str, str], left: str | None) -> None:
    """Moving a draft where one may not write leaves it where it was; removing it is another thing."""
    history = History({"Pending_Approval/x.md": "draft"})
    moved = history.commit("cloud_agent", history.root, {**POLICY, **notes})
    fold = history.fold(moved)
    assert history.notes(fold.tree) == ({left: "draft"} if left else {})
    assert bool(fold.violations) == bool(notes)


@pytest.mark.parametrize("mode", [0o120000, 0o100755])
def test_only_ordinary_files_come_in(mode: int) -> None:
    """A link or a program is refused whoever sends it, and the rest of its commit arrives."""
    history = History()
    odd = Entry(mode, history.oid("target"))
    new = history.commit("local_agent", history.root, {**POLICY, "Notes/good.md": "g", "Odd/link.md": odd})
    fold = history.fold(new)
    assert history.notes(fold.tree) == {"Notes/good.md": "g"}
    assert [(v.path, v.rule) for v in fold.violations] == [("Odd/link.md", "mode")]


@pytest.mark.parametrize("mode", [0o160000, 0o100644])
def test_what_names_nothing_is_refused_alone(mode: int) -> None:
    """A submodule, or a file whose content is not there, does not keep the rest out."""
    history = History()
    odd = Entry(mode, "1" * 40)  # type: ignore[arg-type]
    new = history.commit("local_agent", history.root, {**POLICY, "Notes/good.md": "g", "Odd/x.md": odd})
    fold = history.fold(new)
    assert history.notes(fold.tree) == {"Notes/good.md": "g"}
    assert [v.path for v in fold.violations] == ["Odd/x.md"]


def test_two_names_that_a_file_system_could_confuse_are_never_both_there() -> None:
    """A name that differs only in case, or stands where a folder is, is refused."""
    history = History({"Notes/Plan.md": "one"})
    notes = {"Notes/Plan.md": "one", "Notes/plan.md": "two", "notes/x.md": "three"}
    fold = history.fold(history.commit("local_agent", history.root, {**POLICY, **notes}))
    assert history.notes(fold.tree) == {"Notes/Plan.md": "one"}
    assert {v.rule for v in fold.violations} == {"collision"}


def test_the_policy_is_adopted_from_a_human_and_governs_what_comes_after() -> None:
    """A human's new policy counts from the next commit on, not for its own."""
    history = History()
    more = POLICY_TEXT.replace(
        'path: "Approved/**",            write: [local_agent]',
        'path: "Approved/**",            write: [local_agent, cloud_agent]',
    )
    assert more != POLICY_TEXT
    changed = history.commit("local_agent", history.root, {"vaultkit.yaml": more})
    use = history.commit("cloud_agent", changed, {"vaultkit.yaml": more, "Approved/a.md": "a"})
    assert history.notes(history.fold(changed, use).tree) == {"Approved/a.md": "a"}


@pytest.mark.parametrize(
    ("agent", "text", "rule"),
    [
        ("cloud_agent", POLICY_TEXT + "# more\n", "zone"),
        ("local_agent", POLICY_TEXT.replace("executor", "executer"), "policy"),
        ("local_agent", None, "policy"),
    ],
)
def test_a_policy_by_others_or_a_broken_one_is_refused(agent: str, text: str | None, rule: str) -> None:
    """Only a human agent changes the policy, only to one that can be read, and never to none."""
    history = History()
    notes = {"vaultkit.yaml": text} if text else {"Notes/a.md": "a"}
    fold = history.fold(history.commit(agent, history.root, notes))
    assert [(v.path, v.rule) for v in fold.violations] == [("vaultkit.yaml", rule)]
    assert "vaultkit.yaml" in dict(_walk(history, fold.tree))


def _walk(history: History, tree: object) -> list[tuple[str, object]]:
    from vaultkit.core.git.tree import walk

    return list(walk(history.objects, tree))  # type: ignore[arg-type]


def test_unsigned_commits_are_the_unsigned_agents() -> None:
    """Where the policy names an agent for them, plain git's commits count in its zones and nowhere else."""
    history = History()
    text = with_phone()
    allowed = history.commit("local_agent", history.root, {"vaultkit.yaml": text})
    notes = {"vaultkit.yaml": text, "Needs_Action/a.md": "a", "Notes/b.md": "b"}
    fold = history.fold(allowed, history.commit(None, allowed, notes))
    assert history.notes(fold.tree) == {"Needs_Action/a.md": "a"}
    assert [(v.path, v.agent) for v in fold.violations] == [("Notes/b.md", "phone")]
