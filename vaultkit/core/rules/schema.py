"""Reading a YAML document against what is expected.

A `Field` is a value and where it stands. Each of its readers gives the value as one type, or raises
PolicyError with the file, the line, the key and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import NoReturn

from vaultkit.core.naming.globs import Glob
from vaultkit.core.text.yaml_events import BadYaml, Node, parse_document
from vaultkit.errors import PolicyError

MOST_BYTES = 256 * 1024
_MEASURE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([A-Za-z]*)")
_SIZES = {"": 1.0, "b": 1.0, "kib": 1024.0, "mib": 1024.0**2, "kb": 1e3, "mb": 1e6}
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Field:
    """A value in a file, and where it is; `key` is the way to it, such as `sync.max_file`."""

    def __init__(self, file: str, key: str, node: Node) -> None:
        self.file = file
        self.key = key
        self.node = node

    def fail(self, problem: str, hint: str) -> NoReturn:
        where = f"`{self.key}`: " if self.key else ""
        raise PolicyError(where + problem, file=self.file, line=self.node.line, key=self.key, hint=hint)

    @property
    def is_empty(self) -> bool:
        return self.node.value is None

    def mapping(self, known: Iterable[str] | None = None, required: Iterable[str] = ()) -> dict[str, Field]:
        """The fields of a mapping; an unknown or a missing key is an error. An empty value is no fields."""
        value = {} if self.node.value is None else self.node.value
        if not isinstance(value, dict):
            self.fail("must be lines of `name: value`", "Indent them below the key.")
        fields = {name: self._below(name) for name in value}
        if known is not None:
            names = sorted(known)
            for name in [name for name in fields if name not in names]:
                fields[name].fail("unknown key", _suggest(name, names))
        for name in required:
            if name not in fields or fields[name].is_empty:
                Field(self.file, self._key(name), self.node).fail("is missing", f"Add `{name}: ...`.")
        return fields

    def items(self) -> list[Field]:
        """The fields of a list, numbered from 1."""
        if not isinstance(self.node.value, list):
            self.fail("must be a list", "Write `[one, two]`, or one per line with `- `.")
        return [Field(self.file, f"{self.key}[{n}]", item) for n, item in enumerate(self.node.value, 1)]

    def text(self) -> str:
        value = self.node.value
        if not isinstance(value, str) or not value:
            bare = isinstance(value, (int, float))
            self.fail(
                "must be text", f'Put it in quotes: "{value}".' if bare else "Write it after the colon."
            )
        return value

    def flag(self) -> bool:
        if not isinstance(self.node.value, bool):
            self.fail("must be true or false", "Write `true` or `false`, without quotes.")
        return self.node.value

    def number(self, least: int, most: int) -> int:
        value = self.node.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fail("must be a whole number", f"Write a number from {least} to {most}.")
        return value

    def size(self, most: int) -> int:
        """Bytes, from `1MiB`, `512KiB` or a plain number."""
        return int(self._measure(_SIZES, most, "a size", "a number of bytes, `512KiB` or `1MiB`"))

    def seconds(self, most: int, *, zero: bool = False) -> float:
        """Seconds, from `30s`, `5m`, `12h`, `2d` or a plain number; 0 only where `zero` is welcome."""
        if zero and self.node.value in (0, "0s"):
            return 0.0
        return self._measure(_SECONDS, most, "a time", "a number of seconds, `30s`, `5m` or `12h`")

    def glob(self, *, floating: bool = False) -> Glob:
        try:
            return Glob(self.text(), floating)
        except ValueError as error:
            self.fail(str(error), "For instance `Projects/**` (a folder) or `Projects/*.md` (notes in it).")

    def one_of(self, known: Iterable[str], what: str) -> str:
        text, names = self.text(), sorted(known)
        if text not in names:
            self.fail(f"{text!r} is no {what}", _suggest(text, names))
        return text

    def _below(self, name: str) -> Field:
        """A value counts as being at its key: that is where a person looks."""
        assert isinstance(self.node.value, dict)  # noqa: S101 - the caller checked
        node = replace(self.node.value[name], line=self.node.keys[name].line)
        return Field(self.file, self._key(name), node)

    def _key(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name

    def _measure(self, units: Mapping[str, float], most: int, what: str, examples: str) -> float:
        found = _MEASURE.fullmatch(str(self.node.value))
        if found is None or found[2].lower() not in units:
            self.fail(f"must be {what}", f"Write {examples}.")
        amount = float(found[1]) * units[found[2].lower()]
        if not 0 < amount <= most:
            self.fail(f"{self.node.value} is out of range", f"Write {what} above 0, at most {most}.")
        return amount


def read_document(data: bytes, file: str) -> Field:
    """The document as one field. Raises PolicyError."""
    try:
        node = parse_document(data.decode(), MOST_BYTES)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError("it is not UTF-8 text", file=file, line=line, hint="Save it as UTF-8.") from error
    except BadYaml as error:
        hint = "Check the indentation, and quote values that hold special characters."
        raise PolicyError(error.reason, file=file, line=error.line, hint=hint) from error
    if node is None:
        raise PolicyError("it is empty", file=file, line=1, hint="Restore it from the vault's history.")
    return Field(file, "", node)


def _suggest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known) or 'none'}."
