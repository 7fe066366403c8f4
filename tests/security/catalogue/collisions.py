"""Names that one file system tells apart and another does not: never both, and the published one stays."""

from __future__ import annotations

from tests.security.catalogue.case import at_root, case, folder, in_updates, note
from tests.security.forge import FILE, FOLDER, Forge, Item
from vaultkit.core.git.tree import Oid

KEPT = b"first\n"


def twins(what: str, first: str, second: str) -> None:
    """Of two new notes the first by name comes in."""
    in_updates(
        f"collision: {what}",
        note(first, KEPT),
        note(second, "second\n"),
        arrives={f"Updates/{first}": KEPT},
    )


twins("capitals", "Twin.md", "twin.md")
twins("sharp s", "strasse.md", "stra\u00dfe.md")
twins("a ligature", "fin.md", "\ufb01n.md")
twins("the Kelvin sign", "kelvin.md", "\u212aelvin.md")
twins("full-width letters", "wide.md", "\uff57ide.md")
twins("the final sigma", "\u03bf\u03b4\u03bf\u03c2.md", "\u03bf\u03b4\u03bf\u03c3.md")
in_updates(
    "collision: folders that differ in capitals",
    folder("Sub", note("a.md", KEPT)),
    folder("sub", note("b.md", "second\n")),
    arrives={"Updates/Sub/a.md": KEPT},
)
in_updates(
    "collision: a note and a folder",
    note("thing.md", KEPT),
    folder("THING.md", note("b.md", "second\n")),
    arrives={"Updates/THING.md/b.md": b"second\n"},
)
in_updates("collision: a twin of a published note", note("PUBLISHED.md", "twin\n"))
in_updates("collision: a folder that is a twin of a published note", folder("PUBLISHED.MD", note("x.md")))
at_root("collision: a twin of a published folder", folder("UPDATES", note("x.md")))


@case("collision: one name twice", arrives={"Updates/double.md": KEPT})
def _one_name_twice(forge: Forge) -> Oid:
    both = [Item(FILE, b"double.md", forge.blob(text)) for text in (KEPT, b"second\n")]
    return forge.commit(forge.tree(Updates=both))


@case("collision: one name for a note and a folder", arrives={"Updates/both.md": KEPT})
def _note_and_folder(forge: Forge) -> Oid:
    both = [Item(FILE, b"both.md", forge.blob(KEPT)), forge.into("both.md", forge.note("x.md"))]
    return forge.commit(forge.tree(Updates=both))


@case("collision: a folder twice, the second with what is forbidden")
def _folder_twice(forge: Forge) -> Oid:
    root = [i for i in forge.root if i.name != b"Updates"]
    marker = forge.note(f"{forge.marker}.md", f"{forge.marker}\n")
    honest = forge.into("Updates", *forge.folders[b"Updates"], marker)
    evil = Item(FOLDER, b"Updates", forge.folder(forge.note("evil.md")))
    return forge.commit(forge.raw_folder(*sorted([*root, honest], key=lambda i: i.name), evil))


@case("collision: folders out of order")
def _out_of_order(forge: Forge) -> Oid:
    updates = [*forge.folders[b"Updates"], forge.note(f"{forge.marker}.md", f"{forge.marker}\n")]
    reversed_ = Item(FOLDER, b"Updates", forge.raw_folder(*sorted(updates, key=lambda i: i.name)[::-1]))
    root = [*(i for i in forge.root if i.name != b"Updates"), reversed_, forge.note("evil.md")]
    return forge.commit(forge.raw_folder(*sorted(root, key=lambda i: i.name)[::-1]))
