"""Trees as dicts, so that tests read as before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vaultkit.core.git.tree import FILE, Commit, Entry, Oid, walk, with_edits
from vaultkit.core.history.fold import Fold, fold_commits
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.identity import Identity, sign_commit
from vaultkit.core.rules.policy import Policy
from vaultkit.core.rules.policy_edit import trust_key
from vaultkit.core.rules.policy_rights import share_rights
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.objects import MemoryObjects

TEMPLATE = Path(__file__).resolve().parents[1] / "templates/platinum/vaultkit.yaml"
AGENTS = ("local_agent", "cloud_agent")
KEYS = {name: MemoryKeys(name) for name in (*AGENTS, "stranger")}


def with_keys(text: str, agents: tuple[str, ...] = AGENTS) -> str:
    """A policy's text with the test key of each agent in it."""
    data = text.encode()
    for name in agents:
        data = trust_key(data, name, MemoryKeys(name).public()[0])
    return data.decode()


POLICY_TEXT = with_keys(fill_template(TEMPLATE.read_text("utf-8"), "local_agent", "cloud_agent"))


def policy(text: str = POLICY_TEXT) -> Policy:
    return read_policy(text.encode())


def with_mail_agent() -> str:
    """The default policy with a third agent, which may do what Cloud may."""
    trusted = trust_key(POLICY_TEXT.encode(), "mail_agent", MemoryKeys("mail_agent").public()[0])
    return share_rights(trusted, "mail_agent", "cloud_agent").decode()


def with_phone() -> str:
    """The default policy with an agent for unsigned commits, who may write tasks."""
    text = POLICY_TEXT.replace("  # phone:", "  phone:")
    return text.replace(
        'path: "Needs_Action/**",        write: [cloud_agent',
        'path: "Needs_Action/**",        write: [phone, cloud_agent',
    )


class History:
    """Commits in memory, each written as the tree it leaves behind."""

    def __init__(self, notes: Mapping[str, str] = {}) -> None:
        self.objects = MemoryObjects()
        self.root = self.commit("local_agent", None, {"vaultkit.yaml": POLICY_TEXT, **notes})

    def tree(self, notes: Mapping[str, str | Entry]) -> Oid:
        edits = {path: self.oid(text) for path, text in notes.items() if isinstance(text, str)}
        tree = with_edits(self.objects, None, edits)
        for path, entry in notes.items():
            if isinstance(entry, Entry):
                tree = self._put_entry(tree, path, entry)
        return tree

    def _put_entry(self, tree: Oid, path: str, entry: Entry) -> Oid:
        folder, _, name = path.rpartition("/")
        root = dict(self.objects.folder(tree))
        inner = dict(self.objects.folder(root[folder].oid)) if folder in root else {}
        inner[name] = entry
        root[folder] = Entry(0o040000, self.objects.put_folder(inner))
        return self.objects.put_folder(root)

    def oid(self, text: str) -> Oid:
        return self.objects.put_blob(text.encode())

    def commit(self, agent: str | None, parent: Oid | None, notes: Mapping[str, str | Entry]) -> Oid:
        time = self.objects.commit(parent).time + 10 if parent else 1_700_000_000
        return self.put(
            agent, Commit(self.tree(notes), (parent,) if parent else (), "a <a@b>", time, "say\n")
        )

    def put(self, agent: str | None, commit: Commit) -> Oid:
        """Store a commit, signed with the agent's key (None: by nobody)."""
        return self.objects.put_commit(signed(commit, agent) if agent else commit)

    def notes(self, tree: Oid | None) -> dict[str, str]:
        """What a tree holds, without the policy."""
        found = {
            path: self.objects.blob(e.oid).decode() for path, e in walk(self.objects, tree) if e.mode == FILE
        }
        return {path: text for path, text in found.items() if path != "vaultkit.yaml"}

    def fold(self, *commits: Oid, base: Oid | None = None) -> Fold:
        start = base or self.root
        tree = self.objects.commit(start).tree
        fold = Fold(
            start, tree, read_policy(self.objects.blob(dict(walk(self.objects, tree))["vaultkit.yaml"].oid))
        )
        return fold_commits(self.objects, fold, commits)


def signed(commit: Commit, agent: str) -> Commit:
    """The commit with the signature of the agent's test key, whatever any policy says."""
    return sign_commit(commit, KEYS[agent], KEYS[agent].public()[0])


def identity(agent: str) -> Identity:
    return Identity(agent, KEYS.get(agent) or MemoryKeys(agent))
