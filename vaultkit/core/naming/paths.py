"""Safe names: the same note on every machine, or none.

A path in a vault is relative, with `/`. What one file system would take differently from another
(case, Unicode form, device names, trailing dots, short names) is refused or told apart here, before
it ever meets a file system; so is what an eye would take differently from a program. Beyond ASCII
only the characters of a fixed table are welcome (`name_characters`): what is allowed, and which
names are the same, must not depend on the Python that is asked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from vaultkit.core.naming.globs import Glob
from vaultkit.core.naming.name_characters import COLOURED, JOINER, UNSEEN, is_in, unshared_in

__all__ = ["Glob", "fold_key", "is_named", "is_word", "name_problem"]

MOST_DEPTH = 32
MOST_NAME_BYTES = 200
MOST_PATH_BYTES = 900

_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{n}" for port in ("com", "lpt") for n in "0123456789"
}
_LONGEST_DEVICE = max(map(len, _DEVICES))
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
# Windows reaches `.git` as `GIT~1` and `Dashboard.md` as `DASHBO~1.MD`: at most six characters and
# three after a dot (a dot-folder's short name has no other).
_SHORT_NAME = re.compile(r"[^. ]{1,6}~[0-9]+(?:\.[^. ]{0,3})?\Z")
_WORD = re.compile(r"[A-Za-z_\x80-\U0010ffff][0-9A-Za-z_\x80-\U0010ffff]*")
WITHOUT_JOINERS = {ord(JOINER): None, ord(COLOURED): None}


def name_problem(path: str) -> str | None:
    """Why `path` cannot be the name of a note on every machine; None if it can."""
    if len(path) > MOST_PATH_BYTES:
        return "its path is too long"
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if size > MOST_PATH_BYTES:
        return "its path is too long"
    names = path.split("/")
    if len(names) > MOST_DEPTH:
        return "its folders are nested too deeply"
    return next((problem for problem in map(_component_problem, names) if problem), None)


@lru_cache(maxsize=4096)
def _component_problem(name: str) -> str | None:
    if name in ("", ".", ".."):
        return "it is no proper relative path"
    if unseen := _CONTROL.search(name):
        return f"its name holds {_what_is(unseen[0])}"
    if unshared := unshared_in(name):
        return f"its name holds {_what_is(unshared)}"
    return _awkward(name)


def _what_is(character: str) -> str:
    """Words for one that is not welcome; only here may machines differ."""
    code, category = f"U+{ord(character):04X}", unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") or is_in(UNSEEN, character):
        return f"an invisible or control character ({code})"
    if category == "Zs":
        return f"a space that is not the common one ({code})"
    return f"a character that is too new for some machines (not in Unicode 14: {code})"


def _awkward(name: str) -> str | None:
    """Why a readable name would not be the same name everywhere."""
    if not unicodedata.is_normalized("NFC", name):
        return "its name is not in composed form (Unicode NFC)"
    if bad := _FORBIDDEN.search(name):
        return f"its name holds {bad[0]}, which not every system allows"
    if name != name.strip(" ") or name.endswith("."):
        return "its name begins or ends with a space, or ends with a dot"
    stem = name.partition(".")[0].rstrip(" ")
    if len(stem) <= _LONGEST_DEVICE and fold_key(stem) in _DEVICES:
        return "its name is a device's name on Windows"
    if _SHORT_NAME.match(name):
        return "its name may be another file's short name on Windows"
    return "its name is too long" if len(name.encode()) > MOST_NAME_BYTES else None


def is_word(name: str) -> bool:
    """May this be an agent's name? `str.isidentifier` would depend on the machine's Unicode."""
    return bool(_WORD.fullmatch(name)) and name_problem(name) is None


def is_named(path: str, note: str) -> bool:
    """Does `note` (a file name, with or without `.md`, or the end of a path) name `path`?"""
    wanted = note if note.endswith(".md") else f"{note}.md"
    return any(path == name or path.endswith(f"/{name}") for name in (note, wanted))


def fold_key(name: str) -> str:
    """Equal for names that the least careful file system, or an eye, would take for the same.

    For the name of one file or folder, or for a whole path of such names. A name that holds a
    character beyond the table is like no other, for its folding would depend on the machine.
    """
    return name.lower() if name.isascii() else _fold(name)


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    if unshared_in(name):
        return name
    composed = unicodedata.normalize("NFKC", name.translate(WITHOUT_JOINERS))
    return unicodedata.normalize("NFKC", composed.casefold())
