"""Three versions of one file to one, by what kind of file it is.

Notes and plain text are merged by `text_merge`. Two kinds that Obsidian reads as a whole, canvases (JSON) and
bases (YAML), are merged by lines like any text; but where both sides could be read and the result cannot,
they do not merge: one bracket too few, and nothing of it would be shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from vaultkit.core.naming.paths import fold_key
from vaultkit.core.text.text_merge import merge_notes
from vaultkit.core.text.yaml_events import BadYaml, parse_document


def merge_files(path: str, base: bytes | None, ours: bytes, theirs: bytes) -> bytes | None:
    """The file at `path` with the changes of both sides, or None: keep `theirs` and set `ours` aside."""
    merged = merge_notes(base, ours, theirs)
    reads = _READERS.get(fold_key(path).rpartition(".")[2])
    if merged is None or reads is None or merged in (ours, theirs):
        return merged
    return merged if reads(merged) or not (reads(ours) and reads(theirs)) else None


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return False
    return True


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of two entries with one name, one would be shown and the other lost."""
    if len(pairs) != len(dict(pairs)):
        raise ValueError("a name twice")
    return dict(pairs)


def _is_yaml(data: bytes) -> bool:
    try:
        parse_document(data.decode())
    except (BadYaml, UnicodeDecodeError):
        return False
    return True


_READERS: Mapping[str, Callable[[bytes], bool]] = {"canvas": _is_json, "base": _is_yaml}
