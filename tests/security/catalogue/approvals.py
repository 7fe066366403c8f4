"""Forged approvals, of every kind: Cloud has never approved, whatever it pushes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.security.catalogue.case import case
from tests.security.forge import Forge, Item
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.policy_edit import trust_key

DRAFT = b"---\nto: ada@example.org\n---\nYes.\n"
DECIDED = b"---\nto: ada@example.org\nstatus: approved\n---\nDecided by the person.\n"


def without(forge: Forge, folder: bytes, name: bytes) -> Sequence[Item]:
    return [i for i in forge.folders[folder] if i.name != name]


def tree_without(forge: Forge, folder: bytes, name: bytes, *root: Item, **folders: Sequence[Item]) -> Oid:
    """The published tree, in which one note is gone from a folder."""
    left = without(forge, folder, name)
    before = dict(forge.folders)
    forge.folders = {**before, folder: left}
    try:
        folders.setdefault(folder.decode(), [])
        return forge.tree(*root, **folders)
    finally:
        forge.folders = before


def moved(forge: Forge, *root: Item) -> Oid:
    """What a drag to `Approved/` comes to."""
    draft = forge.note("draft.md", DRAFT)
    return tree_without(forge, b"Pending_Approval", b"draft.md", *root, Approved=[draft])


@case("approval: a draft moved to Approved")
def _moved(forge: Forge) -> Oid:
    return forge.commit(moved(forge))


@case("approval: moved, and stamped as the person's")
def _stamped(forge: Forge) -> Oid:
    text = b"---\nto: eve@example.org\nstatus: approved\napproved_by: local_agent\n---\nPay.\n"
    return forge.commit(
        tree_without(forge, b"Pending_Approval", b"draft.md", Approved=[forge.note("draft.md", text)])
    )


@case("approval: a draft copied to Approved")
def _copied(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Approved=[forge.note("draft.md", DRAFT)]))


@case("approval: a new note in Approved")
def _new(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Approved=[forge.note("pay-eve.md", "Pay Eve.\n")]))


@case("approval: in a folder below Approved")
def _below(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Approved=[forge.into("email", forge.note("pay-eve.md"))]))


@case("approval: an approved note is changed")
def _changed(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Approved=[forge.note("decided.md", DECIDED.replace(b"ada", b"eve"))]))


@case("approval: an approved note is removed")
def _removed(forge: Forge) -> Oid:
    return forge.commit(tree_without(forge, b"Approved", b"decided.md"))


@case("approval: an approved note is renamed")
def _renamed(forge: Forge) -> Oid:
    return forge.commit(
        tree_without(forge, b"Approved", b"decided.md", Approved=[forge.note("other.md", DECIDED)])
    )


@case("approval: an approved note is taken back to Pending")
def _taken_back(forge: Forge) -> Oid:
    back = [forge.note("decided.md", DECIDED)]
    return forge.commit(tree_without(forge, b"Approved", b"decided.md", Pending_Approval=back))


def then_honest(forge: Forge, forged: Oid) -> Oid:
    """An honest commit of Cloud's on top, with the marker, so that both arrive in one fetch."""
    return forge.commit(forge.tree(), parents=[forged])


@case("approval: by a commit nobody signed")
def _unsigned(forge: Forge) -> Oid:
    return then_honest(forge, forge.commit(moved(forge), by=None))


@case("approval: by a commit nobody signed, without any trailer")
def _unsigned_plain(forge: Forge) -> Oid:
    return then_honest(forge, forge.commit(moved(forge), by=None, vaultkit=False))


@case("approval: by plain git, signed with Cloud's key")
def _plain_git(forge: Forge) -> Oid:
    return forge.commit(moved(forge), vaultkit=False)


@case("approval: by a key nobody knows")
def _stranger(forge: Forge) -> Oid:
    return then_honest(forge, forge.commit(moved(forge), by="stranger"))


@case("approval: with a key nobody knows, on top of it an honest commit that carries it along")
def _laundered(forge: Forge) -> Oid:
    forged = forge.commit(moved(forge), by="stranger")
    return forge.commit(moved(forge), parents=[forged])


@case("approval: with the person's signature from another commit")
def _borrowed(forge: Forge) -> Oid:
    return then_honest(forge, forge.put("commit", forge.borrowed(moved(forge))))


@case("approval: the person's own commit, tampered with")
def _tampered(forge: Forge) -> Oid:
    start = forge.persons.index(b"tree ") + 5
    changed = forge.persons[:start] + moved(forge).encode() + forge.persons[start + 40 :]
    parent = changed.index(b"parent ") + 7
    changed = changed[:parent] + forge.head.encode() + changed[parent + 40 :]
    return then_honest(forge, forge.put("commit", changed))


