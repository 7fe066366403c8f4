"""Every attack of the catalogue over a remote on a path that anybody may write into, within its bounds.

Each must be refused within a second of processor time and 256 MiB, with nothing written outside the
vault, and the honest part of the same tree must arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.security.catalogue import CASES
from tests.security.shooting import Target
from tests.security.victim import Victim
from vaultkit import Vault

MOST_CPU_SECONDS = 1.0
LONGEST = ("approval:", "power:")


@pytest.fixture(scope="module")
def range_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Target, Vault, Victim]]:
    target = Target(tmp_path_factory.mktemp("range"))
    with Vault.open(target.root) as vault, Victim(target.root) as victim:
        yield target, vault, victim


def cases() -> list[object]:
    """All; the longest, after which the past is read again and again, go the same ways as the others."""
    longest = pytest.mark.unmeasured
    return [pytest.param(n, marks=longest) if n.startswith(LONGEST) else n for n in CASES]


@pytest.mark.parametrize("name", cases())
def test_the_attack_is_refused_and_the_honest_part_arrives(
    range_: tuple[Target, Vault, Victim], name: str
) -> None:
    """The disk, the machinery and all outside are as they should be; the next honest push undoes the rest."""
    target, vault, victim = range_
    outcome = target.strike(CASES[name], vault, victim.sync)
    assert outcome.problems == []
    assert outcome.cpu < MOST_CPU_SECONDS


def test_the_catalogue_is_as_large_as_it_says() -> None:
    """At least 120 attacks, of every kind."""
    kinds = Counter(name.partition(":")[0] for name in CASES)
    assert kinds.total() >= 120
    assert set(kinds) == {
        "name",
        "look-alike",
        "collision",
        "mode",
        "object",
        "size",
        "power",
        "content",
        "approval",
        "history",
    }
