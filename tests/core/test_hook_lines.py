"""What the Dashboard says of hooks that failed: enough to act on, and nothing that must not travel."""

from __future__ import annotations

import pytest

from vaultkit.core.telling.board import Facts, HeldNote, board_lines
from vaultkit.core.telling.hook_lines import AGAIN, MOST_CALLS, FailingHook, hook_lines, kind_of


def test_each_line_names_the_note_the_hook_and_what_to_do() -> None:
    """They stand above what is held, in the same order however the facts come."""
    failing = [
        FailingHook("outbox.deliver", "Approved/ada.md", "given up", "OSError"),
        FailingHook("outbox.deliver", "Approved/bob.md", "off"),
        FailingHook("mine", "", "left out"),
    ]
    lines = board_lines(Facts(failing=failing, held=[HeldNote("a.md", "zone", "no")]))["held"]
    assert lines == [
        "- [[Approved/ada|ada]] · hook outbox.deliver failed (OSError) and is given up;"
        " vaultkit hooks retry outbox runs it again",
        "- [[Approved/bob|bob]] · hook outbox.deliver is OFF, for it went on failing;"
        " vaultkit hooks enable outbox runs it again",
        "- hook mine cannot be used; vaultkit hooks list says why",
        "- [[a|a]] · no",
    ]
    assert hook_lines(failing[::-1]) == lines[:3]


def test_many_failures_leave_room_for_the_rest() -> None:
    """A hundred mails that did not leave are some lines and a number."""
    lines = hook_lines([FailingHook("o.d", f"Approved/{n}.md", AGAIN) for n in range(100)])
    assert len(lines) == MOST_CALLS + 1
    assert lines[-1] == f"- and {100 - MOST_CALLS} more that hooks did not do"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("OSError: /home/me: no room", "OSError"),
        ("my password is x: y", ""),
        ("", ""),
        ("KeyError: ", "KeyError"),
    ],
)
def test_of_an_error_only_its_kind_is_told(error: str, kind: str) -> None:
    """Its words may hold anything."""
    assert kind_of(error) == kind
