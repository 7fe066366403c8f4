"""The policy: what syncs at all, and who may write what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.git.tree import Oid
from vaultkit.core.naming.globs import Glob
from vaultkit.core.rules.policy import Agent, Policy, SyncRules, Zone

OLD, NEW = Oid("1" * 40), Oid("2" * 40)


def floating(*patterns: str) -> tuple[Glob, ...]:
    return tuple(Glob(pattern, floating=True) for pattern in patterns)


def zone(path: str, write: str = "", add: str = "") -> Zone:
    return Zone(Glob(path), frozenset(write.split()), frozenset(add.split()))


POLICY = Policy(
    agents={
        "local_agent": Agent("local_agent", human=True),
        "cloud_agent": Agent("cloud_agent"),
        "cloud": Agent("cloud"),
        "phone": Agent("phone", unsigned=True),
        "mail_agent": Agent("mail_agent"),
    },
    zones=(
        zone("In_Progress/{agent}/**", "{agent} local_agent"),
        zone("Approved/**", "local_agent"),
        zone("Done/**", "local_agent", "cloud_agent"),
        zone("Conflicts/**", "local_agent", "*"),
        zone("Locked/**"),
        zone("Shared/**", "*"),
        zone("vaultkit.yaml", "*"),
    ),
    executor="local_agent",
    sync=SyncRules(
        floating("*.md", "*.txt", "*.json"), floating("Journal/**", "Drafts/", "*.private.md"), 1000
    ),
)

PATHS: list[tuple[str, str | None]] = [
    ("note.md", None),
    ("NOTE.MD", None),
    ("a/b/c.txt", None),
    ("Needs_Action/email/Re offer (2).md", None),
    ("vaultkit.yaml", None),
    (".gitignore", None),
    ("meeting.log.md", None),
    ("x.db-migration.md", None),
    ("Env/trees.md", None),
    ("environment.md", None),
    ("keynote.md", None),
    ("Tokens of affection.md", None),
    ("My secrets of cooking.md", None),
    ("Sessions/one.md", None),
    ("data.json", None),
    ("Drafts", "type"),
    # names
    ("a/../b.md", "name"),
    ("why?.md", "name"),
    ("nul.md", "name"),
    ("a\u202eb.md", "name"),
    ("bad\udcff.md", "name"),
    ("x /y.md", "name"),
    # look-alikes of the files that rule
    ("VAULTKIT.yaml", "collision"),
    (".GitIgnore", "collision"),
    # secrets
    (".env", "secret-name"),
    (".ENV", "secret-name"),
    (".env.production", "secret-name"),
    ("a/prod.env", "secret-name"),
    ("server.pem", "secret-name"),
    ("a/b/Private.KEY", "secret-name"),
    ("cert.p12", "secret-name"),
    ("cert.pfx", "secret-name"),
    ("id_rsa", "secret-name"),
    ("id_ed25519.pub", "secret-name"),
    ("vault.kdbx", "secret-name"),
    ("app.keystore", "secret-name"),
    ("app.jks", "secret-name"),
    ("putty.ppk", "secret-name"),
    ("credentials.json", "secret-name"),
    ("credentials_gmail.json", "secret-name"),
    ("Credentials.md", "secret-name"),
    ("client_secret_12.json", "secret-name"),
    ("token.json", "secret-name"),
    ("tokens-2.json", "secret-name"),
    ("gmail.token", "secret-name"),
    ("service_account.json", "secret-name"),
    ("cookies-chrome.txt", "secret-name"),
    ("cookies.sqlite", "secret-name"),
    (".netrc", "secret-name"),
    (".npmrc", "secret-name"),
    (".pypirc", "secret-name"),
    (".git-credentials", "secret-name"),
    ("whatsapp_session/x.md", "secret-name"),
    ("WhatsApp_Session/a/b.md", "secret-name"),
    (".wwebjs_auth/session/x.json", "secret-name"),
    ("banking_creds/x.md", "secret-name"),
    ("a/payment_tokens/x.md", "secret-name"),
    ("api_keys/openai.md", "secret-name"),
    ("secrets/x.md", "secret-name"),
    ("x/credentials/y.md", "secret-name"),
    (".ssh/config", "secret-name"),
    (".gnupg/x.md", "secret-name"),
    # hidden
    (".obsidian/app.json", "dot-folder"),
    (".obsidian/plugins/x/main.js", "dot-folder"),
    (".vaultkit/agent.yaml", "dot-folder"),
    (".git/config", "dot-folder"),
    (".trash/x.md", "dot-folder"),
    ("a/.hidden.md", "dot-folder"),
    ("a/.gitignore", "dot-folder"),
    (".gitattributes", "dot-folder"),
    (".venv/x.md", "dot-folder"),
    # no notes
    ("state.db", "type"),
    ("state.db-wal", "type"),
    ("x.sqlite3", "type"),
    ("agent.log", "type"),
    ("all.ZIP", "type"),
    ("all.tar.gz", "type"),
    ("x.7z", "type"),
    ("photo.JPG", "type"),
    ("a/scan.png", "type"),
    ("talk.mp3", "type"),
    ("film.mp4", "type"),
    ("node_modules/pkg/readme.md", "type"),
    ("venv/readme.md", "type"),
    ("x/__pycache__/y.md", "type"),
    # the policy's own patterns
    ("Journal/today.md", "excluded"),
    ("a/Drafts/b/x.md", "excluded"),
    ("a/x.private.md", "excluded"),
    ("paper.pdf", "type"),
    ("script.py", "type"),
    ("a/vaultkit.yaml", "type"),
    ("noextension", "type"),
]


@pytest.mark.parametrize(("path", "rule"), PATHS, ids=lambda value: ascii(value))
def test_what_syncs(path: str, rule: str | None) -> None:
    """Each path syncs, or is refused by the rule that a person would expect."""
    refusal = POLICY.path_refusal(path)
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.parametrize(("path", "rule"), PATHS, ids=lambda value: ascii(value))
def test_only_harmless_refusals_are_quiet(path: str, rule: str | None) -> None:
    """What is passed over quietly needs nobody: never a bad name or a look-alike."""
    refusal = POLICY.path_refusal(path)
    if refusal:
        assert refusal.quiet is (rule in ("dot-folder", "type", "excluded", "secret-name"))
        assert refusal.detail


def test_the_never_list_cannot_be_switched_off() -> None:
    """A policy that includes everything still lets no secret, no hidden file and no media out."""
    policy = Policy(POLICY.agents, (zone("**", "*"),), None, SyncRules(floating("*")))
    for path in (".env", "a/id_rsa", "secrets/x.md", ".obsidian/x.md", "x.zip", "x.png", "node_modules/x.md"):
        assert policy.path_refusal(path), path
    assert policy.path_refusal("anything.xyz") is None


def test_size() -> None:
    """A file over the cap is refused aloud; an unknown size is not."""
    assert POLICY.refusal("x.md", 1000) is None
    assert POLICY.refusal("x.md", None) is None
    refusal = POLICY.refusal("x.md", 1001)
    assert refusal
    assert (refusal.rule, refusal.quiet) == ("size", False)
    assert "1000" in refusal.detail


FOLDERS: list[tuple[str, str | None]] = [
    ("Notes", None),
    ("a/b", None),
    ("Journal", "excluded"),
    ("a/Journal", None),
    ("Journal/2026", "excluded"),
    ("a/Drafts", "excluded"),
    (".obsidian", "dot-folder"),
    (".obsidian/plugins", "dot-folder"),
    (".git", "dot-folder"),
    ("a/.stfolder", "dot-folder"),
    ("node_modules", "excluded"),
    ("x/venv/lib", "excluded"),
    ("secrets", "secret-name"),
    (".ssh", "secret-name"),
    ("bad\u202e", "name"),
    ("a /b", "name"),
]


@pytest.mark.parametrize(("folder", "rule"), FOLDERS, ids=ascii)
def test_folders_not_entered(folder: str, rule: str | None) -> None:
    """A scan is spared the folders below which nothing can sync, and only those."""
    refusal = POLICY.skips_folder(folder)
    assert (refusal.rule if refusal else None) == rule


@given(st.lists(st.sampled_from(["a", "Journal", "Drafts", ".git", "secrets", "venv", "x.md"]), max_size=4))
def test_skipping_loses_nothing(folders: list[str]) -> None:
    """Whatever lies below a folder that is not entered would have been refused file by file."""
    folder = "/".join(folders)
    if folder and POLICY.skips_folder(folder):
        assert POLICY.path_refusal(f"{folder}/note.md")
        assert POLICY.path_refusal(f"{folder}/deeper/data.txt")


MAY: list[tuple[str | None, str, bool, bool]] = [
    # agent, path, may create, may change and remove
    ("cloud_agent", "In_Progress/cloud_agent/x.md", True, True),
    ("cloud_agent", "In_Progress/local_agent/x.md", False, False),
    ("cloud_agent", "In_Progress/x.md", False, False),
    ("local_agent", "In_Progress/cloud_agent/x.md", True, True),
    ("cloud", "In_Progress/cloud/x.md", True, True),
    ("cloud_agent", "In_Progress/cloud/x.md", False, False),
    ("mail_agent", "In_Progress/mail/x.md", True, True),
    ("mail_agent", "In_Progress/MAIL_AGENT/x.md", False, False),
    ("cloud_agent", "Approved/x.md", False, False),
    ("cloud_agent", "approved/x.md", False, False),
    ("local_agent", "Approved/x.md", True, True),
    ("cloud_agent", "Done/x.md", True, False),
    ("phone", "Done/x.md", False, False),
    ("phone", "Conflicts/x.md", True, False),
    ("local_agent", "Locked/x.md", False, False),
    ("phone", "Shared/x.md", True, True),
    ("local_agent", "elsewhere.md", False, False),
    ("stranger", "Shared/x.md", False, False),
    ("*", "Shared/x.md", False, False),
    ("{agent}", "In_Progress/{agent}/x.md", False, False),
    (None, "Shared/x.md", False, False),
    ("cloud_agent", "vaultkit.yaml", False, False),
    ("local_agent", "vaultkit.yaml", True, True),
    ("phone", ".gitignore", False, False),
    ("local_agent", ".gitignore", True, True),
]


@pytest.mark.parametrize(("agent", "path", "create", "change"), MAY)
def test_zones(agent: str | None, path: str, create: bool, change: bool) -> None:
    """The first matching zone decides; no zone, no agent and no rights mean no."""
    assert POLICY.may(agent, path, adds=True) is create
    assert POLICY.may(agent, path, adds=False) is change
    assert (POLICY.judge(agent, path, None, NEW, 10) is None) is create
    assert (POLICY.judge(agent, path, OLD, NEW, 10) is None) is change
    assert (POLICY.judge(agent, path, OLD, None, None) is None) is change


def test_judging_names_the_rule() -> None:
    """A refused change says which rule, and what was not allowed to whom."""
    zone_refusal = POLICY.judge("cloud_agent", "Approved/x.md", None, NEW, 10)
    assert zone_refusal
    assert zone_refusal.rule == "zone"
    assert not zone_refusal.quiet
    assert "cloud_agent may not create" in zone_refusal.detail
    removal = POLICY.judge("cloud_agent", "Done/x.md", OLD, None, None)
    assert removal
    assert "may not remove" in removal.detail
    nobody = POLICY.judge(None, "Shared/x.md", OLD, NEW, 1)
    assert nobody
    assert "nobody known may not change" in nobody.detail
    ruling = POLICY.judge("cloud_agent", "vaultkit.yaml", OLD, NEW, 1)
    assert ruling
    assert "human" in ruling.detail


def test_what_never_syncs_may_be_removed() -> None:
    """Whoever has the zone may take away what should never have been there; nobody may bring it."""
    large = POLICY.judge("local_agent", "Shared/x.md", None, NEW, 10**6)
    assert large
    assert large.rule == "size"
    assert POLICY.judge("local_agent", "Shared/.env", OLD, None, None) is None
    secret = POLICY.judge("local_agent", "Shared/.env", None, NEW, 1)
    assert secret
    assert secret.rule == "secret-name"


def test_who_is_who() -> None:
    """The human agents and the unsigned one are read from the agents."""
    assert POLICY.humans == {"local_agent"}
    assert POLICY.unsigned_agent == "phone"
    assert Policy({}, (), None, SyncRules(())).unsigned_agent is None
