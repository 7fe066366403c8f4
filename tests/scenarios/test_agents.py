"""Keys and trust, by real processes: pairing, refusing, renewing, revoking; git judges the signatures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text, wait_until
from tests.servers import git
from vaultkit import KeyPlace, init_vault, join_vault
from vaultkit.core.rules.pairing import read_pairing, write_pairing


def agents(vault: Path) -> dict[str, dict[str, object]]:
    found = json.loads(run(vault, "agents", "list", "--json").stdout)["agents"]
    return {agent["name"]: agent for agent in found}


@pytest.fixture
def unpaired(tmp_path: Path) -> tuple[Path, Path]:
    """Local and Cloud, before anybody trusts Cloud's key."""
    keys = KeyPlace(tmp_path / "home")
    remote = str(tmp_path / "r.git")
    init_vault(tmp_path / "Local", "local_agent", human=True, remote=remote, keys=keys).close()
    join_vault(remote, tmp_path / "Cloud", "cloud_agent", keys=keys).close()
    return tmp_path / "Local", tmp_path / "Cloud"


def test_nothing_leaves_a_machine_nobody_trusts_yet(unpaired: tuple[Path, Path]) -> None:
    """What it writes is held and named; once its key is trusted it goes, without anything done there."""
    local, cloud = unpaired
    put(cloud / "Updates/early.md", "written too early\n")
    done = run(cloud, "sync")
    assert done.returncode == 3
    assert "not trusted" in done.stderr
    assert "UNTRUSTED" in run(cloud, "status").stdout
    line = run(cloud, "agents", "show", "--line").stdout.strip()
    added = run(local, "agents", "add", line)
    assert added.returncode == 0, added.stderr
    assert "Needs_Action/**" in added.stdout
    assert run(cloud, "sync").returncode == 0
    run(local, "sync")
    assert text(local / "Updates/early.md") == "written too early\n"
    assert run(cloud, "status").returncode == 0


def test_a_watching_machine_sends_as_soon_as_it_is_trusted(tmp_path: Path) -> None:
    """`vaultkit watch` notices the new policy by itself and sends what it held."""
    with Desk(tmp_path) as desk:
        third = tmp_path / "Third"
        joined = run(
            tmp_path, "join", desk.url, str(third), "--agent", "phone_agent", VAULTKIT_HOME=str(tmp_path)
        )
        assert "does not know phone_agent" in joined.stdout
        line = re.search(r"agents add (\S+)", joined.stdout)
        assert line
        put(third / "Needs_Action/idea.md", "an idea\n")
        desk.watch(third, desk.local)
        assert "In_Progress/phone_agent/**" in run(desk.local, "agents", "add", line[1]).stdout
        policy = text(desk.local / "vaultkit.yaml")
        zone = 'path: "Needs_Action/**",        write: ['
        assert zone in policy
        put(desk.local / "vaultkit.yaml", policy.replace(zone, f"{zone}phone_agent, "))
        wait_until((desk.local / "Needs_Action/idea.md").exists, "the held task arrives")


def test_git_verifies_every_commit(tmp_path: Path) -> None:
    """With the printed allowed-signers file git calls every commit's signature good, also after a renewal."""
    with Desk(tmp_path) as desk:
        put(desk.local / "Notes/a.md", "a\n")
        put(desk.cloud / "Updates/b.md", "b\n")
        desk.sync()
        assert run(desk.local, "agents", "rotate", VAULTKIT_HOME=str(tmp_path / "home")).returncode == 0
        put(desk.local / "Notes/a.md", "again\n")
        desk.sync()
        signers = tmp_path / "signers"
        signers.write_text(run(desk.cloud, "agents", "list", "--allowed-signers").stdout)
        clone = tmp_path / "clone"
        git("clone", "-q", desk.remote, clone)
        verify = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "log", "--format=%G? %GS %GK")
        verdicts = git(*verify, cwd=clone).splitlines()
        assert len(verdicts) >= 5
        assert {verdict.split()[0] for verdict in verdicts} == {"G"}
        assert {verdict.split()[1] for verdict in verdicts} == {"local_agent", "cloud_agent"}
        assert len({verdict.split()[2] for verdict in verdicts}) == 3
        assert git("log", "--format=%an", "-1", cwd=clone).strip() == "local_agent"


