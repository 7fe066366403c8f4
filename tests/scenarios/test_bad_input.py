"""Bad input: a clear error, nothing lost, no traceback (`tests.desk.run` looks for one each time)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.desk import Desk, drag, put, run, start, text, wait_until
from tests.servers import GitHttpServer, free_port, make_bare
from vaultkit.effects.lock import VaultLock


def test_a_folder_that_is_no_vault(tmp_path: Path) -> None:
    """Every command says so, with exit code 10 and how to make one."""
    for words in (("sync",), ("status",), ("watch",), ("claim", "x"), ("approve", "x"), ("done", "x")):
        done = run(tmp_path, *words)
        assert done.returncode == 10
        assert "vaultkit init" in done.stderr


def test_a_wrong_password_a_dead_server_and_a_missing_repository_differ(tmp_path: Path) -> None:
    """Each failure of a remote has its own exit code, and no output holds the password."""
    make_bare(tmp_path / "r.git")
    with GitHttpServer(tmp_path, "ada", "right-one") as server:
        right = {"VAULTKIT_USERNAME": "ada", "VAULTKIT_PASSWORD": "right-one"}
        vault = tmp_path / "v"
        url = server.url("r.git")
        made = run(
            tmp_path, "init", str(vault), "--agent", "local_agent", "--human", "--remote", url, **right
        )
        assert made.returncode == 0, made.stderr
        put(vault / "a.md", "kept\n")
        wrong = run(vault, "sync", VAULTKIT_USERNAME="ada", VAULTKIT_PASSWORD="wrong-one")
        assert wrong.returncode == 12
        assert "wrong-one" not in wrong.stdout + wrong.stderr
        (tmp_path / "r.git").rename(tmp_path / "away.git")
        assert run(vault, "sync", **right).returncode == 14
        (tmp_path / "away.git").rename(tmp_path / "r.git")
        assert run(vault, "sync", **right).returncode == 0
    assert run(vault, "sync", **right).returncode == 13
    written = b"".join(p.read_bytes() for p in (vault / ".vaultkit").rglob("*") if p.is_file())
    written += b"".join(p.read_bytes() for p in (vault / ".git").glob("*") if p.is_file())
    assert b"right-one" not in written


def test_a_push_that_the_server_refuses(tmp_path: Path) -> None:
    """A hook's refusal is told with its words and exit code 15; the work stays committed here."""
    bare = make_bare(tmp_path / "r.git")
    with GitHttpServer(tmp_path) as server, Desk(tmp_path, server.url("r.git")) as desk:
        hook = bare / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'only on weekdays' >&2\nexit 1\n")
        hook.chmod(0o755)
        put(desk.local / "Notes/a.md", "kept\n")
        done = run(desk.local, "sync")
        assert done.returncode == 15
        assert "only on weekdays" in done.stderr
        hook.unlink()
        desk.sync()
        assert text(desk.cloud / "Notes/a.md") == "kept\n"


def test_an_address_where_nobody_listens(tmp_path: Path) -> None:
    """`init` with a remote that cannot be reached says so and leaves the folder usable."""
    url = f"http://127.0.0.1:{free_port()}/r.git"
    done = run(tmp_path, "init", str(tmp_path / "v"), "--agent", "local_agent", "--human", "--remote", url)
    assert done.returncode == 13
    assert run(tmp_path, "init", str(tmp_path / "v"), "--agent", "local_agent", "--human").returncode == 0


def test_a_mistake_in_the_policy_is_told_by_line_and_the_old_one_stays(tmp_path: Path) -> None:
    """The error names file, line, key and a suggestion; notes keep syncing under the policy before."""
    with Desk(tmp_path) as desk:
        policy = desk.local / "vaultkit.yaml"
        broken = policy.read_text("utf-8").replace("executor:", "executer:")
        line = next(n for n, words in enumerate(broken.splitlines(), 1) if words.startswith("executer"))
        policy.write_text(broken, "utf-8")
        put(desk.local / "Notes/a.md", "goes on\n")
        done = run(desk.local, "sync")
        assert done.returncode == 3
        for words in ("vaultkit.yaml", f"line {line}", "executer", "Did you mean `executor`?"):
            assert words in done.stderr
        assert f"held: vaultkit.yaml: line {line}: " in done.stderr, "the file is named once"
        desk.sync()
        assert text(desk.cloud / "Notes/a.md") == "goes on\n"
        assert "executor" in text(desk.cloud / "vaultkit.yaml")
        assert policy.read_text("utf-8") == broken


