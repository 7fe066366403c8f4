"""Values written as YAML, so that YAML 1.1 and 1.2 readers agree on them.

Text that either would take for something else is quoted, and so is all that is not plain ASCII words.
Only real dates and times are left plain, because Obsidian shows them as dates only then; a YAML 1.1
reader has a date there, the same one.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime

from vaultkit.core.text.yaml_events import Value, resolve
from vaultkit.errors import UsageError

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@ -]*[A-Za-z0-9_./@-]\Z|[A-Za-z_/]\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII)
_YAML_1_1_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def refuse_no_value(key: object, value: object) -> None:
    """UsageError for what cannot stand in a frontmatter: programs give whatever they have."""
    if not isinstance(key, str):
        raise UsageError(f"{key!r} cannot be a key of a note's frontmatter", hint="Use text.")
    if isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            refuse_no_value(key, item)
    elif not (value is None or isinstance(value, str | int | float)):
        hint = "Use text (also for a time), numbers, true or false, and lists and dicts of them."
        raise UsageError(f"{key}: a {type(value).__name__} cannot stand in a note's frontmatter", hint=hint)


def write(value: Value) -> str:
    """The value on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(write, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quote(key)}: {write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float):
        return _write_float(value)
    if isinstance(value, str):
        return value if _is_plain(value) or _is_date(value) else _quote(value)
    return json.dumps(value)


def write_key(key: str) -> str:
    """A date as a key is quoted: an old reader would have a key that is no text."""
    return key if _is_plain(key) else _quote(key)


def _write_float(value: float) -> str:
    """YAML 1.1 knows no exponent without a point, and neither version `nan` or `inf` without one."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, e, exponent = repr(value).partition("e")
    return repr(value) if not e or "." in digits else f"{digits}.0e{exponent}"


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.match(text)) and text.lower() not in _YAML_1_1_WORDS and resolve(text) == text


def _is_date(text: str) -> bool:
    """A real one: PyYAML refuses the whole frontmatter for a thirteenth month."""
    if not _DATE.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _quote(text: str) -> str:
    """A double-quoted scalar; JSON's escapes are YAML's too, once the rare ones are spelled out."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
        for c in quoted
    )
