"""The six faults of the script versions of this system, each through real processes and a bare remote."""

from __future__ import annotations

from pathlib import Path

from dulwich.object_store import iter_tree_contents
from dulwich.repo import Repo

from tests.desk import Desk, drag, put, run, start, text, wait_until

DRAFT = "Pending_Approval/email/reply.md"
APPROVED = "Approved/email/reply.md"


def published(remote: Path) -> set[str]:
    """Every path in every commit that the remote holds."""
    repo = Repo(str(remote))
    try:
        walker = repo.get_walker(include=[repo.refs[b"refs/heads/main"]])
        trees = {entry.commit.tree for entry in walker}
        return {
            e.path.decode() for tree in trees for e in iter_tree_contents(repo.object_store, tree) if e.path
        }
    finally:
        repo.close()


def test_1_an_approved_draft_is_gone_from_pending_on_both_sides(tmp_path: Path) -> None:
    """Approving removes the pending draft everywhere, so that it cannot be approved a second time."""
    with Desk(tmp_path) as desk:
        desk.watch()
        put(desk.cloud / DRAFT, "---\nto: ada@example.org\n---\nYes.\n")
        wait_until((desk.local / DRAFT).exists, "the draft at Local")
        drag(desk.local, DRAFT, APPROVED)
        wait_until(lambda: "status: approved" in text(desk.cloud / APPROVED), "the approval at Cloud")
        # What arrives is written before what left is taken away, so that a kill between them loses nothing.
        wait_until(lambda: not (desk.cloud / DRAFT).exists(), "the draft gone at Cloud")
        assert not (desk.local / DRAFT).exists()
        assert run(desk.local, "approve", "reply.md").returncode == 1
        assert "approved_by: local_agent" in text(desk.local / APPROVED)


def test_2_a_task_claimed_by_two_has_one_owner_and_one_copy(tmp_path: Path) -> None:
    """Of two claims at the same time one succeeds, the other is told who did; one copy is left."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Needs_Action/task.md", "Do it.\n")
        desk.sync()
        claims = [start(vault, "claim", "task.md") for vault in (desk.local, desk.cloud)]
        said = [claim.communicate(timeout=120)[1] for claim in claims]
        codes = [claim.returncode for claim in claims]
        assert sorted(codes) == [0, 4], said
        winner = ("local_agent", "cloud_agent")[codes.index(0)]
        assert winner in said[codes.index(4)]
        desk.sync()
        for vault in (desk.local, desk.cloud):
            copies = [p.relative_to(vault).as_posix() for p in vault.rglob("task*.md")]
            assert copies == [f"In_Progress/{winner}/task.md"]
            assert f"owner: {winner}" in text(vault / copies[0])


def test_3_a_claimed_task_is_in_the_remote_at_its_new_place(tmp_path: Path) -> None:
    """A claim publishes both ends of the move: the task never vanishes from the remote."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Needs_Action/email/task.md", "Do it.\n")
        desk.sync()
        assert run(desk.cloud, "claim", "task.md").returncode == 0
        repo = Repo(str(desk.remote))
        tree = repo[repo.refs[b"refs/heads/main"]].tree
        paths = {entry.path for entry in iter_tree_contents(repo.object_store, tree)}
        repo.close()
        assert b"In_Progress/cloud_agent/email/task.md" in paths
        assert b"Needs_Action/email/task.md" not in paths


def test_4_a_push_that_came_second_recovers_by_itself(tmp_path: Path) -> None:
    """Both sides changed things while apart; each cycle after that finds the way, without a hand."""
    with Desk(tmp_path) as desk:
        for round_ in range(3):
            put(desk.local / f"Notes/local{round_}.md", "by local\n")
            put(desk.cloud / f"Updates/cloud{round_}.md", "by cloud\n")
            syncs = [start(vault, "sync") for vault in (desk.local, desk.cloud)]
            assert [sync.wait(60) for sync in syncs] == [0, 0], [sync.stderr.read() for sync in syncs]  # type: ignore[union-attr]
            for sync in syncs:
                sync.communicate()
        desk.sync()
        for round_ in range(3):
            assert text(desk.cloud / f"Notes/local{round_}.md") == "by local\n"
            assert text(desk.local / f"Updates/cloud{round_}.md") == "by cloud\n"