def test_a_folder_that_the_zones_forgot_is_named(tmp_path: Path) -> None:
    """Renamed under `workflow:` alone, it is told by `sync`, `status` and, once, by `watch`."""
    with Desk(tmp_path) as desk:
        policy = desk.local / "vaultkit.yaml"
        mended = policy.read_text("utf-8").replace("needs_action: Needs_Action", "needs_action: Aufgaben")
        put(policy, mended)
        words = "no zone names Aufgaben/ (`needs_action`), so no agent but a person's may write there"
        assert words in run(desk.local, "sync").stderr
        desk.sync()
        for vault in (desk.local, desk.cloud):
            assert words in run(vault, "status").stdout
        desk.watch(desk.cloud)
        wait_until(lambda: words in text(tmp_path / "Cloud.log"))
        put(policy, mended.replace("Needs_Action/**", "Aufgaben/**"))
        assert words not in run(desk.local, "sync").stderr
        assert "ZONES" not in run(desk.local, "status").stdout
        wait_until(lambda: "zones: works again" in text(tmp_path / "Cloud.log"))
        desk.stop(desk.cloud)
        assert text(tmp_path / "Cloud.log").count(words) == 1


@pytest.mark.parametrize("content", ["agent: [", "agnt: x\n", "", "hooks: claim\nagent: local_agent\n"])
def test_a_broken_machine_file_is_an_error_with_its_name(tmp_path: Path, content: str) -> None:
    """What is wrong in `.vaultkit/agent.yaml` is said, and nothing happens to the notes."""
    with Desk(tmp_path) as desk:
        (desk.local / ".vaultkit/agent.yaml").write_text(content)
        done = run(desk.local, "sync")
        assert done.returncode in (1, 10)
        assert "agent.yaml" in done.stderr


def test_broken_frontmatter_syncs_as_bytes_and_is_reported(tmp_path: Path) -> None:
    """Such a note travels, is named by the status, and is never rewritten, even by an approval."""
    data = b"---\nto: [unclosed\n---\nBody \xe2\x80\x93 kept.\r\n"
    with Desk(tmp_path) as desk:
        (desk.cloud / "Pending_Approval/odd.md").write_bytes(data)
        desk.sync()
        assert (desk.local / "Pending_Approval/odd.md").read_bytes() == data
        assert "Pending_Approval/odd.md" in json.loads(run(desk.local, "status", "--json").stdout)["broken"]
        drag(desk.local, "Pending_Approval/odd.md", "Approved/odd.md")
        desk.sync()
        assert (desk.local / "Approved/odd.md").read_bytes() == data
        assert (desk.cloud / "Approved/odd.md").read_bytes() == data


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_not_utf8_is_held_and_stops_nothing(tmp_path: Path) -> None:
    """The note stays on the disk, the status names it, and everything else syncs."""
    with Desk(tmp_path) as desk:
        odd = os.path.join(os.fsencode(desk.local), b"caf\xe9.md")
        with open(odd, "wb") as file:
            file.write(b"kept\n")
        put(desk.local / "Notes/a.md", "goes on\n")
        assert "held: caf" in run(desk.local, "sync").stderr
        desk.sync(desk.cloud)
        assert text(desk.cloud / "Notes/a.md") == "goes on\n"
        assert [h["rule"] for h in desk.status(desk.local)["held"]] == ["name"]
        assert run(desk.local, "status").returncode == 3
        assert os.path.exists(odd)


