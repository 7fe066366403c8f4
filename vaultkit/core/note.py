"""A note, and its surgical edits: only the bytes of what is edited change.

Comments, quotes, order, line endings, a byte order mark and a missing last newline stay. After each
edit the result is read again; if it does not say exactly what was there before plus the change, the
edit is refused with BrokenFrontmatter and nothing is changed.

Values are written so that YAML 1.1 and 1.2 readers agree on them: text that either would take for
something else is quoted. Only ISO dates and times are left plain, because Obsidian shows them as
dates only then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultkit.core.frontmatter import BOM, Block, BrokenFrontmatter, read_block
from vaultkit.core.yaml_events import Value, parse_document, plain, resolve

if TYPE_CHECKING:
    import frontmatter
    from frontmatter.default_handlers import BaseHandler

__all__ = [
    "BrokenFrontmatter",
    "Note",
    "Value",
    "body",
    "entries",
    "read_meta",
    "remove_values",
    "set_values",
]

SYNONYMS = {
    "created": ("created", "created_at", "timestamp", "received"),
    "expires": ("expires", "expires_at", "deadline"),
    "action": ("action", "action_type"),
    "body": ("body", "draft_body", "message", "content"),
    "id": ("id", "task_id", "message_id"),
}

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@ -]*[A-Za-z0-9_./@-]\Z|[A-Za-z_/]\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?\Z")
_YAML_1_1_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def read_meta(data: bytes) -> dict[str, Value]:
    """A note's frontmatter as plain values, {} if it has none; BrokenFrontmatter if it is unreadable."""
    block = read_block(data)
    return block.meta if block else {}


def body(data: bytes) -> bytes:
    """What comes after the frontmatter; everything if there is none (or none that can be read)."""
    try:
        block = read_block(data)
    except BrokenFrontmatter:
        return data
    return block.body if block else data


def with_body(data: bytes, new: bytes) -> bytes:
    """The note with another body."""
    block = read_block(data)
    if block is None:
        return new
    keep = len(block.tail) - len(block.body)
    return block.head + block.text.encode() + block.tail[:keep] + new


def entries(data: bytes) -> dict[str, bytes]:
    """The exact source of each top-level entry, with its line ending and the comments above it."""
    block = read_block(data)
    if block is None:
        return {}
    return {name: block.text[e.start : e.end].encode() for name, e in block.entries.items()}


def set_values(data: bytes, values: Mapping[str, Value]) -> bytes:
    """The note with some values set; the rest is byte for byte as it was."""
    for key, value in values.items():
        data = _set_value(data, key, value)
    return data


def remove_values(data: bytes, keys: Iterable[str]) -> bytes:
    """The note without some keys."""
    return splice(data, dict.fromkeys(keys))


def splice(data: bytes, raw: Mapping[str, bytes | None]) -> bytes:
    """Replace, add (at the end) or with None remove whole entries, each given as its exact source."""
    block = read_block(data) or _empty_block(data)
    text = block.text
    for name, entry in sorted(block.entries.items(), key=lambda item: -item[1].start):
        if name in raw:
            text = text[: entry.start] + _source(raw[name], block) + text[entry.end :]
    for name, source in raw.items():
        if name not in block.entries and source is not None:
            text = _ended(text, block) + _source(source, block)
    result = block.with_text(text)
    wanted = {name: value for name, value in block.meta.items() if name not in raw}
    after = read_meta(result)
    if {name: after.get(name) for name in wanted} != wanted or any(
        (name in after) != (source is not None) for name, source in raw.items()
    ):
        raise BrokenFrontmatter("the edit would have changed something else")
    return result


def _source(raw: bytes | None, block: Block) -> str:
    if raw is None:
        return ""
    return _ended(raw.decode().replace("\r\n", "\n").replace("\n", block.newline), block)


def _ended(text: str, block: Block) -> str:
    return text if not text or text.endswith("\n") else text + block.newline


def _set_value(data: bytes, key: str, value: Value) -> bytes:
    block = read_block(data) or _empty_block(data)
    if key in block.meta and _same(block.meta[key], value):
        return data
    entry = block.entries.get(key)
    if entry is None:
        text = _ended(block.text, block) + f"{_write_scalar(key)}: {_write(value)}{block.newline}"
    elif entry.is_block:
        first = block.text[entry.start : entry.value_start]
        start = entry.start + first.rstrip().rfind(":") + 1 if first.strip() else entry.value_start
        text = f"{block.text[:start].rstrip(' ')} {_write(value)}{block.newline}{block.text[entry.end :]}"
    else:
        before = block.text[: entry.value_start]
        space = "" if before.endswith((" ", "\t")) else " "
        text = before + space + _write(value) + block.text[entry.value_end :]
    result = block.with_text(text)
    _demand(result, {**block.meta, key: value})
    return result


def _demand(result: bytes, wanted: Mapping[str, Value]) -> None:
    after = read_meta(result)
    if after.keys() != wanted.keys() or not all(_same(after[key], wanted[key]) for key in wanted):
        raise BrokenFrontmatter("the value cannot be set without changing something else")


def _same(one: Value, other: Value) -> bool:
    """Equal, and of one kind: 1 is not true, and not 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _empty_block(data: bytes) -> Block:
    mark = BOM if data.startswith(BOM) else b""
    newline = b"\r\n" if data.partition(b"\n")[0].endswith(b"\r") else b"\n"
    rest = data[len(mark) :]
    return Block(mark + b"---" + newline, "", b"---" + newline + rest, {}, {})


def _write(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_write, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quote(key)}: {_write(item)}" for key, item in value.items()) + "}"
    return _write_scalar(value)


def _write_scalar(value: Value) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_safe = _PLAIN.match(value) and value.lower() not in _YAML_1_1_WORDS and resolve(value) == value
    return value if is_safe or _DATE.match(value) else _quote(value)


def _quote(text: str) -> str:
    """A double-quoted scalar; JSON's escapes are YAML's too, once the rare ones are spelled out."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
        for c in quoted
    )


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its path in the vault, and its bytes."""

    path: str
    data: bytes

    @property
    def meta(self) -> dict[str, Value]:
        """The frontmatter; BrokenFrontmatter if it cannot be read."""
        return read_meta(self.data)

    @property
    def body(self) -> str:
        """The text after the frontmatter, for reading."""
        return body(self.data).decode("utf-8", "replace")

    def get(self, name: str, default: Value = None) -> Value:
        """A frontmatter value under this name or one of the synonyms this community uses for it."""
        meta = self.meta
        return next((meta[key] for key in SYNONYMS.get(name, (name,)) if key in meta), default)

    def with_meta(self, **values: Value) -> Note:
        """The note with some values set, surgically."""
        return Note(self.path, set_values(self.data, values))

    def to_post(self) -> frontmatter.Post:
        """The note as python-frontmatter has it."""
        import frontmatter

        return frontmatter.Post(self.body, handler=_safe_handler(), **self.meta)


def _safe_handler() -> BaseHandler:
    """python-frontmatter's YAML handler, with our bounded reader in place of its loader."""
    from frontmatter.default_handlers import YAMLHandler

    class SafeHandler(YAMLHandler):
        def load(self, fm: str, **_: object) -> dict[str, object]:
            value = plain(parse_document(fm))
            return dict(value) if isinstance(value, dict) else {}

    return SafeHandler()
