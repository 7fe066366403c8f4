"""Managed regions of a note: what stands between `%% vaultkit:NAME %%` and `%% /vaultkit:NAME %%`.

vaultkit writes what is inside, a person all that is outside, and that stays byte for byte: line
endings, a byte order mark, a missing last newline. Lines that somebody typed inside are not eaten, they
move below the region. A region that is not there is not made, and where the marks do not fit
together nothing is touched at all.

A line is known as vaultkit's own by its words. Where its links lead does not count: Obsidian rewrites
links by itself when a person drags the note they name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from vaultkit.errors import VaultError

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_MARK = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*%%[ \t]*(/?)vaultkit:([A-Za-z0-9_-]+)[ \t]*%%[ \t]*\r?\n?")
_LINK = re.compile(r"\[\[[^\]|]*(\|[^\]]*)?\]\]")


class Region(NamedTuple):
    """One region as it stands: the line of its first mark, the lines inside, the line of its last."""

    name: str
    opening: bytes
    inner: tuple[bytes, ...]
    closing: bytes

    @property
    def words(self) -> list[str]:
        """The lines inside, without their endings."""
        return [_words(line) for line in self.inner]


Page = tuple[bytes | Region, ...]
"""A note as what stands outside of its regions, and the regions, in order."""


class BrokenRegions(VaultError):
    """The marks of a note's regions do not fit together; the message says which, and in which line."""


class _Mark(NamedTuple):
    at: int
    ends: bool
    name: str


def read_page(data: bytes) -> Page:
    """The note in pieces; joined they are the note again. Raises BrokenRegions."""
    lines = _LINE.findall(data)
    marks = list(_marks(lines))
    _check(marks)
    pieces: list[bytes | Region] = []
    after = 0
    for first, last in zip(marks[::2], marks[1::2], strict=True):
        pieces.append(b"".join(lines[after : first.at]))
        inner = tuple(lines[first.at + 1 : last.at])
        pieces.append(Region(first.name, lines[first.at], inner, lines[last.at]))
        after = last.at + 1
    return (*pieces, b"".join(lines[after:]))


def _marks(lines: Sequence[bytes]) -> Iterator[_Mark]:
    for at, line in enumerate(lines):
        if found := _MARK.fullmatch(line):
            yield _Mark(at, bool(found[1]), found[2].decode())


def _check(marks: Sequence[_Mark]) -> None:
    """Each region begins and ends, once, and none is inside another; BrokenRegions if not."""
    begun: list[str] = []
    inside: _Mark | None = None
    for mark in marks:
        if problem := _problem(mark, inside, begun):
            raise _broken(mark, problem)
        begun += [] if mark.ends else [mark.name]
        inside = None if mark.ends else mark
    if inside:
        raise _broken(inside, f"the region {inside.name} does not end")


def _problem(mark: _Mark, inside: _Mark | None, begun: Sequence[str]) -> str:
    if mark.ends:
        is_open = inside is not None and inside.name == mark.name
        return "" if is_open else f"the region {mark.name} ends here without having begun"
    if inside:
        return f"the region {mark.name} begins inside of {inside.name}"
    return f"the region {mark.name} is there twice" if mark.name in begun else ""


def _broken(mark: _Mark, what: str) -> BrokenRegions:
    return BrokenRegions(f"line {mark.at + 1}: {what}")


def find_region(page: Page, name: str) -> Region | None:
    """The region of that name, None if the page has none."""
    return next((piece for piece in page if isinstance(piece, Region) and piece.name == name), None)


def with_regions(page: Page, contents: Mapping[str, Sequence[str]], ours: Collection[str]) -> bytes:
    """The note with these lines in its regions; a region that `contents` does not name stays as it is.

    `ours` are lines that vaultkit may have written there. What else stands in a region moves below it.
    """
    written = []
    for piece in page:
        if isinstance(piece, bytes):
            written.append(piece)
        elif piece.name in contents:
            written.append(_rewritten(piece, contents[piece.name], ours))
        else:
            written.append(_whole(piece))
    return b"".join(written)


def _rewritten(region: Region, lines: Sequence[str], ours: Collection[str]) -> bytes:
    kept = typed_lines(region, [*lines, *ours])
    if region.words == list(lines):
        return _whole(region)
    ending = b"\r\n" if region.opening.endswith(b"\r\n") else b"\n"
    inner = tuple(line.encode("utf-8", "surrogateescape") + ending for line in lines)
    return _below(_whole(region._replace(inner=inner)), kept, ending)


def typed_lines(region: Region, ours: Collection[str]) -> list[bytes]:
    """The lines inside that are not `ours`, with the blank ones among them."""
    known = set(map(_gist, ours))
    typed = [line for line in region.inner if _gist(_words(line)) not in known]
    while typed and not typed[0].strip():
        del typed[0]
    while typed and not typed[-1].strip():
        del typed[-1]
    return typed


def _below(region: bytes, kept: Sequence[bytes], ending: bytes) -> bytes:
    """A note that ended without a newline still does."""
    text = b"".join(line if line.endswith(b"\n") else line + ending for line in kept)
    if not text or region.endswith(b"\n"):
        return region + text
    return region + ending + text.removesuffix(b"\n").removesuffix(b"\r")


def _whole(region: Region) -> bytes:
    return b"".join((region.opening, *region.inner, region.closing))


def _words(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def own_lines(lines: Iterable[str], ours: Iterable[str]) -> list[str]:
    """Those of `lines` that are `ours`, wherever their links lead."""
    known = set(map(_gist, ours))
    return [line for line in lines if _gist(line) in known]


def _gist(line: str) -> str:
    return _LINK.sub(r"[[\1]]", line).strip()
