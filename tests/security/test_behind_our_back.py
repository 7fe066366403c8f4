"""git or obsidian-git pulls into the vault's folder behind vaultkit's back: nothing forged becomes a gesture.

The attacker holds Cloud's key and publishes; a git program on the person's machine checks it out into
the vault. Then vaultkit looks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.security.catalogue.approvals import DECIDED, DRAFT, moved, tree_without
from tests.security.forge import Forge
from tests.security.shooting import Target
from tests.servers import git, require
from vaultkit import Vault
from vaultkit.core.git.tree import Oid

Pull = Callable[[Target], None]
Attack = Callable[[Forge], Oid]


@pytest.fixture
def target(tmp_path: Path) -> Target:
    require("git")
    return Target(tmp_path)


def by_remote(target: Target) -> None:
    """`git pull` from a remote of some name."""
    git("remote", "add", "backup", target.remote, cwd=target.root)
    git("pull", "-q", "--ff-only", "backup", "main", cwd=target.root)


def by_address(target: Target) -> None:
    """`git pull` with an address: only FETCH_HEAD tells."""
    git("pull", "-q", "--ff-only", target.remote, "main", cwd=target.root)


def by_another_repository(target: Target) -> None:
    """A program with a git folder of its own, elsewhere, and this folder as its work tree."""
    elsewhere = target.folder / "elsewhere.git"
    git("clone", "-q", "--bare", target.remote, elsewhere)
    git(f"--git-dir={elsewhere}", f"--work-tree={target.root}", "checkout", "-qf", "main", "--", ".")
    removed = git(
        "diff", "--name-only", "--no-renames", "--diff-filter=D", "main~1", "main", cwd=target.remote
    )
    for path in removed.splitlines():
        (target.root / path).unlink()


def forge(forge: Forge) -> Oid:
    return forge.commit(moved(forge))


def forge_and_take_back(forge: Forge) -> Oid:
    """What was checked out is not what the branch holds any more when vaultkit looks."""
    return forge.commit(forge.tree(), parents=[forge.commit(moved(forge))])


def forge_as_program(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Approved=[forge.note("draft.md", DRAFT, "100755")]))


def remove_approved(forge: Forge) -> Oid:
    return forge.commit(tree_without(forge, b"Approved", b"decided.md"))


def edit_notes(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Notes=[forge.note("mine.md", "not the person's words\n")]))


ATTACKS = {
    "moved": forge,
    "as a program": forge_as_program,
    "removed": remove_approved,
    "edited": edit_notes,
}
PULLS = {"remote": by_remote, "address": by_address, "another repository": by_another_repository}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("pull", PULLS.values(), ids=PULLS)
def test_what_a_pull_brings_is_judged_as_incoming(target: Target, pull: Pull, attack: Attack) -> None:
    """The disk is put right, the violation is shown, and Local signs nothing of it, then or later."""
    before = target.notes()
    maker = target.forge()
    target.publish(attack(maker))
    pull(target)
    assert target.notes() != before
    with Vault.open(target.root) as vault:
        report = vault.sync()
        assert report.in_step, report
        assert report.violations
        marker = {f"Updates/{maker.marker}.md": f"{maker.marker}\n".encode()}
        assert target.notes() == before | marker
        assert not report.conflicts
        (target.root / "Notes/later.md").write_text("an honest note\n")
        vault.sync()
        assert target.notes() == before | marker | {"Notes/later.md": b"an honest note\n"}
    listed = git("ls-tree", "-r", "--name-only", "-z", "main", cwd=target.remote).split("\0")[:-1]
    assert set(listed) == set(target.notes())


@pytest.mark.parametrize("pull", [by_remote, by_address])
def test_what_was_pulled_and_then_taken_back_is_still_incoming(target: Target, pull: Pull) -> None:
    """The attacker publishes a forged approval, git pulls it, the attacker takes it back: nobody approved."""
    before, maker = target.notes(), target.forge()
    forged = maker.commit(moved(maker))
    target.publish(forged)
    pull(target)
    target.publish(maker.commit(maker.tree(), parents=[forged]))
    with Vault.open(target.root) as vault:
        report = vault.sync()
        assert report.in_step
        assert [v.path for v in report.violations] == ["Approved/draft.md", "Pending_Approval/draft.md"]
    assert target.notes() == before | {f"Updates/{maker.marker}.md": f"{maker.marker}\n".encode()}


def test_a_pull_while_the_remote_cannot_be_reached_waits(target: Target) -> None:
    """Offline, what was pulled is neither committed nor removed; once the remote answers it is judged."""
    before, maker = target.notes(), target.forge()
    target.publish(maker.commit(moved(maker)))
    by_remote(target)
    with Vault.open(target.root) as vault:
        head = vault.head()
        vault.sync(offline=True)
        vault.sync(offline=True)
        assert vault.head() == head
        assert vault.sync().in_step
    assert target.notes() == before | {f"Updates/{maker.marker}.md": f"{maker.marker}\n".encode()}


def test_the_person_may_do_just_what_somebody_forged(target: Target) -> None:
    """After the forged approval was refused, the person approves the same draft: that counts everywhere."""
    maker = target.forge()
    target.publish(maker.commit(moved(maker)))
    with Vault.open(target.root) as vault:
        assert vault.sync().violations
        (target.root / "Pending_Approval/draft.md").rename(target.root / "Approved/draft.md")
        report = vault.sync()
        assert report.in_step
        assert not report.violations
        assert (target.root / "Approved/draft.md").exists()
    with Vault.open(target.folder / "Cloud") as cloud:
        cloud.sync()
        assert (target.folder / "Cloud/Approved/draft.md").exists()
        assert not (target.folder / "Cloud/Pending_Approval/draft.md").exists()


def test_what_the_person_commits_with_git_is_the_persons(target: Target) -> None:
    """obsidian-git commits the person's words, unsigned, and pushes them: they stay, and Local signs them."""
    note = target.root / "Notes/typed.md"
    note.write_text("typed by the person\n")
    git("add", "Notes/typed.md", cwd=target.root)
    git("commit", "-qm", "vault backup", cwd=target.root)
    git("push", "-q", target.remote, "main", cwd=target.root)
    with Vault.open(target.root) as vault:
        for _ in range(2):
            report = vault.sync()
            assert report.in_step, report
        assert note.read_text() == "typed by the person\n"
    with Vault.open(target.folder / "Cloud") as cloud:
        assert cloud.sync().in_step
        assert (target.folder / "Cloud/Notes/typed.md").read_text() == "typed by the person\n"