@case("approval: with a signature that is garbage")
def _garbage_signature(forge: Forge) -> Oid:
    lines = [b"gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----"]
    return then_honest(forge, forge.commit(moved(forge), by=None, headers=lines))


@case("approval: with a signature of 300 KiB")
def _long_signature(forge: Forge) -> Oid:
    body = b"\n ".join([b"A" * 70] * 4200)
    lines = [b"gpgsig -----BEGIN SSH SIGNATURE-----\n " + body + b"\n -----END SSH SIGNATURE-----"]
    return then_honest(forge, forge.commit(moved(forge), by=None, headers=lines))


@case("approval: with a PGP signature")
def _pgp(forge: Forge) -> Oid:
    lines = [b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"]
    return then_honest(forge, forge.commit(moved(forge), by=None, headers=lines))


@case("approval: signed only under git's header for other hashes")
def _other_header(forge: Forge) -> Oid:
    lines = [b"gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----"]
    return then_honest(forge, forge.commit(moved(forge), by=None, headers=lines))


@case("approval: made and taken back in one push")
def _and_back(forge: Forge) -> Oid:
    return then_honest(forge, forge.commit(moved(forge)))


@case("approval: by a policy that lets Cloud approve, in the same push")
def _own_policy(forge: Forge) -> Oid:
    text = forge.policy.replace(
        'path: "Approved/**",            write: [local_agent]',
        'path: "Approved/**",            write: [local_agent, cloud_agent]',
    )
    assert text != forge.policy
    policy = forge.note("vaultkit.yaml", text)
    first = forge.commit(forge.tree(policy))
    return forge.commit(moved(forge, policy), parents=[first])


@case("approval: by a policy in which Cloud's key is the person's")
def _own_human(forge: Forge) -> Oid:
    stranger = forge.keys["stranger"].public()[0]
    text = trust_key(forge.policy.encode(), "local_agent", stranger)
    policy = forge.note("vaultkit.yaml", text)
    takeover = forge.commit(forge.tree(policy))
    return then_honest(forge, forge.commit(moved(forge, policy), parents=[takeover], by="stranger"))


@case("approval: by a broken policy")
def _broken_policy(forge: Forge) -> Oid:
    return forge.commit(forge.tree(forge.note("vaultkit.yaml", "agents: [\n")))


@case("approval: by no policy at all")
def _no_policy(forge: Forge) -> Oid:
    before = forge.root
    forge.root = [i for i in before if i.name != b"vaultkit.yaml"]
    try:
        return forge.commit(forge.tree())
    finally:
        forge.root = before


@case("approval: as the second parent of a merge")
def _second_parent(forge: Forge) -> Oid:
    side = forge.commit(moved(forge))
    return forge.commit(forge.tree(), parents=[forge.head, side], vaultkit=False)


@case("approval: as the first parent of a merge")
def _first_parent(forge: Forge) -> Oid:
    side = forge.commit(moved(forge))
    return forge.commit(moved(forge), parents=[side, forge.head], vaultkit=False)


@case("approval: in a merge that nobody signed")
def _unsigned_merge(forge: Forge) -> Oid:
    side = forge.commit(forge.tree())
    merge = forge.commit(moved(forge), parents=[side, forge.head], by=None, vaultkit=False)
    return then_honest(forge, merge)


@case("approval: of everything at once, by emptying Pending into Approved")
def _folder_move(forge: Forge) -> Oid:
    pending = forge.folders[b"Pending_Approval"]
    left = {**forge.folders, b"Pending_Approval": []}
    before, forge.folders = forge.folders, left
    try:
        return forge.commit(forge.tree(Pending_Approval=[], Approved=list(pending)))
    finally:
        forge.folders = before


@case("approval: a note put into Done as if sent", arrives={"Done/fake.md": b"sent\n"}, silent=True)
def _done(forge: Forge) -> Oid:
    """Cloud may file into Done; that it says so makes nothing sent and approves nothing."""
    return forge.commit(forge.tree(Done=[forge.note("fake.md", "sent\n")]))


@case("approval: a finished note in Done is changed")
def _done_changed(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Done=[forge.note("finished.md", "never sent\n")]))


@case("approval: a rejection is taken away")
def _rejection_gone(forge: Forge) -> Oid:
    return forge.commit(tree_without(forge, b"Rejected", b"refused.md"))


@case("approval: a log line that tells of one")
def _log(forge: Forge) -> Oid:
    return forge.commit(
        forge.tree(forge.into("Logs", forge.note("2026-01-01.md", "approved by local_agent\n")))
    )
