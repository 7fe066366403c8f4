"""What the transports ask of the real object store beyond the ObjectStore port: its place, other stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import git, make_bare
from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects import GitObjects
from vaultkit.ports import Weight

WORDS = b"words\n"


def test_its_place_is_on_the_disk_where_its_objects_are(repo: GitObjects) -> None:
    """A file that is made there can be renamed into the store."""
    oid = repo.put_blob(WORDS)
    assert os.stat(repo.place).st_dev == os.stat(Path(repo.place, oid[:2], oid[2:])).st_dev


def test_another_store_is_read_and_written_like_this_one(repo: GitObjects, tmp_path: Path) -> None:
    """What is kept there is there and not here; its branch is its own."""
    bare = make_bare(tmp_path / "r.git")
    oid = repo.put_blob(WORDS)
    with repo.other(str(bare)) as other:
        assert not other.contains(oid)
        other.keep([repo.raw(oid)])
        assert (other.raw(oid), other.weigh(oid), other.kind(oid)) == (
            ("blob", WORDS),
            Weight("blob", 6),
            "blob",
        )
        theirs = other.put_blob(b"theirs\n")
        assert other.head() is None
    assert not repo.contains(theirs)
    assert git("cat-file", "blob", oid, cwd=bare).strip() == "words"


@pytest.mark.real
def test_a_repository_cloned_without_its_past_says_where_it_ends(repo: GitObjects, tmp_path: Path) -> None:
    """The commit whose parents are not here, by git's own shallow clone; a whole one has none."""
    git("init", "-q", "-b", "main", tmp_path / "whole")
    for n in range(3):
        git("commit", "-q", "--allow-empty", "-m", str(n), cwd=tmp_path / "whole")
    git("clone", "-q", "--depth=2", f"file://{tmp_path}/whole", tmp_path / "cut")
    end = git("rev-parse", "main~1", cwd=tmp_path / "whole").strip()
    assert repo.shallow() == frozenset()
    with repo.other(str(tmp_path / "cut")) as cut:
        assert cut.shallow() == {Oid(end)}
