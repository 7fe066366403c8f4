"""What became of each note on one side, read from its changes and from what its history tells."""

from __future__ import annotations

from vaultkit.core.git.tree import Change, Changes
from vaultkit.core.history.fates import REMOVED, Fate, read_side
from vaultkit.memory.objects import MemoryObjects

ONE, OTHER = b"---\nid: 1\n---\none\n", b"---\nid: 2\n---\nother\n"


def test_a_known_move_is_none_where_another_note_is_at_its_source_by_now() -> None:
    """History speaks of the note that was there at first; since then it was moved on, and that one came."""
    objects = MemoryObjects()
    one, other = objects.put_blob(ONE), objects.put_blob(OTHER)
    changes: Changes = {"a.md": Change(other, None), "b.md": Change(None, one)}
    side = read_side(changes, objects.blob, {"a.md": "b.md"})
    assert (side.fates, side.added) == ({"a.md": REMOVED}, {"b.md": one})
    changes["a.md"] = Change(one, None)
    assert read_side(changes, objects.blob, {"a.md": "b.md"}).fates == {"a.md": Fate("b.md", one)}
