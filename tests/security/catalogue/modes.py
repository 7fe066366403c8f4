"""Links, programs, submodules and modes nobody knows."""

from __future__ import annotations

from tests.security.catalogue.case import at_root, case, in_updates, note
from tests.security.forge import FOLDER, LINK, MODULE, PROGRAM, Forge, Item
from vaultkit.core.git.tree import Oid

in_updates("mode: a link to a system file", note("passwd.md", "/etc/passwd", LINK))
in_updates("mode: a link out of the vault", note("out.md", "../../outside.md", LINK))
in_updates("mode: a link into Approved", note("pay.md", "../Approved/pay.md", LINK))
in_updates("mode: a link to itself", note("loop.md", "loop.md", LINK))
in_updates("mode: a link to a device", note("zero.md", "/dev/zero", LINK))
in_updates("mode: a program", note("run.md", "#!/bin/sh\n", PROGRAM))
in_updates("mode: set-user-id", note("root.md", "x\n", "104755"))
in_updates("mode: none at all", note("none.md", "x\n", "0"))
in_updates("mode: a pipe", note("pipe.md", "x\n", "010644"))
in_updates("mode: larger than any", note("large.md", "x\n", "7777777"))
at_root("mode: a folder that is a link", note("Linked", "/tmp", LINK))
in_updates("mode: a submodule", lambda forge: Item(MODULE, b"module", forge.head))
in_updates("mode: a submodule that looks like a note", lambda forge: Item(MODULE, b"module.md", forge.head))


@case("mode: a published note becomes a link")
def _note_to_link(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Updates=[forge.note("published.md", "../Approved/decided.md", LINK)]))


@case("mode: a published note becomes a submodule")
def _note_to_module(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Updates=[Item(MODULE, b"published.md", forge.head)]))


@case("mode: a published folder becomes a link")
def _folder_to_link(forge: Forge) -> Oid:
    return forge.commit(forge.tree(forge.note("Approved", "/tmp", LINK)))


@case("mode: first a link, then a note below it")
def _through_a_link(forge: Forge) -> Oid:
    link = forge.commit(forge.tree(forge.note("Tunnel", "/tmp", LINK)))
    below = forge.tree(forge.into("Tunnel", forge.note("vaultkit-outside.md")))
    return forge.commit(below, parents=[link])


@case("mode: a folder with a note's mode")
def _folder_as_file(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Item("100644", b"Odd", forge.folder(forge.note("x.md")))))


@case("mode: a note with a folder's mode")
def _file_as_folder(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Item(FOLDER, b"Odd", forge.blob("no folder\n"))))


@case("mode: a folder's mode with permissions")
def _folder_with_permissions(forge: Forge) -> Oid:
    return forge.commit(forge.tree(Item("40755", b"Odd", forge.folder(forge.note("x.md")))))
