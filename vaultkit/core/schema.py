"""Reading a YAML document against what is expected, with file, line, key and suggestion in each error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NoReturn, TypeVar

from vaultkit.core.paths import Glob
from vaultkit.core.yaml_events import BadYaml, Node, parse_document
from vaultkit.errors import PolicyError

T = TypeVar("T")

MOST_BYTES = 256 * 1024
_SIZES = {"": 1, "b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "kb": 1000, "mb": 1000**2}
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class Field:
    """A value in a file, and where it is; each reader returns it as one type or says what is wrong."""

    def __init__(self, file: str, key: str, node: Node) -> None:
        self.file = file
        self.key = key
        self.node = node

    def fail(self, problem: str, hint: str = "") -> NoReturn:
        raise PolicyError(problem, file=self.file, line=self.node.line, key=self.key, hint=hint)

    def mapping(self, known: Iterable[str] | None = None, required: Iterable[str] = ()) -> dict[str, Field]:
        """The fields of a mapping; an unknown or a missing key is an error."""
        if not isinstance(self.node.value, dict):
            self.fail(f"`{self.key}` must be a list of `name: value` lines")
        fields = {
            name: Field(self.file, f"{self.key}.{name}" if self.key else name, _at_key(self.node, name))
            for name in self.node.value
        }
        names = None if known is None else sorted(known)
        for name, field in fields.items():
            if names is not None and name not in names:
                field.fail(f"unknown key `{name}`", _suggest(name, names))
        for name in required:
            if name not in fields:
                self.fail(f"the key `{name}` is missing")
        return fields

    def items(self) -> list[Field]:
        if not isinstance(self.node.value, list):
            self.fail(f"`{self.key}` must be a list")
        return [Field(self.file, f"{self.key}[{n}]", item) for n, item in enumerate(self.node.value, 1)]

    def text(self) -> str:
        if not isinstance(self.node.value, str) or not self.node.value:
            self.fail(f"`{self.key}` must be text")
        return self.node.value

    def flag(self) -> bool:
        if not isinstance(self.node.value, bool):
            self.fail(f"`{self.key}` must be true or false")
        return self.node.value

    def number(self, least: int, most: int) -> int:
        value = self.node.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fail(f"`{self.key}` must be a whole number from {least} to {most}")
        return value

    def size(self) -> int:
        """Bytes, from `1MiB`, `512KiB` or a plain number."""
        return int(self._measure(_SIZES, "a size such as 1MiB"))

    def seconds(self) -> float:
        """Seconds, from `30s`, `5m` or a plain number."""
        return self._measure(_SECONDS, "a time such as 30s")

    def glob(self, *, floating: bool = False) -> Glob:
        return self.read(lambda text: Glob(text, floating))

    def read(self, convert: Callable[[str], T]) -> T:
        try:
            return convert(self.text())
        except ValueError as error:
            self.fail(str(error))

    def one_of(self, known: Iterable[str], what: str) -> str:
        text, names = self.text(), sorted(known)
        if text not in names:
            self.fail(f"{text!r} is no {what}", _suggest(text, names))
        return text

    def _measure(self, units: dict[str, int] | dict[str, float], what: str) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", str(self.node.value))
        if found is None or found[2].lower() not in units or float(found[1]) <= 0:
            self.fail(f"`{self.key}` must be {what}")
        return float(found[1]) * units[found[2].lower()]


def read_document(data: bytes, file: str) -> Field:
    """The document as one field. Raises PolicyError."""
    try:
        node = parse_document(data.decode(), MOST_BYTES)
    except UnicodeDecodeError as error:
        raise PolicyError("it is not UTF-8 text", file=file) from error
    except BadYaml as error:
        hint = "Check the indentation, and quote values that hold special characters."
        raise PolicyError(error.reason, file=file, line=error.line, hint=hint) from error
    if node is None:
        raise PolicyError("it is empty", file=file)
    return Field(file, "", node)


def _at_key(node: Node, name: str) -> Node:
    """The value, at the line of its key: that is where a person looks."""
    assert isinstance(node.value, dict)  # noqa: S101 - the caller checked
    value = node.value[name]
    return Node(value.value, node.keys[name].line, value.start, value.end, value.keys, value.is_block)


def _suggest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}."
