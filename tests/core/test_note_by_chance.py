"""Twenty thousand edits of frontmatters of every form, foretold byte by byte.

The reader of YAML 1.1 is libyaml with PyYAML's SafeLoader: another parser than the editor's own.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest
import yaml

from tests.frontmatters import BROKEN, Made, make
from vaultkit.core.text.note import BrokenFrontmatter, Value, body, read_meta, remove_values, set_values

ROUNDS = 2_600
SEEDS = range(3)
NEW: list[Value] = [
    "done",
    "in progress",
    "a: b # c",
    "",
    "no",
    "Off",
    "12:30",
    "1_000",
    "0x10",
    "0o7",
    "1e3",
    "~",
    "=",
    "<<",
    "- x",
    " x ",
    "@x %y `z` !a &b *c",
    'it\'s "so"',
    "two\nlines\n",
    "tab\there",
    "\u2028\x85\ufeff\x7f\x00",
    "日本語 مرحبا שלום 🎉",
    "2026-11-23",
    "2026-11-23T09:15:00Z",
    "2026-13-45",
    "2026-11-23T99:00:00",
    "---",
    "...",
    "x y " * 60 + "z",
    7,
    -1,
    0,
    10**20,
    1.5,
    1e16,
    1e-7,
    -0.0,
    float("inf"),
    float("-inf"),
    True,
    False,
    None,
    [],
    ["a", "b"],
    ["a", "b", "c"],
    ["mail", "ada", "2026-11-23", "no", None, 3],
    ["c", "a"],
    [["nested"], {"k": "v"}],
    {},
    {"to": ["ada@example.org"], "no": "yes", "": None},
]


def as_text(value: object) -> object:
    """A date of a YAML 1.1 reader as the text it was written as; all else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return value


def old_reading(result: bytes, key: str) -> object:
    """What a YAML 1.1 reader finds under `key`."""
    block = result.decode("utf-8", "replace").lstrip("\ufeff").replace("\r\n", "\n").split("\n---")[0]
    document = yaml.load(block, Loader=yaml.CSafeLoader)
    return as_text(next(value for name, value in document.items() if str(name) == key or name is _old(key)))


def _old(key: str) -> object:
    return {"no": False}.get(key, key)


def is_new_only(made: Made) -> bool:
    """Does it hold what the old reader does not read at all, or takes for a line end?"""
    text = made.data.decode("utf-8", "replace")
    return "\u2028" in text or "\\ud83d" in text


def outcome(data: bytes, values: dict[str, Value]) -> tuple[bytes | None, str]:
    """The edited note, or why it was refused."""
    try:
        return set_values(data, values), ""
    except BrokenFrontmatter as refusal:
        return None, refusal.reason


def is_set(made: Made, at: int, value: Value) -> bool:
    """Set an existing key; only the value's bytes may change. False if that was refused, with reason."""
    piece = made.pieces[at]
    result, reason = outcome(made.data, {piece.key: value})
    if result is None:
        assert "#" in piece.source
        assert "comment inside" in reason
        return False
    before, after = made.pieces[:at], made.pieces[at + 1 :]
    assert result.startswith(made.of(made.head, *(one.text for one in before), piece.start))
    tail = made.of(*(one.text for one in after), made.rest_of_block) + made.body
    assert result.endswith(made.of(piece.after + "\n") + tail if piece.is_inline else tail)
    assert repr(read_meta(result)) == repr({**made.meta, piece.key: value})
    if repr(value) != repr(piece.value) and not is_new_only(made):
        assert repr(old_reading(result, piece.key)) == repr(value)
    return True


def is_added(made: Made, value: Value) -> None:
    """A new key is a last line of its own, and every other byte is as it was."""
    result = set_values(made.data, {"new": value})
    head = made.of(made.head, *(piece.text for piece in made.pieces), made.end)
    tail = made.of("---\n") + made.body
    assert result.startswith(head + b"new: ")
    assert result.endswith(made.of("\n") + tail)
    assert result[len(head) : -len(tail)].count(b"\n") == 1
    if not is_new_only(made):
        assert repr(old_reading(result, "new")) == repr(value)


def is_removed(made: Made, at: int) -> None:
    """A removed key takes its own lines with it and nothing else, not even the comments above it."""
    piece = made.pieces[at]
    before, after = made.pieces[:at], made.pieces[at + 1 :]
    rest = [piece.above, *(one.text for one in after), made.rest_of_block]
    expected = made.of(made.head, *(one.text for one in before), *rest) + made.body
    assert remove_values(made.data, [piece.key]) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_edits_by_chance_change_just_what_they_should(seed: int) -> None:
    """Set, add and remove in notes of every form: as foretold, or refused where a comment would be lost."""
    chance = random.Random(seed)
    edits = refused = 0
    for _ in range(ROUNDS):
        made, value = make(chance), chance.choice(NEW)
        assert repr(read_meta(made.data)) == repr(made.meta)
        is_added(made, value)
        if made.pieces:
            at = chance.randrange(len(made.pieces))
            refused += not is_set(made, at, chance.choice(NEW))
            is_removed(made, at)
        edits += 1 + 2 * bool(made.pieces)
    assert edits * len(SEEDS) >= 20_000
    assert refused < edits / 20


def test_a_frontmatter_that_is_not_plain_is_refused_wherever_it_is_so() -> None:
    """One bad line among good ones: every edit is refused with a reason, and nothing else is raised."""
    chance = random.Random(7)
    for at in range(1_000):
        made, bad = make(chance), BROKEN[at % len(BROKEN)]
        parts = [piece.text for piece in made.pieces]
        parts.insert(chance.randint(0, len(parts)), bad)
        data = made.of(made.head, *parts, made.rest_of_block) + made.body
        for act in (lambda d: set_values(d, {"status": "x"}), lambda d: remove_values(d, ["status"])):
            with pytest.raises(BrokenFrontmatter) as caught:
                act(data)
            assert caught.value.reason
        assert body(data) == data


def test_torn_and_mangled_frontmatters_never_raise_anything_else() -> None:
    """Bytes taken out, doubled or changed at random: an edit says what it did, or refuses with a reason."""
    chance = random.Random(11)
    for _ in range(2_000):
        made = make(chance)
        data = bytearray(made.data)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randint(0, 3)] = chance.choice(
                [
                    b"",
                    b"\n",
                    b"\t",
                    b'"',
                    b":",
                    b"- ",
                    b"#",
                    b"\\U",
                    b"%",
                    b"\r",
                    b"&",
                    b"---",
                    b"...",
                    b"\xe2",
                ]
            )
        after, reason = outcome(bytes(data), {"status": "x"})
        assert after is not None or reason
        if after is not None:
            assert repr(read_meta(after)) == repr({**read_meta(bytes(data)), "status": "x"})
            assert body(after) == body(bytes(data)).removeprefix(b"\xef\xbb\xbf")
