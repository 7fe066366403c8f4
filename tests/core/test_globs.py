"""Patterns: what they match, and which are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.naming.globs import Glob

ANCHORED = [
    ("Dashboard.md", "Dashboard.md", True),
    ("Dashboard.md", "a/Dashboard.md", False),
    ("Dashboard.md", "Dashboard.md.md", False),
    ("Dashboard.md", "DashboardXmd", False),
    ("Approved/**", "Approved/x.md", True),
    ("Approved/**", "Approved/email/x.md", True),
    ("Approved/**", "Approved", False),
    ("Approved/**", "Approved2/x.md", False),
    ("Approved/**", "a/Approved/x.md", False),
    ("Approved/**", "APPROVED/x.md", True),
    ("Café/**", "Cafe\u0301/x.md", False),
    ("Cafe\u0301/**", "Café/x.md", True),
    ("**", "x.md", True),
    ("**", "a/b/c.md", True),
    ("**/x.md", "x.md", True),
    ("**/x.md", "a/b/x.md", True),
    ("**/x.md", "ax.md", False),
    ("a/**/z.md", "a/z.md", True),
    ("a/**/z.md", "a/b/c/z.md", True),
    ("a/**/z.md", "a/bz.md", False),
    ("a/*/z.md", "a/b/z.md", True),
    ("a/*/z.md", "a/z.md", False),
    ("a/*/z.md", "a/b/c/z.md", False),
    ("a/*.md", "a/x.md", True),
    ("a/*.md", "a/b/x.md", False),
    ("a/*b*c*.md", "a/xbxcx.md", True),
    ("a/*b*c*.md", "a/xcxb.md", False),
    ("a/*ab", "a/aab", True),
    ("a/*.a.*.md", "a/x.b.a.c.md", True),
    ("a/?.md", "a/x.md", True),
    ("a/?.md", "a/xy.md", False),
    ("a/?.md", "a/.md", False),
    ("a?b", "a/b", False),
    ("[2026] x.md", "[2026] x.md", True),
    ("[2026] x.md", "2 x.md", False),
    ("a+b(c).md", "a+b(c).md", True),
    ("a\nb", "a\nb", True),
]

FLOATING = [
    ("*.md", "x.md", True),
    ("*.md", "a/b/x.md", True),
    ("*.md", "x.MD", True),
    ("*.md", "x.mdx", False),
    ("Drafts/", "Drafts/x.md", True),
    ("Drafts/", "a/drafts/b/x.md", True),
    ("Drafts/", "Drafts", False),
    ("Drafts/", "MyDrafts/x.md", False),
    ("a/Drafts/", "a/Drafts/x.md", True),
    ("a/Drafts/", "b/a/Drafts/x.md", False),
    ("Logs/**", "Logs/x.md", True),
    ("Logs/**", "a/Logs/x.md", False),
    ("x.md", "a/x.md", True),
]


@pytest.mark.parametrize(("pattern", "path", "matches"), ANCHORED)
def test_anchored(pattern: str, path: str, matches: bool) -> None:
    """A zone's or a hook's pattern is anchored at the vault."""
    assert Glob(pattern).matches(path) is matches


@pytest.mark.parametrize(("pattern", "path", "matches"), FLOATING)
def test_floating(pattern: str, path: str, matches: bool) -> None:
    """An include or exclude pattern without `/` means a name, and one that ends in `/` a folder, anywhere."""
    assert Glob(pattern, floating=True).matches(path) is matches


def test_agent() -> None:
    """`{agent}` stands for exactly one name, which can be asked for."""
    glob = Glob("In_Progress/{agent}/**")
    assert glob.matches("In_Progress/cloud_agent/email/x.md")
    assert glob.matches("In_Progress/cloud_agent/x.md", "cloud_agent")
    assert not glob.matches("In_Progress/cloud_agent/x.md", "local_agent")
    assert not glob.matches("In_Progress/x.md")
    assert not glob.matches("In_Progress//x.md")
    assert glob.agent_in("In_Progress/cloud_agent/x.md") == "cloud_agent"
    assert glob.agent_in("Done/x.md") is None
    assert Glob("Done/**").agent_in("Done/x.md") is None


BAD = [
    ("", "relative"),
    ("/a", "relative"),
    ("a//b", "relative"),
    ("a\\b", "relative"),
    ("!a.md", "relative"),
    ("../a", ". or .."),
    ("a/./b", ". or .."),
    ("Approved/", "Approved/**"),
    ("a**", "whole name"),
    ("***", "whole name"),
    ("**/a/**/b/**/c/**", "at most 3"),
    ("{agent}/{agent}", "once"),
    ("x{agent}/a", "whole name"),
    ("{who}/a", "braces"),
    ("a}", "braces"),
    ("**/{agent}/x", "before {agent}"),
    ("\ua7cb/**", "U+A7CB"),
    ("a\u00a0b/*", "U+00A0"),
    ("Appro\u200bved/**", "U+200B"),
]


@pytest.mark.parametrize(("pattern", "reason"), BAD)
def test_bad_patterns(pattern: str, reason: str) -> None:
    """A pattern that cannot mean what its author meant is refused, and the message says why."""
    with pytest.raises(ValueError) as caught:
        Glob(pattern)
    assert reason in str(caught.value)


def test_value() -> None:
    """Globs are values: equal patterns are equal and hash alike, anchored and floating ones differ."""
    assert Glob("*.md") == Glob("*.md")
    assert len({Glob("*.md"), Glob("*.md"), Glob("*.md", floating=True)}) == 2


def test_crafted_names_end() -> None:
    """Many stars against a long name that almost matches come to an end (the plain way takes for ever)."""
    assert not Glob("*a*a*a*a*a*a*a*a*b").matches("a" * 5000)
    assert not Glob("**/x/**/x/**/y").matches("x/" * 400 + "z")


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_stars_against_plain_matching(pattern: str, name: str) -> None:
    """Within one name the compiled pattern agrees with the plain recursive meaning of `*` and `?`."""
    if pattern and "**" not in pattern:
        assert Glob(pattern).matches(name) is _plainly(pattern, name)


def _plainly(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_plainly(pattern[1:], name[n:]) for n in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and _plainly(pattern[1:], name[1:])
