"""A third agent, by real processes: written into the policy by command, joined, trusted, at work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text
from vaultkit import Vault


def shown(stdout: str, verb: str) -> list[str]:
    """The words of the command that is shown."""
    line = re.search(rf"^  vaultkit ({verb} .*)$", stdout, re.MULTILINE)
    assert line, stdout
    return shlex.split(line[1])


def test_a_third_agent_is_added_joins_and_works(tmp_path: Path) -> None:
    """With the commands shown it joins, claims a task, drafts and publishes; the other two take all of it."""
    with Desk(tmp_path) as desk:
        home = {"VAULTKIT_HOME": str(tmp_path / "home")}
        put(desk.local / "vaultkit.yaml", text(desk.local / "vaultkit.yaml") + "# my own words\n")
        before = text(desk.local / "vaultkit.yaml")
        added = run(desk.local, "agents", "new", "mail_agent", "--like", "cloud_agent")
        assert added.returncode == 0, added.stderr
        assert "Needs_Action/**" in added.stdout
        assert "Not published" not in added.stdout
        after = text(desk.local / "vaultkit.yaml")
        assert after.replace("mail_agent: {}\n  ", "").replace(", mail_agent", "") == before
        assert (desk.local / "In_Progress/mail_agent").is_dir()
        third = tmp_path / "Third"
        words = [str(third) if word == "PATH" else word for word in shown(added.stdout, "join")]
        joined = run(tmp_path, *words, **home)
        assert joined.returncode == 0, joined.stderr
        assert "does not know" not in joined.stdout
        trusted = run(desk.local, *shown(joined.stdout, "agents add"))
        assert trusted.returncode == 0, trusted.stderr
        put(desk.local / "Needs_Action/email/t.md", "Do it.\n")
        desk.sync(desk.local, third)
        claimed = run(third, "claim", "t.md")
        assert claimed.returncode == 0, claimed.stderr
        put(third / "Pending_Approval/email/t.md", "Dear Ada.\n")
        assert run(third, "sync").returncode == 0
        desk.sync(desk.local, desk.cloud)
        for vault in (desk.local, desk.cloud):
            assert "Do it." in text(vault / "In_Progress/mail_agent/email/t.md")
            assert text(vault / "Pending_Approval/email/t.md").endswith("Dear Ada.\n")
            assert not (vault / "Needs_Action/email/t.md").exists()
            assert desk.status(vault)["violations"] == []
        lost = run(desk.cloud, "claim", "t.md")
        assert (lost.returncode, "mail_agent" in lost.stderr) == (4, True)
        put(third / "Approved/email/t.md", "Dear Ada.\n")
        assert run(third, "sync").returncode == 3, "it may not approve"


def test_who_joined_first_gets_its_rights_with_its_key(tmp_path: Path) -> None:
    """`agents add LINE --like AGENT` does both in one change."""
    with Desk(tmp_path) as desk:
        home, third = {"VAULTKIT_HOME": str(tmp_path / "home")}, tmp_path / "Third"
        joined = run(tmp_path, "join", desk.url, str(third), "--agent", "mail_agent", **home)
        line = shown(joined.stdout, "agents add")
        assert run(desk.local, *line, "--like", "local_agent").returncode == 2
        added = run(desk.local, *line, "--like", "cloud_agent")
        assert (added.returncode, "Plans/**" in added.stdout) == (0, True), added.stderr
        put(third / "Plans/p.md", "a plan\n")
        desk.sync(third, desk.cloud)
        assert text(desk.cloud / "Plans/p.md") == "a plan\n"
        with Vault.open(desk.local) as vault:
            messages = [entry.message for entry in vault.history("vaultkit.yaml")]
        assert [words for words in messages if "mail_agent" in words] == [
            "trust mail_agent, like cloud_agent"
        ]


REFUSED = (
    (("cloud_agent", "--like", "cloud_agent"), 2, "there is an agent cloud_agent already"),
    (("cloud", "--like", "cloud_agent"), 2, "would be taken for cloud_agent"),
    (("no name", "--like", "cloud_agent"), 2, "letters, digits"),
    (("mail_agent", "--like", "clod_agent"), 2, "clod_agent\n  The agents here: local_agent, cloud_agent.\n"),
    (("mail_agent", "--like", "local_agent"), 2, "may approve"),
    (("mail_agent",), 2, "--like"),
)


@pytest.mark.parametrize(("words", "code", "told"), REFUSED, ids=[words[0] for words, _, _ in REFUSED])
def test_what_makes_no_sense_is_said_and_changes_nothing(
    desk: Desk, words: tuple[str, ...], code: int, told: str
) -> None:
    """Each mistake has its words, and `vaultkit.yaml` stays as it was."""
    before = text(desk.local / "vaultkit.yaml")
    done = run(desk.local, "agents", "new", *words)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert text(desk.local / "vaultkit.yaml") == before


def test_only_the_persons_machine_adds_agents(desk: Desk) -> None:
    """Cloud may not change the policy, and is told whose machine may."""
    before = text(desk.cloud / "vaultkit.yaml")
    done = run(desk.cloud, "agents", "new", "mail_agent", "--like", "cloud_agent")
    assert (done.returncode, "local_agent" in done.stderr) == (4, True), done.stderr
    assert text(desk.cloud / "vaultkit.yaml") == before


def test_a_second_machine_of_the_persons_gets_a_persons_rights(desk: Desk) -> None:
    """With `--human` it may do what the person's first machine may; `executor` says who acts."""
    done = run(desk.local, "agents", "new", "laptop", "--like", "local_agent", "--human")
    assert done.returncode == 0, done.stderr
    assert "Approved/**" in done.stdout
    assert "  laptop: {human: true}" in text(desk.local / "vaultkit.yaml")
