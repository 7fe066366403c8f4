"""A note, and its surgical edits: only the bytes of what is edited change.

Comments, quotes, order, line endings, a byte order mark and a missing last newline stay. After each
edit the result is read again; if it does not say exactly what was there before plus the change, the
edit is refused with BrokenFrontmatter and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultkit.core.text.entry_edit import same, with_value
from vaultkit.core.text.frontmatter import BOM, Block, BrokenFrontmatter, line_start, read_block
from vaultkit.core.text.yaml_events import Value, parse_document, plain
from vaultkit.core.text.yaml_write import refuse_no_value

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
    """The note with some values set; the rest is byte for byte as it was. UsageError for what is no value."""
    for key, value in values.items():
        refuse_no_value(key, value)
        data = _set_value(data, key, value)
    return data


def remove_values(data: bytes, keys: Iterable[str]) -> bytes:
    """The note without some keys; the comments above them stay."""
    block = read_block(data)
    gone = {key: block.entries[key] for key in keys if key in block.entries} if block else {}
    if block is None or not gone:
        return data
    text = block.text
    for entry in sorted(gone.values(), key=lambda entry: -entry.start):
        text = text[: line_start(text, entry.key.start)] + text[entry.end :]
    return _checked(block.with_text(text), {key: block.meta[key] for key in block.meta if key not in gone})


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
    if key in block.meta and same(block.meta[key], value):
        return data
    return _checked(block.with_text(with_value(block, key, value)), {**block.meta, key: value})


def _checked(result: bytes, wanted: Mapping[str, Value]) -> bytes:
    """The edited note, if it says just what is wanted."""
    try:
        after = read_meta(result)
    except BrokenFrontmatter as error:
        raise BrokenFrontmatter(f"the edit would break the frontmatter: {error.reason}") from error
    if after.keys() != wanted.keys() or not all(same(after[key], wanted[key]) for key in wanted):
        raise BrokenFrontmatter("the edit would change something else")
    return result


def _empty_block(data: bytes) -> Block:
    mark = BOM if data.startswith(BOM) else b""
    newline = b"\r\n" if data.partition(b"\n")[0].endswith(b"\r") else b"\n"
    rest = data[len(mark) :]
    return Block(mark + b"---" + newline, "", b"---" + newline + rest, {}, {})


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
