"""What people put around the word of a status: `✅ Done` says what `done` does, and so does `Done.`.

Signs and spaces at either end are decoration, and one full stop or exclamation mark behind the word. A sign
may also say the opposite of the word (`❌ approved`, `❓ done`), so a decision that things go out or are over
is understood only with signs that agree with it.
"""

from __future__ import annotations

from unicodedata import category

_JOINING = "\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""What makes one sign of several, or gives one another look or colour."""
_AGREEING = frozenset("✅✔☑🟢👍👌🆗🎉💚💯🏁⭐🌟✨🎯📤📨📧✉📬📮🚀")
_STOPS = (".", "!")
_FINAL = frozenset({"approved", "done"})


def bare_word(text: str) -> str:
    """A status in small letters, its words joined by `_`, without the signs around it."""
    signs = "".join(character for character in text if _is_sign(character))
    return "_".join(_unstopped(text.strip(signs)).lower().replace("-", " ").split())


def _unstopped(text: str) -> str:
    """Several stops, or a question mark, are not decoration: `done...` may mean that it is not."""
    return text[:-1] if text[-1:] in _STOPS and text[-2:-1].isalpha() else text


def agrees(text: str, stage: str) -> bool:
    """May the signs in `text` stand beside a word that says `stage`?"""
    signs = {character for character in text if category(character) == "So"}
    return stage not in _FINAL or signs <= _AGREEING


def _is_sign(character: str) -> bool:
    return character.isspace() or character in _JOINING or category(character) == "So"
