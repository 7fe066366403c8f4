"""Conflict copies are known by their names, whatever note they are of."""

from __future__ import annotations

import pytest

from tests.trees import History
from vaultkit.core.conflict_copies import conflict_path, copies_in, read_copy

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
