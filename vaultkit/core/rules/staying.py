"""Notes that stay on this machine, because their frontmatter says `zone: local`.

What such a note holds is never stored as an object, so this is asked of the bytes that were read, before
anything else is done with them. In doubt a note stays: where the frontmatter cannot be read but seems to
say so, and where the value is almost `local`, it is held until it says one thing or the other. Any other
value of `zone` is the person's own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from vaultkit.core.rules.policy import Refusal
from vaultkit.core.text.frontmatter import BOM
from vaultkit.core.text.note import BrokenFrontmatter, read_meta
from vaultkit.core.text.yaml_events import Value

LOCAL, UNCLEAR = "local", "local-unclear"
STAYING = frozenset({LOCAL, UNCLEAR})
"""The rules by which a note stays. Of one held by them there is no object."""

WORDS_TO_STAY = "it stays on this machine (zone: local"
"""So begins what is said of every note that stays, also where its shared version could not be removed."""
STAYS = Refusal(LOCAL, "it stays on this machine (zone: local in its frontmatter)", quiet=True)
LEFT = Refusal(LOCAL, "it stays on this machine (zone: local); it was shared before", quiet=True)
STILL_IN_HISTORY = "history still holds what it said before: `vaultkit log {}` shows the commits"
_SEEMS_LOCAL = re.compile(rb"""\bzone["']?[ \t]*:\s*[\[\-"' \t]*local\b""", re.IGNORECASE)
_CLOSE_ENOUGH = 0.75


def reason_to_stay(path: str, data: bytes) -> Refusal | None:
    """Why the note stays on this machine; None if it does not."""
    head = data.removeprefix(BOM)
    if not (head.startswith(b"---") and path.lower().endswith(".md") and b"zone" in data.lower()):
        return None
    try:
        said = [
            word for key, value in read_meta(data).items() if key.lower() == "zone" for word in _words(value)
        ]
    except BrokenFrontmatter as error:
        return _doubt(f"its frontmatter cannot be read ({error})") if _seems_local(data) else None
    if LOCAL in said:
        return STAYS
    odd = next((word for word in said if _is_almost_local(word)), None)
    return _doubt(f"`zone: {odd}` is no value that vaultkit knows") if odd else None


def told_once(path: str) -> str:
    """What a person must know whose note was shared before."""
    return f"{path} stays on this machine from now on (zone: local); {STILL_IN_HISTORY.format(path)}"


def cannot_leave(refusal: Refusal) -> Refusal:
    """Of a note that shall stay here, and whose shared version cannot be removed."""
    if refusal.rule == "superseded":
        detail = (
            "it stays on this machine (zone: local); the shared note of this name, which others wrote or"
            " changed, stays with them. Give yours another name to see it"
        )
        return Refusal("superseded", detail)
    detail = (
        f"it stays on this machine (zone: local), but its shared version stays as it was: {refusal.detail}"
    )
    return Refusal(refusal.rule, detail)


def _words(value: Value) -> Iterator[str]:
    """A property of Obsidian may be a list of one."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            yield each.strip().lower()


def _seems_local(data: bytes) -> bool:
    """Is there such a line? Where the end of the frontmatter is missing, it may be anywhere."""
    closing = re.search(rb"^---[ \t]*\r?$", data[3:], re.MULTILINE)
    block = data[: closing.start() + 3] if closing else data
    return _SEEMS_LOCAL.search(block) is not None


def _is_almost_local(word: str) -> bool:
    """A slip of the keyboard, `lokal`, `local only`; one that is just being typed, too."""
    is_begun = bool(word) and LOCAL.startswith(word)
    return is_begun or word.startswith(LOCAL) or bool(get_close_matches(word, [LOCAL], cutoff=_CLOSE_ENOUGH))


def _doubt(why: str) -> Refusal:
    return Refusal(
        UNCLEAR, f"{why}; it waits until that says `zone: local` (it stays here) or something else"
    )
