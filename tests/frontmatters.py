"""Frontmatters put together by chance from every form people, plugins and programs write.

A piece knows what it means (in YAML 1.2) and which of its bytes are the value, so a test can foretell
an edit without reading YAML.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import NamedTuple

from vaultkit.core.text.note import Value

_INLINE: list[tuple[str, Value]] = [
    ("done", "done"),
    ("in progress", "in progress"),
    ('"Reply: to #Ada"', "Reply: to #Ada"),
    ("'it''s'", "it's"),
    ('"caf\\u00e9 \\U0001F600"', "café 😀"),
    ('"\\ud83d\\ude00"', "😀"),
    ("日本語の題", "日本語の題"),
    ("مرحبا بالعالم", "مرحبا بالعالم"),
    ("שלום 🎉", "שלום 🎉"),
    ("odd\u2028line", "odd\u2028line"),
    ("12:30", "12:30"),
    ("no", "no"),
    ("Yes", "Yes"),
    ("true", True),
    ("014", 14),
    ("0o14", 12),
    ("0x1F", 31),
    ("-7", -7),
    ("1_000", "1_000"),
    ("1e3", 1000.0),
    (".5", 0.5),
    (".inf", float("inf")),
    ("2026-11-23", "2026-11-23"),
    ("2026-11-23T09:15:00Z", "2026-11-23T09:15:00Z"),
    ("", None),
    ("~", None),
    ("[[Project X]]", [["Project X"]]),
    ('"[[Project X]]"', "[[Project X]]"),
    ("https://example.org/a#b", "https://example.org/a#b"),
    ("[]", []),
    ("[a, 'b', \"c, d\"]", ["a", "b", "c, d"]),
    ("[ one,two , ]", ["one", "two"]),
    ("{a: 1, b: [x, y]}", {"a": 1, "b": ["x", "y"]}),
    ("{}", {}),
]
_COMMENTED: list[tuple[str, Value]] = [
    ("[a, # why\n  b]", ["a", "b"]),
    ("[ # first\n  a ]", ["a"]),
    ("\n  x: 1 # one\n  y: 2", {"x": 1, "y": 2}),
    ("| # as she said it\n  words", "words\n"),
]
_LINES: list[tuple[str, Value]] = [
    ("two\n  lines", "two lines"),
    ('"folded \\\n  text"', "folded text"),
    ("[a,\n  b,\n  c]", ["a", "b", "c"]),
    ("|\n  first\n\n  # not a comment\n  second", "first\n\n# not a comment\nsecond\n"),
    ("|-\n  ---\n  x", "---\nx"),
    (">-\n  folded\n  text", "folded text"),
    ("|2\n    indented", "  indented\n"),
    ("|+\n  kept\n\n", "kept\n\n\n"),
    ("\n  - a\n  - 'b' # why\n  # about c\n  - c", ["a", "b", "c"]),
    ("\n- mail\n- ada", ["mail", "ada"]),
    ("\n  - name: Ada\n    tags: [x]\n  - 3\n  -", [{"name": "Ada", "tags": ["x"]}, 3, None]),
    ("\n  a: 1\n  b:\n    c: 'no'", {"a": 1, "b": {"c": "no"}}),
    (" # topics: all\n  - a\n  - b", ["a", "b"]),
]
_KEYS = [
    ("status", "status"),
    ('"owner"', "owner"),
    ("'due date'", "due date"),
    ("tags", "tags"),
    ("Überschrift", "Überschrift"),
    ("1", "1"),
    ("no", "no"),
    ("x-y.z", "x-y.z"),
    ("題名", "題名"),
]
_ABOVE = ["", "", "", "# kept by the person\n", "\n", "# --- \n\n  # more: here\n"]
_BODIES = [
    b"",
    b"Body\n",
    b"no last newline",
    b"a\n---\nb: 1\n---\n",
    b"...\n",
    b"\xff\xfe not text",
    b"\n\r\n---",
    b"```yaml\n---\na: &x 1\n---\n```\n",
    "日本語 \u2028 שלום\n".encode(),
]

BROKEN = [
    "anchor: &x 1\nalias: *x\n",
    "<<: {a: 1}\n",
    "twice: 1\ntwice: 2\n",
    "tag: !!python/name:os.system x\n",
    "tag: !mine x\n",
    "\ttab: 1\n",
    "tab:\t1\n",
    "open: [a\n",
    "open: 'a\n",
    "no colon here\n",
    "- a list\n",
    "? [a, b]\n: 1\n",
    'half: "\\ud800"\n',
    'none: "\\UFFFFFFFF"\n',
    "more: 1\n...\nafter: the end\n",
    "--- second\n",
    "nul: \0\n",
    "deep: " + "[" * 40 + "\n",
    "nothing: \ufdd0\n",
]
"""Lines that make any frontmatter one that is refused."""


class _Written(NamedTuple):
    source: str
    value: Value
    after: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry: `above` + `key_source` + `:` + space + value + `after` + line end."""

    above: str
    key_source: str
    key: str
    space: str
    source: str
    value: Value
    after: str

    @property
    def start(self) -> str:
        return f"{self.above}{self.key_source}:"

    @property
    def text(self) -> str:
        return f"{self.start}{self.space}{self.source}{self.after}\n"

    @property
    def is_inline(self) -> bool:
        return "\n" not in self.source


@dataclass(frozen=True, slots=True)
class Made:
    """A note in parts: `head`, `pieces`, `end` (comments), and `body`, which has its own line ends."""

    head: str
    pieces: tuple[Piece, ...]
    end: str
    body: bytes
    newline: str

    @property
    def data(self) -> bytes:
        return self.of(self.head, *(piece.text for piece in self.pieces), self.rest_of_block) + self.body

    @property
    def rest_of_block(self) -> str:
        return f"{self.end}---\n"

    @property
    def meta(self) -> dict[str, Value]:
        return {piece.key: piece.value for piece in self.pieces}

    def of(self, *parts: str) -> bytes:
        return "".join(parts).replace("\n", self.newline).encode()

    def without(self, at: int) -> Made:
        return replace(self, pieces=self.pieces[:at] + self.pieces[at + 1 :])


def make(chance: random.Random) -> Made:
    keys = chance.sample(_KEYS, chance.choice([0, 1, 1, 2, 2, 3]))
    mark = "\ufeff" if chance.random() < 0.15 else ""
    spaces = " " if chance.random() < 0.1 else ""
    pieces = [_piece(chance, *key) for key in keys]
    if any("+" in piece.source for piece in pieces):  # blank lines below it would be part of it
        pieces = [replace(piece, above=piece.above.lstrip("\n")) for piece in pieces]
    return Made(
        f"{mark}---{spaces}\n",
        tuple(pieces),
        "# the end\n" if chance.random() < 0.15 else "",
        chance.choice(_BODIES),
        "\r\n" if chance.random() < 0.25 else "\n",
    )


def _piece(chance: random.Random, key_source: str, key: str) -> Piece:
    source, value, after = _written(chance)
    space = "" if not source or source[0] in "\n " else chance.choice([" ", " ", "   "])
    return Piece(chance.choice(_ABOVE), key_source, key, space, source, value, after)


def _written(chance: random.Random) -> _Written:
    kind = chance.random()
    if kind < 0.08:
        return _Written(*chance.choice(_COMMENTED))
    if kind < 0.4:
        return _Written(*chance.choice(_LINES))
    return _Written(*chance.choice(_INLINE), after=chance.choice(["", "", " ", "  # a 'comment': x"]))
