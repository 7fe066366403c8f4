"""Names and bytes of tasks that were made for an event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vaultkit.core.hooks.task_names import digest_in, digest_of, task_name, task_note
from vaultkit.core.naming.paths import name_problem
from vaultkit.core.text.note import read_meta


@given(some.text(max_size=200), some.text(min_size=1, max_size=80))
def test_any_title_makes_a_name_that_every_machine_takes(title: str, key: str) -> None:
    """Whatever stands in a title and a key, the file name is a proper one and holds the key's digest."""
    name = task_name(title, key)
    assert name_problem(f"Needs_Action/{name}") is None
    assert digest_in(f"Needs_Action/email/{name}") == digest_of(key)


@pytest.mark.parametrize(
    ("path", "has_one"),
    [
        ("Needs_Action/invoice-0123456789ab.md", True),
        ("Done/invoice-0123456789ab (task).md", True),
        ("Needs_Action/invoice-0123456789ab (cloud_agent) (2).md", True),
        ("Needs_Action/0123456789ab.md", True),
        ("Needs_Action/invoice.md", False),
        ("Needs_Action/x0123456789ab.md", False),
        ("Needs_Action/invoice-0123456789abc.md", False),
        ("Needs_Action/invoice-0123456789ab.txt", False),
    ],
)
def test_the_digest_is_read_from_the_end_of_a_name(path: str, has_one: bool) -> None:
    """Copies of a task count as it; another note does not."""
    assert (digest_in(path) == "0123456789ab") is has_one


def test_the_same_event_makes_the_same_bytes() -> None:
    """No time and no machine is in a task's content, and any key survives the frontmatter."""
    key = "<12:30 #1 'no'@example.org>"
    note = task_note(key, "Two\n lines", "Text.", {"from": "ada@example.org"})
    assert note == task_note(key, "Two\n lines", "Text.", {"from": "ada@example.org"})
    assert read_meta(note) == {"id": key, "status": "needs_action", "from": "ada@example.org"}
    assert note.endswith(b"\n---\n# Two lines\n\nText.\n")
