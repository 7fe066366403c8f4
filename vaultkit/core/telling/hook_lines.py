"""What the Dashboard says of hooks that failed: which, at which note, and what runs it again.

The page travels, and the words of an error may hold anything: a path, an address, a password. So only its
kind is told; `vaultkit status` on the machine itself says the rest. How often a call was tried is not told,
or each try would write the page anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vaultkit.core.text.showing import show_link, show_words

MOST_CALLS = 10
AGAIN = "again"
PLANNING = "planning"
LEFT_OUT = "left out"
_WORDS = {
    AGAIN: "failed{kind}; it is tried again, and vaultkit hooks retry {module} does so now",
    "given up": "failed{kind} and is given up; vaultkit hooks retry {module} runs it again",
    "disabled": "failed{kind} and is disabled; vaultkit hooks enable {module} tries it again",
    "off": "is OFF, for it went on failing{kind}; vaultkit hooks enable {module} runs it again",
    PLANNING: "could not do its part{kind}; put it right, then vaultkit hooks enable {module}",
    LEFT_OUT: "cannot be used; vaultkit hooks list says why",
}


class FailingHook(NamedTuple):
    """A hook that did not do its part. `path`: the note, "" for none that everybody knows.

    `state`: one of the words above, which says what becomes of it. `kind`: of error, "" if it was not called.
    """

    hook: str
    path: str
    state: str
    kind: str = ""


def kind_of(error: str) -> str:
    """The kind of error that was recorded with its words: `OSError` of `OSError: no room left`."""
    kind = error.partition(":")[0]
    return kind if kind.isidentifier() else ""


def hook_lines(failing: Sequence[FailingHook]) -> list[str]:
    """One line for each, in an order of their own; of very many some, and how many more there are."""
    lines = sorted(map(_line, failing))
    more = len(lines) - MOST_CALLS
    return [*lines[:MOST_CALLS], *([f"- and {more} more that hooks did not do"] if more > 0 else [])]


def _line(one: FailingHook) -> str:
    note = f"{show_link(one.path)} · " if one.path else ""
    module = show_words(one.hook.partition(".")[0], 40)
    words = _WORDS[one.state].format(kind=f" ({show_words(one.kind, 40)})" if one.kind else "", module=module)
    return f"- {note}hook {show_words(one.hook, 80)} {words}"
