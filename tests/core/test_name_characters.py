"""The characters a name may hold: the table is Unicode 14's, and what is asked about it stands still."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import pytest

from vaultkit.core.naming.name_characters import SHARED, UNSEEN, ranges, unshared_in
from vaultkit.core.naming.paths import fold_key, name_problem

OLDEST = "14.0.0"
PICTURES = range(0x1F000, 0x1FB00)
IN_CIRCLES = range(0x1F100, 0x1F300)


def characters(table: str) -> Iterator[str]:
    return (chr(code) for first, last in ranges(table) for code in range(first, last + 1))


def belongs(code: int, unseen: set[str]) -> bool:
    """The three rules in the module's head."""
    character = chr(code)
    category = unicodedata.category(character)
    if character in unseen:
        return False
    if category == "Cn":
        return code in PICTURES and code not in IN_CIRCLES
    return category[0] in "LMNPS"


@pytest.mark.skipif(unicodedata.unidata_version != OLDEST, reason=f"needs a Python with Unicode {OLDEST}")
def test_the_table_is_what_its_rules_say() -> None:
    """The rules, applied to the oldest supported Unicode, give exactly the table."""
    unseen = set(characters(UNSEEN))
    found = {chr(code) for code in range(0x80, 0x110000) if belongs(code, unseen)}
    assert set(characters(SHARED)) ^ found == set()


def test_the_table_is_tidy() -> None:
    """Its ranges rise, do not touch, begin beyond ASCII, and hold nothing that is not seen."""
    found = ranges(SHARED)
    assert found[0][0] > 0x7F
    assert all(first <= last for first, last in found)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))
    assert not set(characters(SHARED)) & set(characters(UNSEEN))


@pytest.mark.unmeasured
def test_every_character_is_judged_by_the_table() -> None:
    """What the quick search says of any single character is what the table says."""
    shared = set(characters(SHARED))
    wrong = [
        code for code in range(0x80, 0x110000) if (unshared_in(chr(code)) is None) != (chr(code) in shared)
    ]
    assert wrong == []


def test_what_is_in_the_table_is_known_to_every_later_python() -> None:
    """Beyond the emoji blocks this Python, whichever it is, knows every character of the table."""
    unknown = [c for c in characters(SHARED) if unicodedata.category(c) == "Cn" and ord(c) not in PICTURES]
    assert unknown == []


def test_emoji_to_come_have_no_other_form() -> None:
    """Whatever this Python knows of the emoji blocks that Unicode 14 did not: it folds to itself."""
    assert unshared_in(chr(0x1FAE9)) is None
    changed = [chr(code) for code in PICTURES if code not in IN_CIRCLES and fold_key(chr(code)) != chr(code)]
    assert changed == []


def test_folding_is_at_rest_after_once() -> None:
    """For every character: its key is its key's key, so no order of folding matters."""
    moved = [c for c in characters(SHARED) if fold_key(fold_key(c)) != fold_key(c)]
    assert moved == []


@pytest.mark.unmeasured
def test_a_key_holds_only_what_stands_still() -> None:
    """No key of a welcome character leads out of the table, where later versions may differ."""
    outside = [c for c in characters(SHARED) if unshared_in(fold_key(c)) is not None]
    assert outside == []


@pytest.mark.unmeasured
def test_capitals_have_one_key() -> None:
    """Each character and its capital and small forms have one key, where those are in the table too."""
    pairs = [(c, other) for c in characters(SHARED) for other in (c.lower(), c.upper())]
    differing = {c for c, other in pairs if unshared_in(other) is None and fold_key(c) != fold_key(other)}
    assert differing <= set("İı")


def test_composed_form_is_stable() -> None:
    """What composes to something composes to something of the table, for good."""
    composed = {unicodedata.normalize("NFC", c) for c in characters(SHARED)}
    assert all(unicodedata.is_normalized("NFC", c) and unshared_in(c) is None for c in composed)


def test_a_name_beyond_the_table_is_like_no_other() -> None:
    """A capital that is too new folds to itself, on a machine that knows it and on one that does not."""
    assert fold_key("Ɤ.md") == "Ɤ.md"
    assert fold_key("ɤ.md") == "ɤ.md"


EMOJI = [
    "❤️ ☺️ ✈️ ☎️ ©️ ®️ ™️ ℹ️ ‼️ ⁉️ 〰️ 〽️ ㊗️ ㊙️ Ⓜ️ ↔️ ⌨️ ▪️ ⤴️ ⬅️ 🅰️ 🏳️ 1️⃣ #️⃣",
    "👩‍💻 🏳️‍🌈 ❤️‍🔥 👨‍👩‍👧‍👦 🐦‍⬛ ⛓️‍💥 🧑🏽‍⚕️ 🏴‍☠️ 👁️‍🗨️ 🙂‍↔️",
    "👍🏽 🇩🇪 🈂️ 🎉",
]


@pytest.mark.parametrize("sequence", [one for line in EMOJI for one in line.split()], ids=ascii)
def test_emoji(sequence: str) -> None:
    """Emoji may be built from several characters, two of which are not seen."""
    assert unshared_in(sequence) is None
    assert name_problem(f"{sequence} note.md") is None


HIDDEN = [
    "a\ufe0f",
    "€\ufe0f",
    "\ufe0f❤",
    "a\u200db",
    "❤\u200da",
    "a\u200d❤",
    "❤\u200d",
    "\u200d❤",
    "❤\ufe0f\ufe0f",
    "❤\u200d\u200d❤",
    "❤\u200b",
    "🏴\U000e0067\U000e007f",
]


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_joiners_that_hide(text: str) -> None:
    """Where no emoji is built, a joiner or a selector only makes two names of what looks like one."""
    assert unshared_in(text) is not None
