"""Enabling hooks in `agent.yaml`: only the list changes, whatever a person wrote around it."""

from __future__ import annotations

import pytest

from vaultkit.core.rules.machine import read_machine
from vaultkit.core.rules.machine_edit import with_hooks
from vaultkit.errors import PolicyError

EDITS = {
    "a flow list": (
        b"# mine\nagent: me\nhooks: [\"claim\", 'approve']  # the usual\nsettings: {outbox: /x}\n",
        b"# mine\nagent: me\nhooks: [\"claim\", 'approve', greet]  # the usual\nsettings: {outbox: /x}\n",
    ),
    "a block list": (
        b"agent: me\nhooks:\n  # first\n  - claim\n  - approve # second\nremote: /r\n",
        b"agent: me\nhooks:\n  # first\n  - claim\n  - approve # second\n  - greet\nremote: /r\n",
    ),
    "none yet": (b"agent: me\n", b"agent: me\nhooks: [claim, approve, greet]\n"),
    "an empty list": (b"agent: me\nhooks: []\n", b"agent: me\nhooks: [claim, approve, greet]\n"),
    "nothing behind it": (b"hooks:\nagent: me\n", b"hooks: [claim, approve, greet]\nagent: me\n"),
    "line ends of Windows": (
        b"agent: me\r\nhooks: [claim, approve]\r\n",
        b"agent: me\r\nhooks: [claim, approve, greet]\r\n",
    ),
    "no last line end": (
        b"agent: me\nhooks: [claim, approve]",
        b"agent: me\nhooks: [claim, approve, greet]\n",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_hook_is_added_and_all_else_stays(name: str) -> None:
    """Comments, quotes, order and line ends are a person's own."""
    before, after = EDITS[name]
    assert with_hooks(before, ("claim", "approve", "greet")) == after
    assert read_machine(after).hooks == ("claim", "approve", "greet")


def test_a_hook_is_taken_out() -> None:
    """The others keep what stands beside them."""
    before = b"agent: me\nhooks:\n  - claim  # stays\n  - greet\n  - approve\n"
    assert with_hooks(before, ("claim", "approve")) == b"agent: me\nhooks:\n  - claim  # stays\n  - approve\n"
    assert read_machine(with_hooks(b"agent: me\nhooks: [greet]\n", ())).hooks == ()


def test_what_cannot_be_edited_safely_is_left_to_a_person() -> None:
    """A comment that would be lost is a reason not to, and the line to write is told."""
    before = b"agent: me\nhooks: [claim, # why\n  approve]\n"
    with pytest.raises(PolicyError, match=r"agent\.yaml") as caught:
        with_hooks(before, ("approve",))
    assert "hooks: [approve]" in caught.value.hint
