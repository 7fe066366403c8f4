"""YAML as events: bounded, and with the place of every value in the text.

Text from elsewhere never meets a loader: PyYAML's parser turns it into events, and only the plain
kinds are taken. Aliases, anchors, tags, merge keys and duplicate keys are refused, and so is
anything too deep or too large. Scalars mean what YAML 1.2 says (`12:30`, `no` and dates are text),
which is also what Obsidian shows. So do line ends: PyYAML takes three rare characters for line ends
that are none in YAML 1.2, so it is shown stand-ins for them, of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

MOST_DEPTH = 16
MOST_NODES = 2_000
MOST_BYTES = 64 * 1024

Scalar = str | int | float | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NAMED: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}

_STAND_INS = dict(zip("\x85\u2028\u2029", "\ufdd0\ufdd1\ufdd2", strict=True))
"""Line ends of YAML 1.1 only, and code points that are no characters and never will be."""
_HIDE, _SHOW = str.maketrans(_STAND_INS), str.maketrans({new: old for old, new in _STAND_INS.items()})
_HALF = re.compile("[\ud800-\udfff]")


class BadYaml(ValueError):
    """The text is not YAML that vaultkit takes. `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"{reason} (line {line})")
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class Node:
    """A value and where it is: `start` and `end` are offsets in the text, `line` counts from 1.

    `keys` holds, for a mapping, the node of each key.
    """

    value: Scalar | list[Node] | dict[str, Node]
    line: int
    start: int
    end: int
    keys: dict[str, Node] = field(default_factory=dict)
    is_block: bool = False


def parse_document(text: str, most_bytes: int = MOST_BYTES) -> Node | None:
    """The one document in `text`, None if it is empty. Raises BadYaml."""
    if len(text) > most_bytes or len(text.encode("utf-8", "surrogatepass")) > most_bytes:
        raise BadYaml(f"it is larger than {most_bytes} bytes", 1)
    if any(character in text for character in _STAND_INS.values()):
        raise BadYaml("it holds a code point that is no character", 1)
    try:
        return _Reader(text, _events(text.translate(_HIDE))).read()
    except BadYaml:
        raise
    except (ValueError, OverflowError) as error:  # PyYAML's, for an escape like "\UFFFFFFFF"
        raise BadYaml("an escape names no character", 1) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadYaml(error.problem or "it is not valid YAML", mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:
        raise BadYaml(str(error).splitlines()[0], 1) from error


def plain(node: Node | None) -> Value:
    """The value alone, as ordinary Python data."""
    if node is None:
        return None
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(item) for key, item in node.value.items()}
    return node.value


def resolve(text: str) -> Scalar:
    """What an unquoted scalar means in YAML 1.2's core schema."""
    if text in _NAMED:
        return _NAMED[text]
    if len(text) < 40 and _INT.match(text):
        return int(text)
    if len(text) < 40 and _OCTAL_OR_HEX.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    return text


def _events(text: str) -> Iterator[yaml.Event]:
    """The parser's events; one too many, or one of a refused kind, is an error."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        line = _line(event)
        if count > MOST_NODES or depth > MOST_DEPTH:
            raise BadYaml("it is nested too deeply or holds too many values", line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml("anchors and aliases are not allowed", line)
        if getattr(event, "tag", None):
            raise BadYaml("tags are not allowed", line)
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0


class _Reader:
    def __init__(self, text: str, events: Iterator[yaml.Event]) -> None:
        self._text, self._events = text, events

    def read(self) -> Node | None:
        next(self._events)  # the stream's start
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        node = self._node(next(self._events))
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise BadYaml("it holds more than one document", _line(after))
        return node

    def _node(self, event: yaml.Event) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event)
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the parser has no other kind
        text = _text(event)
        value = resolve(text) if event.implicit[0] else text
        is_block = event.style in ("|", ">")
        end = self._end_of_block(event) if is_block else _end(event)
        return _at(event, end, value, is_block=is_block)

    def _end_of_block(self, event: yaml.ScalarEvent) -> int:
        """The start of the line after its last words; blank lines are part of a `|+` or `>+` only."""
        start, end = _start(event), _end(event)
        source = self._text[start:end]
        if "+" in source.partition("\n")[0].partition("#")[0]:
            return end
        line_end = self._text.find("\n", start + len(source.rstrip()), end)
        return end if line_end < 0 else line_end + 1

    def _sequence(self, start: yaml.SequenceStartEvent) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event))
        end = _end(event) if start.flow_style else _last(items, start)
        return _at(start, end, items, is_block=not start.flow_style)

    def _mapping(self, start: yaml.MappingStartEvent) -> Node:
        items: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event)
            name = _key_name(key, event)
            if name in items:
                raise BadYaml(f"the key {name!r} is there twice", key.line)
            keys[name], items[name] = key, self._node(next(self._events))
        end = _end(event) if start.flow_style else _last(list(items.values()), start)
        node = _at(start, end, items, is_block=not start.flow_style)
        node.keys = keys
        return node


def _key_name(key: Node, event: yaml.Event) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise BadYaml("a key must be plain text", key.line)
    if event.value == "<<" and event.implicit[0]:
        raise BadYaml("merge keys are not allowed", key.line)
    return _text(event)


def _text(event: yaml.ScalarEvent) -> str:
    """The scalar's text; two escapes that are the halves of one character, as JSON has them, are that one."""
    text = str(event.value).translate(_SHOW)
    if _HALF.search(text) is None:
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise BadYaml("an escape names half a character", _line(event)) from error


def _last(items: list[Node], start: yaml.Event) -> int:
    """A block collection ends where its last item does, not where the parser noticed it."""
    return items[-1].end if items else _end(start)


def _at(event: yaml.Event, end: int, value: Scalar | list[Node] | dict[str, Node], *, is_block: bool) -> Node:
    return Node(value, _line(event), _start(event), end, is_block=is_block)
