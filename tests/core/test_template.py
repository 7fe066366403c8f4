"""The default template: its policy gives each agent exactly the rights the story needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

from vaultkit.bundled import bundled
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.workflow import DEFAULT_FOLDERS
from vaultkit.core.text.yaml_events import parse_document, plain

HUMAN, WORKER = "local_agent", "cloud_agent"


def template(name: str) -> str:
    text = (bundled("templates/platinum") / name).read_text("utf-8")
    return fill_template(text, HUMAN, WORKER)


def policy_of(text: str) -> Policy:
    return read_policy(text.encode())


POLICY = policy_of(template("vaultkit.yaml"))

# path, the rights of each: w writes, a only adds, - nothing
RIGHTS = [
    ("Dashboard.md", "w", "-"),
    ("Needs_Action/email/x.md", "w", "w"),
    ("In_Progress/cloud_agent/x.md", "w", "w"),
    ("In_Progress/cloud/x.md", "w", "w"),
    ("In_Progress/local_agent/x.md", "w", "-"),
    ("Plans/email/x.md", "w", "w"),
    ("Pending_Approval/email/x.md", "w", "w"),
    ("Approved/email/x.md", "w", "-"),
    ("approved/email/x.md", "w", "-"),
    ("Rejected/x.md", "w", "-"),
    ("Done/x.md", "w", "a"),
    ("Updates/x.md", "w", "w"),
    ("Signals/x.md", "w", "w"),
    ("Conflicts/Done/x (cloud_agent).md", "w", "a"),
    ("Logs/x.md", "w", "-"),
    ("Journal/today.md", "w", "-"),
    ("My tasks.base", "w", "-"),
    ("vaultkit.yaml", "w", "-"),
    (".gitignore", "w", "-"),
]


def rights(policy: Policy, agent: str, path: str) -> str:
    if policy.may(agent, path, adds=False):
        return "w"
    return "a" if policy.may(agent, path, adds=True) else "-"


@pytest.mark.parametrize(("path", "human", "worker"), RIGHTS)
def test_rights(path: str, human: str, worker: str) -> None:
    """The person may write everything, the worker only its own part, a stranger nothing."""
    assert rights(POLICY, HUMAN, path) == human
    assert rights(POLICY, WORKER, path) == worker
    assert rights(POLICY, "phone", path) == "-"


def test_phone() -> None:
    """The commented line, once uncommented, makes an agent that may write nothing until it is given zones."""
    policy = policy_of(template("vaultkit.yaml").replace("# phone:", "phone:"))
    assert policy.unsigned_agent == "phone"
    assert {rights(policy, "phone", path) for path, _, _ in RIGHTS} == {"-", "a"}
    assert rights(policy, "phone", "Conflicts/x.md") == "a"


def test_settings() -> None:
    """The template spells out the defaults, so that a newcomer sees them."""
    bare = policy_of("vaultkit: 1\nagents: {me: {human: true}}\nzones: []\n")
    assert POLICY.sync == bare.sync
    assert POLICY.workflow.folders == DEFAULT_FOLDERS
    assert POLICY.executor == HUMAN
    assert POLICY.humans == {HUMAN}


def test_other_names() -> None:
    """The agents may have other names."""
    text = (bundled("templates/platinum") / "vaultkit.yaml").read_text("utf-8")
    policy = policy_of(fill_template(text, "ada", "drafter"))
    assert set(policy.agents) == {"ada", "drafter"}
    assert "{{" not in fill_template(text, "ada", "drafter")


def test_folders() -> None:
    """The folders that are made can sync, and hold every stage."""
    folders = [line for line in template("folders.txt").splitlines() if line and line[0] != "#"]
    assert all(POLICY.skips_folder(folder) is None for folder in folders)
    assert {folder.split("/")[0] for folder in folders} >= set(DEFAULT_FOLDERS.values())


def test_everything_in_the_template_syncs() -> None:
    """What init copies is under sync from the first commit."""
    names = {path.name for path in bundled("templates/platinum").iterdir()} - {"folders.txt", "dot_gitignore"}
    assert names >= {"Dashboard.md", "vaultkit.yaml", "My tasks.base"}
    assert all(POLICY.path_refusal(name) is None for name in names)


def test_dashboard_regions() -> None:
    """Each managed region of the Dashboard begins and ends, once, in order."""
    marks = re.findall(r"(?m)^%% (/?)vaultkit:(\w+) %%$", template("Dashboard.md"))
    names = [name for _, name in marks[::2]]
    assert names == ["approvals", "signals", "progress", "held", "conflicts", "violations", "agents"]
    assert marks == [mark for name in names for mark in (("", name), ("/", name))]


@pytest.mark.parametrize("name", ["Pending Approval.base", "My tasks.base", "Done this week.base"])
def test_bases(name: str) -> None:
    """The views are YAML of the documented shape, about folders that exist."""
    base = plain(parse_document(template(name)))
    assert isinstance(base, dict)
    assert base.keys() <= {"filters", "formulas", "properties", "views"}
    views = base["views"]
    assert isinstance(views, list)
    for view in views:
        assert isinstance(view, dict)
        assert view["type"] == "table"
        assert view.keys() <= {"type", "name", "filters", "order", "limit"}
    named = set(re.findall(r'inFolder\("(\w+)"\)', template(name)))
    assert named
    assert named <= set(DEFAULT_FOLDERS.values())


SEEN = "note.md a/b/c.txt x.base y.canvas vaultkit.yaml .gitignore Done/token-ring.md a/env/x.md"
UNSEEN = (
    ".env .env.local a/prod.env server.pem a/b.key id_rsa id_ed25519.md credentials.json credentials.md "
    "token.json gmail.token cookies.txt a/cookies-1.txt .netrc .git-credentials secrets.txt api_keys.md "
    "secrets/x.md a/credentials/x.md banking_creds/x.md payment_tokens/x.md api_keys/x.md "
    "whatsapp_session/x.md .wwebjs_auth/x.md .ssh/x.md .obsidian/x.md .obsidian/workspace.json "
    ".vaultkit/agent.yaml .trash/x.md a/.hidden.md a/.gitignore a/vaultkit.yaml "
    "state.db agent.log all.zip photo.jpg film.mp4 paper.pdf Logs/2026-01-01.json "
    "node_modules/x/readme.md a/venv/x.txt site-packages/x.md __pycache__/x.md"
)


@pytest.mark.real
@pytest.mark.skipif(which("git") is None, reason="needs the git program")
def test_git_sees_the_same(tmp_path: Path) -> None:
    """With the template's .gitignore, git shows the notes and nothing that never syncs."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text(template("dot_gitignore"), "utf-8")
    seen, unseen = SEEN.split(), UNSEEN.split()
    asked = "\0".join(seen + unseen)
    found = subprocess.run(
        ["git", "-C", tmp_path, "check-ignore", "-z", "--stdin"], input=asked.encode(), capture_output=True
    )
    ignored = set(found.stdout.decode().split("\0")) - {""}
    assert ignored == set(unseen)
    assert all(POLICY.path_refusal(path) is None for path in seen)
    assert all(POLICY.path_refusal(path) for path in unseen)
