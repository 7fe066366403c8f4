"""Trees that are deep, heavy or endless, and contents that are too large."""

from __future__ import annotations

from tests.security.catalogue.case import case, in_updates, note
from tests.security.forge import FOLDER, Forge, Item
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.policy import BY_AGENT

MIB = 1024 * 1024


@case("size: a bomb of folders that are all one folder")
def _folder_bomb(forge: Forge) -> Oid:
    inner = forge.folder(*(forge.note(f"n{n}.md") for n in range(10)))
    for _ in range(12):
        inner = forge.folder(*(Item(FOLDER, b"d%d" % n, inner) for n in range(10)))
    return forge.commit(forge.tree(Updates=[Item(FOLDER, b"bomb", inner)]))


@case("size: a bomb of folders in place of a published folder")
def _folder_bomb_in_place(forge: Forge) -> Oid:
    inner = forge.folder(*(forge.note(f"n{n}.md") for n in range(10)))
    for _ in range(12):
        inner = forge.folder(*(Item(FOLDER, b"d%d" % n, inner) for n in range(10)))
    return forge.commit(forge.tree(Item(FOLDER, b"Notes", inner)))


@case("size: folders 1,500 deep")
def _deep(forge: Forge) -> Oid:
    inner = forge.folder(forge.note("x.md"))
    for _ in range(1500):
        inner = forge.folder(Item(FOLDER, b"d", inner))
    return forge.commit(forge.tree(Updates=[Item(FOLDER, b"deep", inner)]))


@case("size: more notes than an agent may bring at once, in one folder")
def _many_notes(forge: Forge) -> Oid:
    one = forge.blob("evil\n")
    many = forge.folder(*(Item("100644", b"n%06d.md" % n, one) for n in range(BY_AGENT.notes + 10)))
    return forge.commit(forge.tree(Updates=[Item(FOLDER, b"many", many)]))


@case("size: a folder of 100,000 notes with long names")
def _wide_folder(forge: Forge) -> Oid:
    one = forge.blob("evil\n")
    wide = forge.folder(*(Item("100644", b"%0150d.md" % n, one) for n in range(100_000)))
    return forge.commit(forge.tree(Updates=[Item(FOLDER, b"wide", wide)]))


@case("size: more bytes than an agent may bring at once")
def _many_bytes(forge: Forge) -> Oid:
    """One content under so many names that together they are too much; none of it is worth waiting for."""
    large = forge.blob(b"x" * (MIB + 1))
    notes = [Item("100644", b"n%03d.md" % n, large) for n in range(80)]
    return forge.commit(forge.tree(Updates=[forge.into("bytes", *notes)]))


@case("size: a thousand folders with a note each, all out of zone")
def _many_folders(forge: Forge) -> Oid:
    return forge.commit(forge.tree(*(forge.into(f"F{n}", forge.note("x.md")) for n in range(1000))))


@case("size: a thousand commits at once", silent=True)
def _many_commits(forge: Forge) -> Oid:
    tree, head = forge.tree(), forge.head
    for _ in range(1000):
        head = forge.commit(tree, parents=[head])
    return head


@case("size: a message of half a mebibyte", silent=True)
def _long_message(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), message="x" * (MIB // 2))


in_updates("size: a note of 2 MiB", note("large.md", b"x" * 2 * MIB))
in_updates("size: a note of 40 MiB of zeros", note("zeros.md", b"\0" * 40 * MIB))
in_updates("size: a note of 110 MiB", note("huge.md", b"0" * 110 * MIB))
in_updates(
    "size: a note that is one line of a mebibyte",
    note("line.md", b"x" * MIB),
    arrives={"Updates/line.md": b"x" * MIB},
    silent=True,
)
