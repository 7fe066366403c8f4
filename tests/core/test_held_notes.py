"""Which held notes are looked at again because of others."""

from __future__ import annotations

import pytest

from vaultkit.core.cycle.held_notes import BY_OTHERS, MOST_WAITING, waiting_among
from vaultkit.core.rules.staying import LOCAL, UNCLEAR

MANY = [(f"Notes/{n}.md", "collision") for n in range(MOST_WAITING)]
OF_THEIR_OWN = [(f"Notes/{rule}.md", rule) for rule in ("secret-name", "size", LOCAL, UNCLEAR)]


@pytest.mark.parametrize("rule", sorted(BY_OTHERS))
def test_a_note_that_is_held_because_of_others_waits_for_them(rule: str) -> None:
    """One that is held for what it is itself does not."""
    assert waiting_among([("Notes/a.md", rule), *OF_THEIR_OWN]) == {"Notes/a.md"}


def test_of_very_many_none_is_looked_at_together_with_another() -> None:
    """Or each edit would cost a look at all of them; those that wait for nobody do not count."""
    assert waiting_among(MANY + OF_THEIR_OWN) == {path for path, _ in MANY}
    assert waiting_among([*MANY, ("Notes/one-more.md", "move")]) == frozenset()
