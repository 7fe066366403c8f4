"""One entry of a frontmatter with another value: its new source, with as much of the old as can stay.

A list keeps its style, and what is typed for the items that stay: quotes, comments, line by line. Any
other value is written on one line in the old one's place. A comment inside of a value that goes would
go with it, so that is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from vaultkit.core.text.frontmatter import Block, BrokenFrontmatter, Entry, line_end, line_start
from vaultkit.core.text.yaml_events import Node, Value, plain
from vaultkit.core.text.yaml_write import write, write_key

_COLON = re.compile(r"\s*:\s*\Z")


def with_value(block: Block, key: str, value: Value) -> str:
    """The block's text with `key` set to `value`; a new key comes last."""
    text, entry = block.text, block.entries.get(key)
    if entry is None:
        end = "" if not text or text.endswith("\n") else block.newline
        return f"{text}{end}{block.indent}{write_key(key)}: {write(value)}{block.newline}"
    was = entry.value
    if isinstance(was.value, list) and was.value and isinstance(value, list) and value:
        edit = _block_list if was.is_block else _flow_list
        edited = edit(block, was, was.value, value)
        if edited is not None:
            return edited
    if _has_comment(text, was):
        raise BrokenFrontmatter("a comment inside of the value would be lost", was.line + 1)
    return _block_value(block, entry, value) if was.is_block else _flow_value(text, was, value)


def same(one: Value, other: Value) -> bool:
    """Equal, and of one kind: 1 is not true, and not 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _flow_value(text: str, was: Node, value: Value) -> str:
    before, after = text[: was.start], text[was.end :]
    return before + ("" if before.endswith((" ", "\t")) else " ") + write(value) + after


def _block_value(block: Block, entry: Entry, value: Value) -> str:
    """Behind the key; below it, where a comment stands behind the key."""
    text, was = block.text, entry.value
    rest = text[line_end(text, was.end) :]
    if isinstance(was.value, list | dict) and not _COLON.match(text, entry.key.end, was.start):
        start = line_start(text, was.start)
        indent = text[start : was.start]
        return f"{text[:start]}{indent or '  '}{write(value)}{block.newline}{rest}"
    colon = text.rindex(":", entry.key.end, was.start) + 1
    return f"{text[:colon]} {write(value)}{block.newline}{rest}"


def _block_list(block: Block, was: Node, items: Sequence[Node], value: Sequence[Value]) -> str | None:
    """Each item that stays with its lines and the comments above them; the new ones in the same style."""
    text, start = block.text, line_start(block.text, was.start)
    indent = text[start : was.start]
    if indent.strip():
        return None
    ends = [line_end(text, item.end) for item in items]
    sources = [text[one:other] for one, other in zip([start, *ends], ends, strict=False)]
    kept = _Kept(items, sources)
    lines = [kept.take(item) or f"{indent}- {write(item)}{block.newline}" for item in value]
    return text[:start] + "".join(lines) + text[ends[-1] :]


def _flow_list(block: Block, was: Node, items: Sequence[Node], value: Sequence[Value]) -> str | None:
    """New items are put behind the last one; any other change writes the list anew, of the old items."""
    text, end = block.text, items[-1].end
    old, more = [plain(item) for item in items], value[len(items) :]
    if same(old, list(value[: len(items)])):
        return text[:end] + "".join(f", {write(item)}" for item in more) + text[end:]
    if _has_comment(text, was):
        return None
    kept = _Kept(items, [text[item.start : item.end] for item in items])
    written = ", ".join(kept.take(item) or write(item) for item in value)
    return f"{text[: was.start]}[{written}]{text[was.end :]}"


class _Kept:
    """The sources of a list's items, each to be taken once."""

    def __init__(self, items: Sequence[Node], sources: Sequence[str]) -> None:
        self._sources: dict[str, list[str]] = {}
        for item, source in zip(items, sources, strict=True):
            self._sources.setdefault(json.dumps(plain(item), sort_keys=True), []).append(source)

    def take(self, value: Value) -> str | None:
        left = self._sources.get(json.dumps(value, sort_keys=True))
        return left.pop(0) if left else None


def _has_comment(text: str, node: Node) -> bool:
    """Is there a `#` in the value's source that is not within its words?"""
    at = node.start
    for leaf in _leaves(node):
        if "#" in text[at : leaf.start] or (leaf.is_block and "#" in text[leaf.start :].partition("\n")[0]):
            return True
        at = leaf.end
    return "#" in text[at : line_end(text, node.end) if node.is_block else node.end]


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node.value, list):
        for item in node.value:
            yield from _leaves(item)
    elif isinstance(node.value, dict):
        for key, item in node.value.items():
            yield node.keys[key]
            yield from _leaves(item)
    else:
        yield node
