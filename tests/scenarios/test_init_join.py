"""Making vaults: from nothing, from a folder, from a git repository, from a remote; again; and wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.desk import Desk, put, run, text
from tests.servers import git


def init(path: Path, *words: str) -> tuple[int, str, str]:
    done = run(path.parent, "init", str(path), *words)
    return done.returncode, done.stdout, done.stderr


HUMAN = ("--agent", "local_agent", "--human")


def test_init_makes_an_ordinary_repository_on_main(tmp_path: Path) -> None:
    """A new vault has its folders, its policy and one commit on the branch main."""
    code, said, _ = init(tmp_path / "v", *HUMAN)
    assert code == 0
    assert "Open" in said
    assert (tmp_path / "v/Needs_Action").is_dir()
    assert (tmp_path / "v/Pending Approval.base").is_file()
    assert git("symbolic-ref", "HEAD", cwd=tmp_path / "v").strip() == "refs/heads/main"
    assert git("log", "--format=%s", cwd=tmp_path / "v").splitlines() == ["start the vault"]


def test_init_adopts_a_folder_without_touching_its_notes(tmp_path: Path) -> None:
    """Notes that exist stay as they are and go under sync; what is no text stays too, and is named."""
    notes = {
        "Plan.md": b"\xef\xbb\xbf---\r\ntags: [a,  b]\r\n---\r\nbody",
        "Sub/x.md": b"no newline",
        "l.md": b"\xff\xfe",
    }
    for name, data in notes.items():
        (tmp_path / "v" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "v" / name).write_bytes(data)
    put(tmp_path / "v/Dashboard.md", "my own\n")
    assert init(tmp_path / "v", *HUMAN)[0] == 0
    for name, data in notes.items():
        assert (tmp_path / "v" / name).read_bytes() == data
    listed = git("ls-files", *notes, cwd=tmp_path / "v").splitlines()
    assert listed == ["Plan.md", "Sub/x.md"]
    held = json.loads(run(tmp_path / "v", "status", "--json").stdout)["held"]
    assert [(h["path"], h["rule"]) for h in held] == [("l.md", "text")]
    assert text(tmp_path / "v/Dashboard.md") == "my own\n"


def test_init_adopts_a_git_repository_with_its_history(tmp_path: Path) -> None:
    """A repository on `master` keeps its commits, and goes on from them on `main`."""
    root = tmp_path / "v"
    root.mkdir()
    git("init", "-q", "-b", "master", root)
    put(root / "old.md", "old\n")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "long ago", cwd=root)
    assert init(root, *HUMAN, "--remote", str(tmp_path / "r.git"))[0] == 0
    assert git("log", "--format=%s", "main", cwd=tmp_path / "r.git").splitlines() == [
        "start the vault",
        "long ago",
    ]
    assert git("status", "--porcelain", cwd=root) == ""


def test_init_and_join_can_be_repeated(tmp_path: Path) -> None:
    """A second run changes nothing: no file, no commit."""
    with Desk(tmp_path) as desk:
        before = git("rev-parse", "main", cwd=desk.remote)
        files = {p: p.read_bytes() for p in desk.local.glob("*") if p.is_file()}
        assert init(desk.local, *HUMAN, "--remote", desk.url)[0] == 0
        joined = run(tmp_path, "join", desk.url, str(desk.cloud), "--agent", "cloud_agent")
        assert joined.returncode == 0, joined.stderr
        assert git("rev-parse", "main", cwd=desk.remote) == before
        assert {p: p.read_bytes() for p in desk.local.glob("*") if p.is_file()} == files


def test_a_join_that_was_cut_off_is_completed_by_joining_again(tmp_path: Path) -> None:
    """What an interrupted join leaves does not stand in the way of the next one."""
    with Desk(tmp_path) as desk:
        third = tmp_path / "Third"
        (third / ".vaultkit").mkdir(parents=True)
        git("init", "-q", "-b", "main", third)
        assert run(tmp_path, "join", desk.url, str(third), "--agent", "cloud_agent").returncode == 0
        assert (third / "Dashboard.md").is_file()


def test_what_join_prints_works_in_its_order(tmp_path: Path) -> None:
    """The fingerprints are compared before the line that changes the policy, and are the same then."""
    with Desk(tmp_path) as desk:
        home = {"VAULTKIT_HOME": str(tmp_path / "home")}
        words = ("join", desk.url, str(tmp_path / "Third"), "--agent", "mail_agent")
        said = run(tmp_path, *words, **home).stdout
        shown = [line.split()[1:] for line in said.splitlines() if line.startswith("  vaultkit agents ")]
        assert [line[:2] for line in shown] == [["agents", "list"], ["agents", "add"]]
        listed = run(desk.local, *shown[0]).stdout
        marks = [word for word in said.partition("vaultkit agents")[0].split() if word.startswith("SHA256:")]
        assert len(marks) == 2
        assert all(mark in listed for mark in marks)
        assert run(desk.local, *shown[1]).returncode == 0
        assert marks[0] not in run(desk.local, *shown[0]).stdout, "so it has to be compared before"


def test_a_remote_given_later_is_published_to(tmp_path: Path) -> None:
    """A vault that began alone gets its remote by repeating `init`."""
    assert init(tmp_path / "v", *HUMAN)[0] == 0
    assert init(tmp_path / "v", *HUMAN, "--remote", str(tmp_path / "r.git"))[0] == 0
    assert git("log", "--format=%s", "main", cwd=tmp_path / "r.git").splitlines() == ["start the vault"]


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("init", "new", "--agent", "local_agent"), 2, "--human"),
        (("init", "new", "--agent", "cloud_agent", "--remote", "new.git"), 2, "join"),
        (("init", "new", "--agent", "not a name", "--human"), 2, "letters"),
        (("init", "Local", "--agent", "other", "--human"), 2, "agent.yaml"),
        (("init", "new", *HUMAN, "--remote", "r.git"), 2, "join"),
        (("init", "Local/Notes", *HUMAN), 2, "inside the vault {here}/Local\n"),
        (("init", "Local/Needs_Action/deep", *HUMAN), 2, "inside the vault {here}/Local\n"),
        (("join", "r.git", "Local/Copy", "--agent", "cloud_agent"), 2, "inside the vault {here}/Local\n"),
        (("join", "r.git", "full", "--agent", "cloud_agent"), 2, "empty folder"),
        (("join", "r.git", "new", "--agent", "cloud_agent", "--expect", "SHA256:x"), 4, "fingerprint"),
        (("join", "empty.git", "new", "--agent", "cloud_agent"), 10, "init"),
        (("join", "none.git", "new", "--agent", "cloud_agent"), 14, "address"),
        (("join", "ext::sh -c x", "new", "--agent", "cloud_agent"), 2, "https"),
    ],
)
def test_what_does_not_fit_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, hint: str
) -> None:
    """Each wrong call ends with its exit code and a hint, and changes nothing that was there."""
    with Desk(tmp_path):
        put(tmp_path / "full/mine.md", "mine\n")
        git("init", "-q", "--bare", tmp_path / "empty.git")
        monkeypatch.chdir(tmp_path)
        done = run(tmp_path, *words)
        assert (done.returncode, hint.format(here=tmp_path) in done.stderr) == (code, True), done.stderr
        assert not list((tmp_path / "Local").rglob("*/.vaultkit"))
        assert text(tmp_path / "full/mine.md") == "mine\n"
