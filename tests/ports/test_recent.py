"""The objects that are kept in memory: those used last, and never more than may be."""

from __future__ import annotations

from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.recent import Recent


def test_what_was_used_last_is_kept_and_no_more_than_may_be() -> None:
    """The weight stays within the bound, and what was asked for again outlives what was not."""
    recent = Recent[str](10, len)
    for name in "abcde":
        recent.put(Oid(name), name * 2)
    assert recent.get(Oid("a")) == "aa"
    recent.put(Oid("f"), "ff")
    kept = {name for name in "abcdef" if recent.get(Oid(name))}
    assert kept == {"a", "c", "d", "e", "f"}


def test_the_newest_is_kept_however_heavy() -> None:
    """What does not fit stands alone until the next one comes."""
    recent = Recent[str](10, len)
    recent.put(Oid("a"), "a")
    recent.put(Oid("b"), "b" * 100)
    assert (recent.get(Oid("a")), recent.get(Oid("b"))) == (None, "b" * 100)
    recent.put(Oid("c"), "c")
    assert (recent.get(Oid("b")), recent.get(Oid("c"))) == (None, "c")
