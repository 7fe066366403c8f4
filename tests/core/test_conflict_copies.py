"""Conflict copies are known by their names, whatever note they are of."""

from __future__ import annotations

import pytest

from tests.trees import History
from vaultkit.core.naming.conflict_copies import conflict_path, copies_in, read_copy
from vaultkit.core.naming.paths import MOST_DEPTH, MOST_PATH_BYTES, name_problem

TIME = 1_700_000_000


@pytest.mark.parametrize(
    "path",
    ["a.md", "Notes/Deep/a b.md", "no_extension", "Notes/a (draft).md", "Notes/a (x 2023-11-14T221330Z).md",
     "Notes/v1.2.md", "Conflicts/a.md", ".gitignore"],
)  # fmt: skip
@pytest.mark.parametrize("agent", ["cloud_agent", "cloud_agent and phone", "somebody"])
def test_a_copys_name_is_read_as_it_was_made(path: str, agent: str) -> None:
    """Note, agent and time come back out of the name, whatever else is in brackets in it."""
    copy = conflict_path(path, agent, TIME)
    assert read_copy(copy) == (copy, path, agent, TIME)


@pytest.mark.parametrize(
    "path",
    [f"{'x' * 111}/" * 8 + "a.md", "x/" * (MOST_DEPTH - 1) + "a.md"],
    ids=["long", "deep"],
)
def test_the_copy_of_a_note_that_is_as_far_down_as_can_be_is_not_further_down(path: str) -> None:
    """Nobody would take a longer or deeper path; the copies of one folder are together, no others there."""
    assert name_problem(path) is None
    assert len(path) == MOST_PATH_BYTES or path.count("/") == MOST_DEPTH - 1
    copy, beside, elsewhere = (conflict_path(at, "me", TIME) for at in (path, f"{path}.txt", f"y{path}"))
    assert name_problem(copy) is None
    assert copy.endswith("/a (me 2023-11-14T221320Z).md")
    folder, other, another = (at.rpartition("/")[0] for at in (copy, beside, elsewhere))
    assert folder == other != another


@pytest.mark.parametrize(
    "name",
    ["Conflicts/readme.md", "Notes/a (x 2023-11-14T221330Z).md", "Conflicts/a (x 2023-99-14T221330Z).md",
     "Conflicts/ (x 2023-11-14T221330Z).md"],
)  # fmt: skip
def test_what_is_no_copy_is_none(name: str) -> None:
    """Other notes in `Conflicts/`, and such names elsewhere, are ordinary notes."""
    assert read_copy(name) is None


def test_the_copies_of_a_tree_are_found() -> None:
    """Below `Conflicts/`, at any depth, and nowhere else."""
    copy = conflict_path("Notes/Deep/a.md", "cloud_agent", TIME)
    history = History({copy: "x\n", "Conflicts/readme.md": "y\n", "Notes/Deep/a.md": "z\n"})
    tree = history.objects.commit(history.root).tree
    assert [found.path for found in copies_in(history.objects, tree)] == ["Notes/Deep/a.md"]
    assert list(copies_in(history.objects, None)) == []