def test_a_read_only_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    """When the vault cannot be written, commands fail with the reason; later everything arrives."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / "Updates/news.md", "news\n")
        desk.sync(desk.cloud)
        if subprocess.run(
            ["mount", "--bind", str(desk.local), str(desk.local)], check=False, capture_output=True
        ).returncode:
            pytest.skip("making a folder read-only for root needs the right to mount")
        try:
            subprocess.run(
                ["mount", "-o", "remount,ro,bind", str(desk.local)], check=True, capture_output=True
            )
            done = run(desk.local, "sync")
            assert done.returncode not in (0, 70), done.stderr
            assert "read-only" in done.stderr.lower() or "readonly" in done.stderr.lower()
        finally:
            subprocess.run(["umount", str(desk.local)], check=True, capture_output=True)
        desk.sync()
        assert text(desk.local / "Updates/news.md") == "news\n"


def test_a_second_watch_and_a_held_lock_are_told(tmp_path: Path) -> None:
    """One process watches a vault; another is told which one it is, with exit code 11."""
    with Desk(tmp_path) as desk:
        desk.watch(desk.local)
        second = start(desk.local, "watch")
        _, said = second.communicate(timeout=120)
        assert second.returncode == 11
        assert "process" in said
        assert "watching" not in said
        assert desk.status(desk.local)["watching"] is True
        assert desk.stop(desk.local) == 0


def test_a_command_waits_for_a_busy_vault_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process holds the vault, a call ends with VaultBusy after its patience."""
    from vaultkit import Vault, VaultBusy

    with Desk(tmp_path) as desk, Vault.open(desk.local) as vault:
        lock = VaultLock(str(desk.local / ".vaultkit/lock"))
        lock.acquire(5)
        vault.lock_seconds = 0.1
        with pytest.raises(VaultBusy):
            vault.sync()
        lock.release()
        assert vault.sync().in_step


def test_what_an_agent_may_not_do_is_refused_before_anything_moves(tmp_path: Path) -> None:
    """Cloud cannot approve: exit code 4, the draft stays where it was."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / "Pending_Approval/x.md", "Draft.\n")
        desk.sync()
        done = run(desk.cloud, "approve", "x.md")
        assert done.returncode == 4
        assert "zone" in done.stderr
        assert (desk.cloud / "Pending_Approval/x.md").exists()
        assert not (desk.cloud / "Approved/x.md").exists()


def test_a_mass_deletion_waits_for_a_person(tmp_path: Path) -> None:
    """Many notes gone at once stay in the remote until a person says that it was meant."""
    with Desk(tmp_path) as desk:
        for n in range(80):
            put(desk.local / f"Notes/{n}.md", f"{n}\n")
        desk.sync()
        for n in range(80):
            (desk.local / f"Notes/{n}.md").unlink()
        assert run(desk.local, "sync").returncode == 3
        desk.sync(desk.cloud)
        assert len(list((desk.cloud / "Notes").glob("*.md"))) == 80
        assert run(desk.local, "sync", "--allow-deletions").returncode == 0
        assert run(desk.cloud, "sync").returncode == 3
        assert run(desk.cloud, "sync", "--allow-deletions").returncode == 0
        assert not list(desk.cloud.glob("Notes/*.md"))


def test_the_watcher_stops_cleanly_and_survives_a_kill(tmp_path: Path) -> None:
    """After kill -9 in the middle of work a restarted watch carries on and loses nothing."""
    with Desk(tmp_path) as desk:
        desk.watch()
        for n in range(30):
            put(desk.local / f"Notes/{n}.md", f"note {n}\n")
        wait_until(lambda: list(desk.cloud.glob("Notes/*.md")))
        desk.kill(desk.cloud)
        desk.kill(desk.local)
        desk.watch()
        wait_until(lambda: len(list(desk.cloud.glob("Notes/*.md"))) == 30, "all arrive", 60)
        for n in range(30):
            wait_until(lambda n=n: text(desk.cloud / f"Notes/{n}.md") == f"note {n}\n")
        assert desk.stop(desk.local) == 0
        assert desk.stop(desk.cloud) == 0
