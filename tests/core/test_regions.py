"""Managed regions: what a person typed, inside or outside of them, is never changed and never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.text.regions import BrokenRegions, Region, read_page, with_regions

OLD, NEW = ["- old · [[Done/a|a]]", "Nothing yet."], ["- new · [[b|b]]", "- newer"]


def page(*inner: str, name: str = "x", before: str = "", after: str = "") -> bytes:
    lines = "".join(f"{line}\n" for line in inner)
    return f"{before}%% vaultkit:{name} %%\n{lines}%% /vaultkit:{name} %%\n{after}".encode()


def rewritten(data: bytes, lines: list[str], ours: list[str]) -> bytes:
    return with_regions(read_page(data), {"x": lines}, ours)


REWRITES = [
    # what stands there, what comes of it with NEW in the region
    (page("Nothing yet."), page(*NEW)),
    (page(), page(*NEW)),
    (page("Nothing yet.", before="# Mine\n", after="more\n"), page(*NEW, before="# Mine\n", after="more\n")),
    (page("Nothing yet.", "call Ada"), page(*NEW, after="call Ada\n")),
    (page("one", "", "  two"), page(*NEW, after="one\n\n  two\n")),
    (page("", "Nothing yet.", ""), page(*NEW)),
    (page("- old · [[Approved/a|a]]"), page(*NEW)),
    (page("- old · [[Done/a|a]] call her"), page(*NEW, after="- old · [[Done/a|a]] call her\n")),
    (page(*NEW, "mine"), page(*NEW, after="mine\n")),
    (page("kept", after="last"), page(*NEW, after="kept\nlast")),
    (page("other", name="y"), page("other", name="y")),
    (b"no region at all", b"no region at all"),
    (b"", b""),
    (b"said `%% vaultkit:x %%` in a line\n", b"said `%% vaultkit:x %%` in a line\n"),
]


@pytest.mark.parametrize(("before", "after"), REWRITES)
def test_a_region_is_written_and_the_rest_stays(before: bytes, after: bytes) -> None:
    """Own lines are replaced, typed ones move below, all else is as it was; once more changes nothing."""
    assert rewritten(before, NEW, OLD) == after
    assert rewritten(after, NEW, [*OLD, *NEW]) == after


def test_line_endings_and_a_byte_order_mark_stay() -> None:
    """A page from Windows stays one, in the region too."""
    before = (
        b"\xef\xbb\xbf%% vaultkit:x %%\r\nNothing yet.\r\ntyped\r\n%% /vaultkit:x %%\r\nmine\nand\r\nmixed"
    )
    after = rewritten(before, ["- new"], OLD)
    assert after == (
        b"\xef\xbb\xbf%% vaultkit:x %%\r\n- new\r\n%% /vaultkit:x %%\r\ntyped\r\nmine\nand\r\nmixed"
    )


def test_a_page_that_ends_with_a_mark_still_ends_without_a_newline() -> None:
    """Nothing is put after the last mark, unless there are words to be kept."""
    before = page("Nothing yet.").removesuffix(b"\n")
    assert rewritten(before, NEW, OLD) == page(*NEW).removesuffix(b"\n")
    kept = page("mine").removesuffix(b"\n")
    assert rewritten(kept, NEW, OLD) == page(*NEW, after="mine")


def test_bytes_that_are_no_text_are_kept() -> None:
    """What cannot be read as UTF-8 inside a region moves below it byte for byte."""
    before = b"\xff\xfe\n%% vaultkit:x %%\nNothing yet.\n\xff broken\n%% /vaultkit:x %%\n"
    assert rewritten(before, ["- n"], OLD) == (
        b"\xff\xfe\n%% vaultkit:x %%\n- n\n%% /vaultkit:x %%\n\xff broken\n"
    )


BROKEN = [
    (b"%% vaultkit:x %%\n", "line 1: the region x does not end"),
    (b"a\n%% /vaultkit:x %%\n", "line 2: the region x ends here without having begun"),
    (page(name="x") + page(name="x"), "line 3: the region x is there twice"),
    (b"%% vaultkit:x %%\n" + page(name="y"), "line 2: the region y begins inside of x"),
    (b"%% vaultkit:x %%\n%% /vaultkit:y %%\n", "line 2: the region y ends here without having begun"),
    (page(name="x") + b"%% /vaultkit:x %%", "line 3: the region x ends here without having begun"),
]


@pytest.mark.parametrize(("data", "problem"), BROKEN)
def test_marks_that_do_not_fit_together_are_told(data: bytes, problem: str) -> None:
    """Missing, double, nested and unclosed marks: the page is not read at all, and the line is named."""
    with pytest.raises(BrokenRegions, match=f"^{problem}$"):
        read_page(data)


ENDINGS = st.sampled_from([b"\n", b"\r\n"])
WORDS = st.binary(max_size=8).map(lambda data: data.replace(b"\n", b"").replace(b"%", b"_"))
LINES = st.lists(st.tuples(WORDS, ENDINGS).map(b"".join), max_size=4)
OURS = st.sampled_from([line.encode() + b"\n" for line in OLD])


def kept_of(inner: list[bytes]) -> bytes:
    """What a person typed among these lines, without the blank ones around it."""
    typed = [line for line in inner if line.strip(b" \r\n") not in [one.encode() for one in OLD]]
    while typed and not typed[0].strip():
        del typed[0]
    while typed and not typed[-1].strip():
        del typed[-1]
    return b"".join(typed)


@given(data=st.data(), names=st.lists(st.sampled_from("abcd"), unique=True), end=st.sampled_from([b"", b"e"]))
def test_nothing_that_a_person_has_is_changed_or_lost(
    data: st.DataObject, names: list[str], end: bytes
) -> None:
    """Outside stays byte for byte, typed lines stand below their region, regions say what they should."""
    before = b""
    for name in names:
        inner = data.draw(st.lists(st.one_of(OURS, st.tuples(WORDS, ENDINGS).map(b"".join)), max_size=5))
        before += b"".join(data.draw(LINES)) + page(name=name).replace(b"\n", b"\n" + b"".join(inner), 1)
    old = read_page(before + b"".join(data.draw(LINES)) + end)
    contents = {name: NEW for name in names if name != "d"}
    after = with_regions(old, contents, OLD)
    kept = b""
    for was, now in zip(old, read_page(after), strict=True):
        if isinstance(was, bytes):
            assert now == kept + was
        else:
            assert isinstance(now, Region)
            assert now.words == (NEW if was.name in contents else was.words)
            kept = kept_of(list(was.inner)) if was.name in contents else b""
    assert with_regions(read_page(after), contents, NEW) == after
