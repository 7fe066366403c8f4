"""Somebody has broken into Cloud: they hold its key, and push what they like past vaultkit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dulwich.objects import ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.tree import Oid, with_edits
from vaultkit.core.history.fold import policy_at
from vaultkit.core.rules.identity import CHANGE, Identity
from vaultkit.effects.keys import StoredKeys
from vaultkit.effects.objects import GitObjects
from vaultkit.opening import read_machine_file

MAIN = Ref(b"refs/heads/main")


def push_forged(remote: Path, cloud: Path, path: str, text: str) -> Oid:
    """Publish a note in Cloud's name wherever it says, on top of what is published; the commit made."""
    machine = read_machine_file(cloud)
    thief = Identity(machine.agent, StoredKeys(lambda: machine.keys))
    repo = Repo(str(remote))
    try:
        objects = GitObjects(repo)
        head = Oid(repo.refs[MAIN].decode("ascii"))
        before = objects.commit(head)
        tree = with_edits(objects, before.tree, {path: objects.put_blob(text.encode())})
        message = add_trailer(f"approve {path}", CHANGE, "forged")
        forged = replace(before, tree=tree, parents=(head,), time=before.time + 1, message=message)
        oid = objects.put_commit(thief.sign(forged, policy_at(objects, before.tree)))
        repo.refs[MAIN] = ObjectID(oid.encode("ascii"))
        return oid
    finally:
        repo.close()
