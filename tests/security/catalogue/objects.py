"""Objects of the wrong kind, damaged ones, and names of objects nobody has."""

from __future__ import annotations

from tests.security.catalogue.case import case, in_updates
from tests.security.forge import FILE, FOLDER, Forge, Item
from vaultkit.core.git.tree import Oid

NOWHERE = Oid("d" * 40)

in_updates("object: a note nobody has", lambda f: Item(FILE, b"gone.md", NOWHERE), waits=True)
in_updates("object: a folder nobody has", lambda f: Item(FOLDER, b"gone", NOWHERE), waits=True)
in_updates("object: a note that is a commit", lambda f: Item(FILE, b"commit.md", f.head))
in_updates("object: a note that is a tag", lambda f: Item(FILE, b"tag.md", f.put("tag", tag_of(f))))
in_updates("object: a folder that is a commit", lambda f: Item(FOLDER, b"commit", f.head))
in_updates(
    "object: a folder that is garbage",
    lambda f: Item(FOLDER, b"garbage", f.put("tree", b"\xff\x00 not a folder at all")),
)
in_updates(
    "object: a folder cut short",
    lambda f: Item(FOLDER, b"short", f.put("tree", b"100644 a.md\0" + b"\x01" * 7)),
)
in_updates(
    "object: a folder whose entry has no mode",
    lambda f: Item(FOLDER, b"modeless", f.put("tree", b" a.md\0" + b"\x01" * 20)),
)
in_updates("object: an empty folder", lambda f: Item(FOLDER, b"empty", f.put("tree", b"")), silent=True)
in_updates("object: a note without a hash", lambda f: Item(FILE, b"zero.md", Oid("0" * 40)))


def tag_of(forge: Forge) -> bytes:
    return f"object {forge.head}\ntype commit\ntag t\ntagger a <a@b> 1 +0000\n\nt\n".encode()


@case("object: a commit whose tree is a note")
def _tree_is_note(forge: Forge) -> Oid:
    bad = forge.commit(forge.blob("no folder\n"))
    return forge.commit(forge.tree(), parents=[bad])


@case("object: a commit whose tree nobody has", waits=True)
def _tree_is_nowhere(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[forge.commit(NOWHERE)])


@case("object: a commit whose tree is a commit")
def _tree_is_commit(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[forge.commit(forge.head)])


@case("object: a commit whose parent nobody has", stops=True)
def _parent_is_nowhere(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[NOWHERE])


@case("object: a commit whose parent is a note", stops=True)
def _parent_is_note(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[forge.blob("no commit\n")])


@case("object: a commit without a tree", stops=True)
def _no_tree(forge: Forge) -> Oid:
    return forge.put("commit", b"parent " + forge.head.encode() + b"\n\nno tree\n")


@case("object: a branch that is a tag", stops=True)
def _branch_is_tag(forge: Forge) -> Oid:
    return forge.put("tag", tag_of(forge))


@case("object: a branch that is a folder", stops=True)
def _branch_is_folder(forge: Forge) -> Oid:
    return forge.tree()


@case("object: a branch that is a note", stops=True)
def _branch_is_note(forge: Forge) -> Oid:
    return forge.blob("no commit\n")


@case("object: two trees in one commit", silent=True)
def _two_trees(forge: Forge) -> Oid:
    evil = forge.tree(Approved=[forge.note("pay.md")])
    return forge.commit(forge.tree(), headers=[b"tree " + evil.encode()])
