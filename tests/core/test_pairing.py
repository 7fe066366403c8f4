"""The pairing line: short, whole, and impossible to mistype unnoticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.rules.pairing import Pairing, read_pairing, write_pairing
from vaultkit.memory.keys import MemoryKeys

PAIRING = Pairing("cloud_agent", MemoryKeys("cloud").public()[0])
LINE = write_pairing(PAIRING)


def test_a_line_says_name_and_key_in_a_few_characters() -> None:
    """What one machine writes the other reads, also with spaces around it, and it fits a narrow screen."""
    assert read_pairing(f"  {LINE}\n") == PAIRING
    assert len(LINE) < 64
    assert read_pairing(f"cloud_agent {PAIRING.key} comment") == PAIRING
    assert read_pairing(f"cloud_agent: {PAIRING.key}") == PAIRING


@given(st.integers(0, len(LINE) - 1), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_wrong_character_is_noticed(at: int, character: str) -> None:
    """Any one character typed wrongly, in the name or the key, makes it no line."""
    typed = LINE[:at] + character + LINE[at + 1 :]
    if typed == LINE:
        return
    with pytest.raises(ValueError):
        read_pairing(typed)


@pytest.mark.parametrize(
    "text", ["", "cloud_agent", ":", "cloud_agent:", LINE[:-2], LINE + "AAAA", "x y", "a:b:c"]
)
def test_what_is_no_line_is_refused(text: str) -> None:
    """Each text that is no pairing line is refused with words."""
    with pytest.raises(ValueError):
        read_pairing(text)
