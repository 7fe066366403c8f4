"""Which notes stay on this machine, by the bytes they hold."""

from __future__ import annotations

import pytest

from vaultkit.core.rules.staying import LOCAL, UNCLEAR, reason_to_stay

STAYS = [
    "---\nzone: local\n---\nwords\n",
    "---\nzone: Local\n---\n",
    '---\nzone: "local" # mine\ntags: [a]\n---\n',
    "---\r\ntitle: x\r\nzone: local\r\n---\r\n",
    "\ufeff---\nzone: local\n---\n",
    "---\nzone:\n  - local\n---\n",
    "---\nzone: [local]\n---\n",
    "---\nZone: local\n---\n",
    "---\nzone:\n  local\n---\n",
    "---\nzone: local\n---",
]
UNCLEAR_ONES = [
    "---\nzone: local\nno end\n",
    "---\nzone: local\n",
    "---\nzone: local\nzone: local\n---\n",
    "---\nzone: local\na: [\n---\nwords\n",
    "---\n{zone: local}\n---\n",
    "---\nzone: &a local\nb: *a\nzone: local\n---\n",
    "---\nzone: lokal\n---\n",
    "---\nzone: loca\n---\n",
    "---\nzone: l\n---\n",
    "---\nzone: local only\n---\n",
    "---\nzone: local_agent\n---\n",
]
LEAVES = [
    "words\n",
    "zone: local\n",
    "---\ntitle: x\n---\nzone: local\n",
    "\n---\nzone: local\n---\n",
    "---\nzone: Europe/Berlin\n---\n",
    "---\nzone: shared\n---\n",
    "---\nzone: cloud\n---\n",
    "---\nzone:\n---\n",
    "---\nzone: 3\n---\n",
    "---\nzone: {name: local}\n---\n",
    "---\ntimezone: local\n---\n",
    "---\nplace: {zone: local}\n---\n",
    "---\na: [\n---\nzone: local\n",
    "---\na: b: c\n---\n",
    "",
]


@pytest.mark.parametrize("text", STAYS)
def test_a_note_that_says_so_stays_and_needs_nobody(text: str) -> None:
    """However the value is written, also as Obsidian writes a list."""
    reason = reason_to_stay("a.md", text.encode())
    assert reason
    assert (reason.rule, reason.quiet) == (LOCAL, True)


@pytest.mark.parametrize("text", UNCLEAR_ONES)
def test_in_doubt_a_note_waits_and_somebody_is_told(text: str) -> None:
    """What cannot be read but seems to say so, and what is almost `local`, does not leave."""
    reason = reason_to_stay("a.md", text.encode())
    assert reason
    assert (reason.rule, reason.quiet) == (UNCLEAR, False)


@pytest.mark.parametrize("text", LEAVES)
def test_any_other_note_is_none_of_these(text: str) -> None:
    """Other zones are the person's own business, and only the frontmatter counts."""
    assert reason_to_stay("a.md", text.encode()) is None


@pytest.mark.parametrize("path", ["a.base", "a.canvas", "a.txt"])
def test_only_a_note_has_frontmatter(path: str) -> None:
    """A view or a canvas is not read as a note."""
    assert reason_to_stay(path, b"---\nzone: local\n---\n") is None
