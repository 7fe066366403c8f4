"""The machine's own configuration: written and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.rules.config import Machine, read_machine, write_machine
from vaultkit.errors import PolicyError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_plain_text() -> None:
    """The file is text that a person can read and edit."""
    machine = Machine("cloud_agent", "https://host/v.git", ("claim", "outbox"), {"outbox": "/srv/out"})
    text = write_machine(machine).decode()
    assert 'agent: "cloud_agent"\nremote: "https://host/v.git"\nhooks: ["claim", "outbox"]\n' in text
    assert '  "outbox": "/srv/out"\n' in text
    assert read_machine(text.encode()) == machine
    assert machine.branch == "main"


@given(
    st.builds(
        Machine,
        agent=WORDS,
        remote=st.none() | WORDS,
        hooks=st.lists(WORDS, max_size=3).map(tuple),
        settings=st.dictionaries(WORDS, WORDS, max_size=3),
    )
)
def test_round_trip(machine: Machine) -> None:
    """Whatever a machine is called and set to, it reads back the same."""
    assert read_machine(write_machine(machine)) == machine


def test_by_hand() -> None:
    """A file written by hand may leave things out or empty."""
    assert read_machine(b"agent: me\n") == Machine("me")
    assert read_machine(b"agent: me\nremote:\nhooks:\nsettings:\n") == Machine("me")


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ("remote: x\n", 1, "agent", "Add `agent"),
        ("agent:\n", 1, "agent", "Add `agent"),
        ("agent: me\nremot: x\n", 2, "remot", "`remote`"),
        ("agent: me\nbranch: x\n", 2, "branch", "Known here"),
        ("agent: me\nhooks: claim\n", 2, "hooks", "[one, two]"),
        ("agent: me\nsettings:\n  port: 25\n", 3, "settings.port", '"25"'),
    ],
)
def test_mistakes(text: str, line: int, key: str, hint: str) -> None:
    """A mistake is told with the file, the line, the key and what to write."""
    with pytest.raises(PolicyError) as caught:
        read_machine(text.encode())
    error = caught.value
    assert (error.file, error.line, error.key) == (".vaultkit/agent.yaml", line, key)
    assert hint in error.hint