def test_a_merge_by_git_of_both_puts_right_only_what_was_forged(target: Target) -> None:
    """The person's own commit and a forged one are merged by git in the vault: each is judged for itself."""
    (target.root / "Notes/typed.md").write_text("typed by the person\n")
    git("add", "Notes/typed.md", cwd=target.root)
    git("commit", "-qm", "vault backup", cwd=target.root)
    before, maker = target.notes(), target.forge()
    target.publish(maker.commit(moved(maker)))
    git("pull", "-q", "--no-rebase", "--no-edit", target.remote, "main", cwd=target.root)
    with Vault.open(target.root) as vault:
        assert vault.sync().in_step
    assert target.notes() == before | {f"Updates/{maker.marker}.md": f"{maker.marker}\n".encode()}


def test_a_hostile_pull_into_a_vault_whose_records_are_lost(target: Target) -> None:
    """state.db is gone when vaultkit finds what git has pulled: it judges anew from where trust begins."""
    before, maker = target.notes(), target.forge()
    target.publish(maker.commit(moved(maker)))
    by_remote(target)
    git("update-ref", "refs/remotes/origin/main", "HEAD", cwd=target.root)
    for leftover in (target.root / ".vaultkit").glob("state.db*"):
        leftover.unlink()
    with Vault.open(target.root) as vault:
        vault.sync()
        assert vault.sync().in_step
    assert target.notes() == before | {f"Updates/{maker.marker}.md": f"{maker.marker}\n".encode()}
    assert (target.root / "Approved/decided.md").read_bytes() == DECIDED


def test_an_old_state_of_a_note_typed_again_is_a_gesture(target: Target) -> None:
    """A person may bring back words that some commit once had, also one that git fetched: they are typed."""
    with Vault.open(target.root) as vault:
        note = target.root / "Notes/mine.md"
        first = note.read_bytes()
        note.write_bytes(b"second\n")
        vault.sync()
        by_address(target)
        note.write_bytes(b"third\n")
        vault.sync()
        note.write_bytes(b"second\n")
        vault.sync()
        assert note.read_bytes() == b"second\n"
        note.write_bytes(first)
        vault.sync()
        assert note.read_bytes() == first
    assert os.path.exists(target.root / ".git/FETCH_HEAD")
