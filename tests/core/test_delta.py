"""Differences as packs hold them: applied exactly, and never more than they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs import copy, difference, edit, insert
from vaultkit.core.git.bounds import STEP_WORK
from vaultkit.core.git.budget import Budget, OverBudget
from vaultkit.core.git.delta import TooLarge, apply_delta, delta_sizes

BASE = bytes(range(256)) * 1024
MUCH = 2**40


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, len(BASE)), st.integers(1, 65536)),
            st.binary(min_size=1, max_size=127),
        ),
        max_size=20,
    )
)
def test_a_difference_makes_what_its_instructions_say(steps: list[tuple[int, int] | bytes]) -> None:
    """Whatever is copied and inserted comes out in that order, byte for byte."""
    pieces, written = [], []
    for step in steps:
        if isinstance(step, bytes):
            pieces.append(step)
            written.append(insert(step))
        elif BASE[step[0] :][: step[1]]:
            pieces.append(BASE[step[0] :][: step[1]])
            written.append(copy(step[0], len(pieces[-1])))
    result = b"".join(pieces)
    delta = difference(len(BASE), len(result), *written)
    assert delta_sizes(delta)[:2] == (len(BASE), len(result))
    assert apply_delta(BASE, delta, len(result), Budget(MUCH)) == result


@given(st.binary(max_size=60))
def test_no_bytes_at_all_do_harm(data: bytes) -> None:
    """Any bytes are a difference, or a ValueError; what comes out is as long as announced."""
    for base in (b"", b"words", BASE):
        try:
            result = apply_delta(base, data, 2**20, Budget(2**24))
        except (ValueError, OverBudget):
            continue
        assert delta_sizes(data)[:2] == (len(base), len(result))


@pytest.mark.parametrize(
    "delta",
    [
        b"",
        b"\x80",
        b"\xff" * 30,
        difference(5, 5, copy(0, 6)),
        difference(5, 5, copy(1, 5)),
        difference(5, 5, copy(2**31, 5)),
        difference(5, 4, copy(0, 5)),
        difference(5, 6, copy(0, 5)),
        difference(6, 5, copy(0, 5)),
        difference(5, 5, insert(b"abc")),
        difference(5, 5, b"\x05abc"),
        difference(5, 5, b"\x00"),
        difference(5, 5, b"\x91"),
        difference(5, 0, copy(0, 5)),
        difference(5, 65536, b"\x80"),
    ],
)
def test_nonsense_is_a_value_error(delta: bytes) -> None:
    """A difference that ends too early, or copies what is not there, or makes another size is refused."""
    with pytest.raises(ValueError):
        apply_delta(b"words", delta, MUCH, Budget(MUCH))


def test_the_result_is_bounded_before_it_is_built() -> None:
    """What announces more than is kept is too large; what would copy beyond the announcement is nonsense."""
    with pytest.raises(TooLarge):
        apply_delta(BASE, difference(len(BASE), 2**60, copy(0, 1)), 2**20, Budget(MUCH))
    with pytest.raises(ValueError, match="copies"):
        apply_delta(BASE, difference(len(BASE), 10, copy(0, 65536) * 10_000), 2**20, Budget(MUCH))


def test_instructions_are_paid_for() -> None:
    """A result costs its bytes and its instructions; what cannot pay for them is given up."""
    delta = difference(len(BASE), 100, copy(0, 1) * 100)
    budget = Budget(100 + 100 * STEP_WORK + 7)
    apply_delta(BASE, delta, 100, budget)
    assert budget.left == 7
    for allowed in (99, 100 + 99 * STEP_WORK):
        with pytest.raises(OverBudget):
            apply_delta(BASE, delta, 100, Budget(allowed))


def test_an_empty_result() -> None:
    """A difference may make nothing of something, and something of nothing."""
    assert apply_delta(b"words", difference(5, 0), 100, Budget(100)) == b""
    assert apply_delta(b"", edit(b"", b"words")[:2] + insert(b"words"), 100, Budget(MUCH)) == b"words"
