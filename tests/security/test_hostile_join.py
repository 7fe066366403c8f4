"""A host that made up the whole vault, keys and all: joining it ends at once, with nothing on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.limited import run_limited
from tests.security.forge import FILE, FOLDER, Forge, Item
from tests.security.shooting import Target
from vaultkit import KeyPlace, Vault, join_vault
from vaultkit.core.git.tree import Oid
from vaultkit.effects.keys import StoredKeys
from vaultkit.errors import VaultError

CPU_SECONDS = 20

Attack = Callable[[Forge], Item]


def bomb(forge: Forge) -> Item:
    """Ten to the thirtieth notes, in folders that are all the same folder."""
    inner = forge.folder(*(forge.note(f"{n}.md") for n in range(10)))
    for _ in range(29):
        inner = forge.folder(*(Item(FOLDER, b"%d" % n, inner) for n in range(10)))
    return Item(FOLDER, b"Notes", inner)


def deep(forge: Forge) -> Item:
    inner = forge.folder(forge.note("deep.md"))
    for _ in range(1500):
        inner = forge.folder(Item(FOLDER, b"d", inner))
    return Item(FOLDER, b"Notes", inner)


def damaged(forge: Forge) -> Item:
    return Item(FOLDER, b"Notes", Oid("0123456789" * 4))


def a_note_as_folder(forge: Forge) -> Item:
    return Item(FOLDER, b"Notes", forge.blob("no folder"))


def odd_names(forge: Forge) -> Item:
    """Not refused as a whole: such notes stay out one by one."""
    names = (b"..", b".git", b"a\nb.md", b"con.md", b"x/../../y.md", b"good.md", b"GOOD.md")
    return forge.into("Notes", *(Item(FILE, name, forge.blob("evil\n")) for name in names))


WHOLE: dict[str, tuple[Attack, str]] = {
    "bomb": (bomb, "no vault: it holds more than 2,000,000 notes"),
    "deep": (deep, "no vault: its folders are nested too deeply"),
    "damaged": (damaged, "the remote named something it did not deliver"),
    "a note as a folder": (a_note_as_folder, "no vault: its folder is damaged or missing"),
}


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path)


def publish(target: Target, attack: Attack) -> None:
    """Put it into the newest commit of a person's vaultkit: the host has made up this person's key."""
    with Vault.open(target.root) as vault:
        target.keys["person"] = StoredKeys(lambda: vault.machine.keys)
    forge = target.forge()
    target.publish(forge.commit(forge.tree(attack(forge)), by="person"))


def join(folder: str) -> str:
    """What joining comes to, in a process of its own."""
    root = Path(folder)
    try:
        join_vault(str(root / "r.git"), root / "Third", "third_agent", keys=KeyPlace(root / "home3")).close()
    except VaultError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("attack", "why"), WHOLE.values(), ids=WHOLE)
def test_a_tree_that_no_machine_could_hold_is_no_vault(target: Target, attack: Attack, why: str) -> None:
    """Within 256 MiB and seconds it is refused with the reason, and no note was written."""
    publish(target, attack)
    said = run_limited("tests.security.test_hostile_join:join", str(target.folder), cpu_seconds=CPU_SECONDS)
    assert why in said
    assert [item.name for item in (target.folder / "Third").iterdir() if not item.name.startswith(".")] == []


def test_names_that_may_not_stand_on_a_disk_stay_out_one_by_one(target: Target) -> None:
    """The good note arrives, one of two twins too, and nothing was written outside."""
    publish(target, odd_names)
    before = target.outside()
    assert join(str(target.folder)) == ""
    found = {file.name for file in (target.folder / "Third/Notes").iterdir()}
    assert found in ({"good.md"}, {"GOOD.md"})
    assert set(target.outside()) - set(before) == {"Third", "home3"}