def test_a_renewed_key_takes_effect_from_a_commit_on(tmp_path: Path) -> None:
    """A human's new key counts at once; Cloud's once it is trusted, and until then its old key goes on."""
    home = str(tmp_path / "home")
    with Desk(tmp_path) as desk:
        before = agents(desk.local)
        assert run(desk.local, "agents", "rotate", VAULTKIT_HOME=home).returncode == 0
        put(desk.local / "Notes/a.md", "by the new key\n")
        said = run(desk.cloud, "agents", "rotate", VAULTKIT_HOME=home).stdout
        line = re.search(r"agents add (\S+)", said)
        assert line
        put(desk.cloud / "Updates/old.md", "by the old key\n")
        desk.sync()
        assert text(desk.local / "Updates/old.md") == "by the old key\n"
        assert run(desk.local, "agents", "add", line[1]).returncode == 0
        desk.sync()
        put(desk.cloud / "Updates/new.md", "by the new key\n")
        desk.sync()
        assert text(desk.local / "Updates/new.md") == "by the new key\n"
        assert text(desk.cloud / "Notes/a.md") == "by the new key\n"
        after = agents(desk.cloud)
        for name in ("local_agent", "cloud_agent"):
            assert before[name]["fingerprint"] != after[name]["fingerprint"]
        assert after["cloud_agent"]["is_me"]


def test_a_revoked_agent_writes_no_more(tmp_path: Path) -> None:
    """After the revocation what it does is held there and refused here; what it did before stays."""
    with Desk(tmp_path) as desk:
        put(desk.cloud / "Updates/before.md", "before\n")
        desk.sync()
        assert run(desk.local, "agents", "revoke", "cloud_agent").returncode == 0
        put(desk.cloud / "Updates/after.md", "after\n")
        assert run(desk.cloud, "sync").returncode == 3
        desk.sync(desk.local)
        assert text(desk.local / "Updates/before.md") == "before\n"
        assert not (desk.local / "Updates/after.md").exists()
        assert (desk.cloud / "Updates/after.md").exists()
        assert "REVOKED" in run(desk.cloud, "agents", "list").stdout


def test_only_the_persons_machine_decides_who_is_trusted(tmp_path: Path) -> None:
    """Cloud cannot add or revoke anybody; the last human agent cannot be revoked; a wrong line is told."""
    with Desk(tmp_path) as desk:
        line = run(desk.cloud, "agents", "show", "--line").stdout.strip()
        assert run(desk.cloud, "agents", "add", line).returncode == 4
        assert run(desk.cloud, "agents", "revoke", "local_agent").returncode == 4
        assert run(desk.local, "agents", "revoke", "local_agent").returncode == 10
        nobody = run(desk.local, "agents", "revoke", "nope")
        assert (nobody.returncode, "The agents here: local_agent, cloud_agent" in nobody.stderr) == (2, True)
        wrong = run(desk.local, "agents", "add", line[:-1] + ("A" if line[-1] != "A" else "B"))
        assert wrong.returncode == 2
        assert "copy" in wrong.stderr


def test_a_new_name_that_looks_like_another_is_not_trusted(unpaired: tuple[Path, Path]) -> None:
    """A pairing line brings no agent that would be taken for one who is there; a known name may come."""
    local, cloud = unpaired
    before = text(local / "vaultkit.yaml")
    line = run(cloud, "agents", "show", "--line").stdout.strip()
    for name in ("cloud", "c1oud_agent"):
        words = write_pairing(read_pairing(line)._replace(name=name))
        added = run(local, "agents", "add", words)
        assert (added.returncode, "would be taken for cloud_agent" in added.stderr) == (2, True), added.stderr
    assert text(local / "vaultkit.yaml") == before
    assert run(local, "agents", "add", line).returncode == 0


def test_joining_shows_the_same_fingerprint_as_the_persons_machine(tmp_path: Path) -> None:
    """What `join` prints is what `agents list` shows there, and `--expect` takes either fingerprint."""
    with Desk(tmp_path) as desk:
        listed = run(desk.local, "agents", "list").stdout
        prints = re.findall(r"SHA256:[A-Za-z0-9+/]+", listed)
        for number, expected in enumerate(prints[:2]):
            words = (
                "join",
                desk.url,
                str(tmp_path / f"T{number}"),
                "--agent",
                "cloud_agent",
                "--expect",
                expected,
            )
            joined = run(tmp_path, *words, VAULTKIT_HOME=str(tmp_path / "home"))
            assert joined.returncode == 0, joined.stderr
            assert prints[0] in joined.stdout
            assert prints[1] in joined.stdout


def test_a_private_key_never_lies_in_the_vault(tmp_path: Path) -> None:
    """A home inside the vault is refused, and no file of either vault holds a private key."""
    words = ("init", str(tmp_path / "v"), "--agent", "local_agent", "--human")
    refused = run(tmp_path, *words, VAULTKIT_HOME=str(tmp_path / "v" / "keys"))
    assert refused.returncode == 2
    with Desk(tmp_path) as desk:
        desk.sync()
        for root in (desk.local, desk.cloud, desk.remote):
            for file in root.rglob("*"):
                assert not file.is_file() or b"PRIVATE KEY" not in file.read_bytes()


def test_a_lost_key_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    """When the key file is gone, commands say so with its path instead of quietly holding everything."""
    with Desk(tmp_path) as desk:
        for key in (tmp_path / "home" / "keys").glob("cloud_agent-*"):
            key.unlink()
        done = run(desk.cloud, "sync")
        assert done.returncode == 10
        assert "rotate" in done.stderr