def test_4b_a_remote_that_was_away_is_caught_up_with(tmp_path: Path) -> None:
    """While the remote is not there work goes on, and when it is back everything is sent."""
    with Desk(tmp_path) as desk:
        desk.watch()
        desk.remote.rename(tmp_path / "away.git")
        put(desk.cloud / "Updates/meanwhile.md", "written offline\n")
        wait_until(lambda: "no git repository" in text(tmp_path / "Cloud.log"), "Cloud notices")
        (tmp_path / "away.git").rename(desk.remote)
        wait_until((desk.local / "Updates/meanwhile.md").exists, "it arrives", 60)


def test_5_a_late_edit_never_slips_into_an_approved_draft(tmp_path: Path) -> None:
    """Cloud changes the recipient after the person approved: the approved stays, the edit is set aside."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / DRAFT, "---\nto: ada@example.org\n---\nYes.\n")
        desk.sync()
        put(desk.cloud / DRAFT, "---\nto: eve@example.org\n---\nYes.\n")
        assert run(desk.local, "approve", "reply.md").returncode == 0
        desk.sync(desk.cloud, desk.local, desk.cloud)
        for vault in (desk.local, desk.cloud):
            assert "to: ada@example.org" in text(vault / APPROVED)
            assert "eve@" not in text(vault / APPROVED)
            assert not (vault / DRAFT).exists()
            copies = list((vault / "Conflicts").rglob("*.md"))
            assert ["to: eve@example.org" in text(copy) for copy in copies] == [True]
        assert desk.status(desk.cloud)["conflicts"][0]["path"] == DRAFT


def test_5b_an_edit_that_was_published_first_is_no_part_of_the_approval(tmp_path: Path) -> None:
    """Cloud's edit reaches the remote before the approval, yet what is approved is what the person saw."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / DRAFT, "---\nto: ada@example.org\n---\nYes.\n")
        desk.sync()
        put(desk.cloud / DRAFT, "---\nto: eve@example.org\n---\nYes.\n")
        desk.sync(desk.cloud)
        drag(desk.local, DRAFT, APPROVED)
        desk.sync()
        for vault in (desk.local, desk.cloud):
            assert "to: ada@example.org" in text(vault / APPROVED)
            assert not (vault / DRAFT).exists()
        assert desk.status(desk.local)["conflicts"]


def test_6_secrets_stay_by_name_and_are_named(tmp_path: Path) -> None:
    """Tokens, keys, sessions and `.env` files never enter a commit; the status names them and the rule."""
    secrets = [
        ".env",
        ".env.local",
        "token.json",
        "credentials.json",
        "Notes/id_ed25519",
        "whatsapp_session/creds.json",
        ".wwebjs_auth/session/a.md",
        "banking_creds/bank.md",
        "payment_tokens/card.md",
        "api_keys/openai.md",
        "secrets/plan.md",
    ]
    with Desk(tmp_path) as desk:
        for name in secrets:
            put(desk.local / name, "made up for this test\n")
        put(desk.local / "Notes/harmless.md", "this one goes\n")
        desk.sync()
        assert "Notes/harmless.md" in published(desk.remote)
        assert not published(desk.remote) & set(secrets)
        held = {h["path"]: h["rule"] for h in desk.status(desk.local)["held"]}
        for name in secrets:
            named = [path for path in held if name == path or name.startswith(f"{path}/")]
            assert [held[path] for path in named] == ["secret-name"], name
            assert (desk.local / name).exists()
