"""Following a note through what counted: back to what it was called, and on to where it is now."""

from __future__ import annotations

from tests.trees import POLICY_TEXT, History
from vaultkit.core.history.chronicle import name_since, read_chronicle, trace
from vaultkit.trails import GONE, next_place

A, B, C = "Needs_Action/a.md", "Needs_Action/b.md", "Needs_Action/c.md"


def named(number: int) -> str:
    return f"---\nid: {number}\n---\nnote {number}\n"


def test_a_note_whose_place_another_one_took_is_followed_to_where_it_went() -> None:
    """Else what is said of one, such as how a conflict is resolved, is written over the other."""
    history = History({A: named(1), B: named(2)})
    own = {"vaultkit.yaml": POLICY_TEXT}
    moved = history.commit("local_agent", history.root, {**own, B: named(1), C: named(2)})
    (entry, _) = entries = list(read_chronicle(history.objects, history.root, moved))
    assert (name_since([entry], B), name_since([entry], A)) == (C, B)
    assert (next_place(entry, B), next_place(entry, A), next_place(entry, C)) == (C, B, C)
    assert [name for _, name in trace(entries, B)] == [B, A]
    removed = history.commit("local_agent", moved, {**own, B: named(1)})
    (entry, *_) = read_chronicle(history.objects, history.root, removed)
    assert next_place(entry, C) == GONE
