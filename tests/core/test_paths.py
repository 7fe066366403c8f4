"""Names: what may be a note's name on every machine, and which names are the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.naming.paths import (
    MOST_DEPTH,
    MOST_NAME_BYTES,
    MOST_PATH_BYTES,
    fold_key,
    is_word,
    name_problem,
)

GOOD = [
    "note.md",
    "Needs_Action/email/2026-01-05 Re offer (2).md",
    "Café/Übersicht – März.md",
    "日本語/メモ.md",
    "Привет.md",
    ".gitignore",
    ".obsidian/app.json",
    "a b/c d.md",
    "console/communism.md",
    "nullable.md",
    "com10.md",
    "v1.2.3.md",
    "meeting~1.md",
    "plan~1.markdown",
    "plan~a.md",
    "~draft.md",
    "-rf.md",
    "COM.md",
    "con-call.md",
    "Обзор №1.md",
    "हिन्दी/মিটিং.md",
    "שלום/مرحبا.md",
    "🫩 too new for this Python.md",
    "ℹ️ read me.md",
    "# heading [x] & more!.md",
    "❤️.md",
    "👩‍💻 Work.md",
    "❤️‍🔥.md",
    "1️⃣ first.md",
    "⁉️.md",
    "👍🏽.md",
    "a" * (MOST_NAME_BYTES - 3) + ".md",
    "/".join(["d"] * MOST_DEPTH),
]

BAD = [
    ("", "proper"),
    (".", "proper"),
    ("..", "proper"),
    ("/etc/passwd", "proper"),
    ("a//b.md", "proper"),
    ("a/", "proper"),
    ("a/./b.md", "proper"),
    ("a/../../b.md", "proper"),
    ("a\\b.md", "holds \\"),
    ("C:/x.md", "holds :"),
    ("why?.md", "holds ?"),
    ("a*b.md", "holds *"),
    ('say "x".md', 'holds "'),
    ("a<b.md", "holds <"),
    ("a|b.md", "holds |"),
    ("note.md:stream", "holds :"),
    ("a\nb.md", "U+000A"),
    ("a\x00b.md", "U+0000"),
    ("a\x7f.md", "U+007F"),
    ("a\x85.md", "U+0085"),
    ("gpj.\u202excod.md", "U+202E"),
    ("a\u200bb.md", "U+200B"),
    ("a\u200db.md", "U+200D"),
    ("👩\u200d.md", "U+200D"),
    ("a\ufe0f.md", "U+FE0F"),
    ("\u2066x\u2069.md", "U+2066"),
    ("\ufeffx.md", "U+FEFF"),
    ("soft\u00adhyphen.md", "U+00AD"),
    ("line\u2028.md", "U+2028"),
    ("\u2800.md", "U+2800"),
    ("\u3164.md", "U+3164"),
    ("a\uf03ab.md", "U+F03A"),
    ("flag\U000e0067.md", "U+E0067"),
    ("a\U000e0100.md", "invisible or control character (U+E0100)"),
    ("a\ufe01.md", "U+FE01"),
    ("a\u034f.md", "U+034F"),
    ("a\u180b.md", "U+180B"),
    ("a\U0001d159.md", "invisible or control character (U+1D159)"),
    ("a\U00013430.md", "invisible or control character (U+13430)"),
    ("a\U00013440.md", "U+13440"),
    ("a\ufffc.md", "invisible or control character (U+FFFC)"),
    ("a\ufffd.md", "invisible or control character (U+FFFD)"),
    ("a\ufff9.md", "U+FFF9"),
    ("a\u115f.md", "U+115F"),
    ("a\uffa0.md", "U+FFA0"),
    ("a\ufdd0.md", "U+FDD0"),
    ("a\U0010ffff.md", "U+10FFFF"),
    ("a\u00a0b.md", "space that is not the common one (U+00A0)"),
    ("a\u3000b.md", "space that is not the common one (U+3000)"),
    ("a\u0378.md", "not in Unicode 14: U+0378"),
    ("\u1c89.md", "not in Unicode 14: U+1C89"),
    ("\U0001f1ae.md", "not in Unicode 14: U+1F1AE"),
    ("bad\udcff.md", "UTF-8"),
    (unicodedata.normalize("NFD", "Café.md"), "NFC"),
    ("CON", "device"),
    ("con.md", "device"),
    ("Aux .md", "device"),
    ("con .md", "device"),
    ("con  .x.md", "device"),
    ("NUL.tar.md", "device"),
    ("prn/x.md", "device"),
    ("com0.md", "device"),
    ("LPT0", "device"),
    ("lpt².md", "device"),
    ("com⁹.md", "device"),
    ("CONIN$.md", "device"),
    ("conout$", "device"),
    ("ＣＯＮ.md", "device"),
    ("x/NUL.txt/y.md", "device"),
    ("COM1.md", "device"),
    ("lpt9", "device"),
    ("com¹.md", "device"),
    ("GIT~1/config", "short name"),
    ("VAULTK~1", "short name"),
    ("DASHBO~1.MD", "short name"),
    ("plan~1.md", "short name"),
    ("DA1B2C~1.MD", "short name"),
    ("a~123456.x", "short name"),
    ("APPROV~1/x.md", "short name"),
    ("trailing.", "dot"),
    ("folder./x.md", "dot"),
    ("trailing ", "space"),
    (" leading.md", "space"),
    ("three...", "dot"),
    ("x. ", "space"),
    ("x .", "dot"),
    ("a/ b.md", "space"),
    ("a" * (MOST_NAME_BYTES + 1), "too long"),
    ("é" * (MOST_NAME_BYTES // 2) + ".md", "too long"),
    ("/".join(["a" * 150] * 7), "path is too long"),
    ("/".join(["d"] * (MOST_DEPTH + 1)), "deeply"),
]


@pytest.mark.parametrize("path", GOOD, ids=ascii)
def test_good_names(path: str) -> None:
    """Names people really use are welcome, in any script and with emoji."""
    assert name_problem(path) is None


@pytest.mark.parametrize(("path", "reason"), BAD, ids=lambda value: ascii(value)[:40])
def test_bad_names(path: str, reason: str) -> None:
    """A name that some machine, or some eye, would take differently is refused with the reason."""
    assert reason in (name_problem(path) or "no problem")


@pytest.mark.parametrize("prefix", ["", "folder/", "a/b/"])
def test_every_component_counts(prefix: str) -> None:
    """A bad name is found at any depth, as a folder and as a file."""
    assert name_problem(f"{prefix}nul/x.md")
    assert name_problem(f"{prefix}x:y.md")


@given(st.text(max_size=60))
def test_no_name_breaks_the_rules(path: str) -> None:
    """Any text gets an answer, and what passes is in bounds, composed and free of traversal."""
    if name_problem(path) is None:
        assert len(path.encode()) <= MOST_PATH_BYTES
        assert unicodedata.is_normalized("NFC", path)
        assert all(name not in ("", ".", "..") for name in path.split("/"))
        assert not set(path) & set('\\:*?"<>|\x00\n')


def test_huge_names_end() -> None:
    """A hostile name of a million characters is refused, not worked through."""
    assert name_problem("a" * 10**6) == "its path is too long"
    assert name_problem("/" * 10**6) == "its path is too long"


SAME = [
    ("Note.md", "note.MD"),
    ("Straße.md", "STRASSE.md"),
    ("Café", unicodedata.normalize("NFD", "CAFÉ")),
    ("ﬁle.md", "file.md"),
    ("❤️.md", "❤.md"),
    ("👩‍💻", "👩💻"),
    ("Å.md", "\u212b.md"),
    ("K.md", "\u212a.md"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=ascii)
def test_names_that_collide(one: str, other: str) -> None:
    """Names that some file system or eye takes for the same have one key."""
    assert fold_key(one) == fold_key(other)


@pytest.mark.parametrize(("one", "other"), [("a.md", "b.md"), ("a/b", "ab"), ("é", "e"), ("1", "2")])
def test_names_that_do_not_collide(one: str, other: str) -> None:
    """Different names stay different."""
    assert fold_key(one) != fold_key(other)


@given(st.text(max_size=20))
def test_folding_is_stable(name: str) -> None:
    """Folding what is folded, or its capitals, changes nothing for names that are welcome."""
    if name_problem(name) is None:
        assert fold_key(fold_key(name)) == fold_key(name)


@pytest.mark.parametrize("name", ["local_agent", "A1", "_x", "агент", "名前", "キ・ト"])
def test_words(name: str) -> None:
    """An agent may be named in any script; a dot in the middle counts the same on every Python."""
    assert is_word(name)


@pytest.mark.parametrize(
    "name", ["", "1a", "a b", "a-b", "a.b", "a/b", "*", "{agent}", "aux", "a\u200b", "a\u3000"]
)
def test_no_words(name: str) -> None:
    """What would be a path, a pattern, a device or not seen names no agent."""
    assert not is_word(name)
