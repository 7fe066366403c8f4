"""Which contents commits gave to paths: asked path by path, at the cost of the way to the path."""

from __future__ import annotations

from tests.trees import POLICY_TEXT, History
from vaultkit.core.git.tree import FOLDER, Commit, Entry, Oid
from vaultkit.core.history.versions import Versions

POLICY = {"vaultkit.yaml": POLICY_TEXT}


def test_a_commit_gave_what_it_changed_and_nothing_else() -> None:
    """Added, changed and removed contents are a commit's; what its parent had is not."""
    history = History({"Notes/a.md": "a", "Notes/b.md": "b", "Notes/c.md": "c"})
    new = history.commit(
        "cloud_agent", history.root, {**POLICY, "Notes/a.md": "A", "Notes/b.md": "b", "d.md": "d"}
    )
    versions = Versions(history.objects, [new])
    assert versions
    assert versions.gave("Notes/a.md", history.oid("A"))
    assert versions.gave("d.md", history.oid("d"))
    assert versions.gave("Notes/c.md", None)
    assert not versions.gave("Notes/a.md", history.oid("a"))
    assert not versions.gave("Notes/b.md", history.oid("b"))
    assert not versions.gave("nothing.md", None)


def test_each_of_several_commits_counts_and_what_is_excepted_does_not() -> None:
    """A content that one commit gave and the next took away is still one that was given."""
    history = History()
    one = history.commit("cloud_agent", history.root, {**POLICY, "a.md": "1"})
    two = history.commit("cloud_agent", one, {**POLICY, "a.md": "2"})
    three = history.commit("cloud_agent", two, POLICY)
    versions = Versions(history.objects, [one, two, three], {two: ["a.md"]})
    assert versions.gave("a.md", history.oid("1"))
    assert not versions.gave("a.md", history.oid("2"))
    assert versions.gave("a.md", None)
    assert not Versions(history.objects).gave("a.md", None)


def test_a_bomb_beside_the_path_costs_nothing() -> None:
    """Trees that stand for 10^12 paths, before and after, are not walked."""
    history = History({"Approved/a.md": "a"})
    commits = []
    for content in ("x", "y"):
        inner = history.objects.put_folder(
            {f"n{n}.md": Entry(0o100644, history.oid(content)) for n in range(10)}
        )
        for _ in range(12):
            inner = history.objects.put_folder({f"d{n}": Entry(FOLDER, inner) for n in range(10)})
        root = dict(history.objects.folder(history.tree({**POLICY, "Approved/a.md": content})))
        tree = history.objects.put_folder({**root, "bomb": Entry(FOLDER, inner)})
        parents = (commits[-1] if commits else history.root,)
        commits.append(history.put("cloud_agent", Commit(tree, parents, "a <a@b>", 1, "bomb\n")))
    read: list[Oid] = []
    real = history.objects.folder
    history.objects.folder = lambda oid: read.append(oid) or real(oid)  # type: ignore[func-returns-value, method-assign]
    versions = Versions(history.objects, commits)
    assert versions.gave("Approved/a.md", history.oid("y"))
    assert not versions.gave("Approved/a.md", history.oid("a"))
    assert len(read) < 30


def test_what_cannot_be_read_gave_nothing() -> None:
    """A commit or a parent that is not there is as if it were empty."""
    history = History()
    nowhere = Oid("7" * 40)
    cut_off = history.objects.put_commit(Commit(history.tree({"a.md": "a"}), (nowhere,), "a <a@b>", 1, "x\n"))
    assert Versions(history.objects, [cut_off]).gave("a.md", history.oid("a"))
    assert not Versions(history.objects, [nowhere]).gave("a.md", history.oid("a"))
