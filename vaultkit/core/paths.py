"""Safe names: the same note on every machine, or none.

A path in a vault is relative, with `/`. What one file system would take differently from another
(case, Unicode form, device names, trailing dots, short names) is refused or told apart here, before
it ever meets a file system; so is what an eye would take differently from a program.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from vaultkit.core.globs import Glob

__all__ = ["Glob", "fold_key", "name_problem"]

MOST_DEPTH = 32
MOST_NAME_BYTES = 200
MOST_PATH_BYTES = 900

_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"
}
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
# Windows reaches `.git` as `GIT~1` too; a dot-folder's short name has no dot in it.
_SHORT_NAME = re.compile(r"[^.]{1,6}~[0-9]+\Z")
# Controls and separators, what turns the reading direction, what is not seen, and the private
# characters by which Windows and Samba stand in for `:` and its like.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_JOINER, _COLOURED, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_WITHOUT_JOINERS = {ord(_JOINER): None, ord(_COLOURED): None}


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
    if unseen := _unseen_in(name):
        return f"its name holds an invisible or control character (U+{ord(unseen):04X})"
    return _awkward(name)


def _awkward(name: str) -> str | None:
    """Why a readable name would not be the same name everywhere."""
    if not unicodedata.is_normalized("NFC", name):
        return "its name is not in composed form (Unicode NFC)"
    if bad := _FORBIDDEN.search(name):
        return f"its name holds {bad[0]}, which not every system allows"
    if name != name.strip(" ") or name.endswith("."):
        return "its name begins or ends with a space, or ends with a dot"
    if name.partition(".")[0].rstrip(" ").casefold() in _DEVICES:
        return "its name is a device's name on Windows"
    if _SHORT_NAME.match(name):
        return "its name may be another file's short name on Windows"
    return "its name is too long" if len(name.encode()) > MOST_NAME_BYTES else None


def _unseen_in(name: str) -> str | None:
    found = (match for match in _UNSEEN.finditer(name) if not _is_in_emoji(name, match.start()))
    return next((match[0] for match in found), None)


def _is_in_emoji(name: str, at: int) -> bool:
    """Emoji are built with these two, and people name notes with emoji; after a letter they hide."""
    before, after = name[at - 1 : at], name[at + 1 : at + 2]
    if name[at] == _COLOURED:
        return _is_symbol(before) or after == _KEYCAP
    return name[at] == _JOINER and (before == _COLOURED or _is_symbol(before)) and _is_symbol(after)


def _is_symbol(character: str) -> bool:
    return character > "\x7f" and (unicodedata.category(character)[0] == "S" or character in "‼⁉〰")


def fold_key(name: str) -> str:
    """Equal for names that the least careful file system, or an eye, would take for the same.

    For the name of one file or folder, or for a whole path of such names.
    """
    return name.lower() if name.isascii() else _fold(name)


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    composed = unicodedata.normalize("NFKC", name.translate(_WITHOUT_JOINERS))
    return unicodedata.normalize("NFKC", composed.casefold())
