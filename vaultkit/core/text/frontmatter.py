"""Where a note's frontmatter is, and the exact bytes of each of its entries.

Frontmatter is a first line `---` and everything up to the next line that is just `---`, as Obsidian
has it. A note is bytes: whatever is not to change is carried over, never written anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaultkit.core.text.yaml_events import MOST_BYTES, BadYaml, Node, Value, parse_document, plain

BOM = b"\xef\xbb\xbf"
_OPEN = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*(\r?\n|\Z)")
_CLOSE = re.compile(rb"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_COMMENT = re.compile(rb"(?m)(?:^|\s)(#.*)")


class BrokenFrontmatter(ValueError):
    """The note begins like frontmatter that cannot be read, or cannot be edited safely."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"{reason} (line {line})" if line else reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level key: the span of its lines in the block's text, and where key and value are in it."""

    start: int
    end: int
    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Block:
    """A note taken apart: `head` + `text` + `tail` is the note, and `tail` begins with the closing line."""

    head: bytes
    text: str
    tail: bytes
    entries: dict[str, Entry]
    meta: dict[str, Value]

    @property
    def newline(self) -> str:
        return "\r\n" if self.head.endswith(b"\r\n") else "\n"

    @property
    def indent(self) -> str:
        """What stands before each key: nothing, as good as always."""
        first = next(iter(self.entries.values()), None)
        before = self.text[line_start(self.text, first.key.start) : first.key.start] if first else ""
        return before if not before.strip(" ") else ""

    @property
    def body(self) -> bytes:
        close = _CLOSE.match(self.tail)
        return self.tail[close.end() :] if close else self.tail

    def with_text(self, text: str) -> bytes:
        return self.head + text.encode() + self.tail


def read_block(data: bytes) -> Block | None:
    """The frontmatter of a note, None if it has none; BrokenFrontmatter if it cannot be read."""
    opening = _OPEN.match(data)
    if opening is None:
        return None
    closing = _CLOSE.search(data, opening.end()) if opening[1] else None
    if closing is None:
        raise BrokenFrontmatter("the opening --- has no closing ---", 1)
    if closing.start() - opening.end() > MOST_BYTES:
        raise BrokenFrontmatter(f"the frontmatter is larger than {MOST_BYTES} bytes", 1)
    try:
        text = data[opening.end() : closing.start()].decode()
        node = parse_document(text)
    except UnicodeDecodeError as error:
        raise BrokenFrontmatter("the frontmatter is not UTF-8", 1) from error
    except BadYaml as error:
        raise BrokenFrontmatter(error.reason, error.line + 1) from error
    head, tail = data[: opening.end()], data[closing.start() :]
    return Block(head, text, tail, _entries(text, node), _meta(node))


def _meta(node: Node | None) -> dict[str, Value]:
    value = plain(node)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BrokenFrontmatter("the frontmatter is no list of `key: value` lines", 2)
    return value


def _entries(text: str, node: Node | None) -> dict[str, Entry]:
    """Each entry owns its lines, and the comment lines between the entry before and itself."""
    if node is None or not isinstance(node.value, dict):
        return {}
    if not node.is_block:
        raise BrokenFrontmatter("the frontmatter is written as one {...}", node.line + 1)
    found: dict[str, Entry] = {}
    start = 0
    for name, value in node.value.items():
        end = line_end(text, max(value.end, node.keys[name].end))
        found[name] = Entry(start, end, node.keys[name], value)
        start = end
    return found


def line_end(text: str, at: int) -> int:
    """The offset after the line that holds `at`; a block scalar ends at the start of the next line."""
    if at > 0 and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def comments(raw: bytes) -> list[bytes]:
    """The comments in a frontmatter or a part of it; one inside of a text only looks like it."""
    return [comment.rstrip() for comment in _COMMENT.findall(raw)]
