"""Trailers in commit messages, and the verifier that goes by them."""

from __future__ import annotations

import pytest

from vaultkit.core.message import add_trailer, one_line, read_trailer, summary
from vaultkit.core.tree import Commit, Oid
from vaultkit.effects.trailers import TrailerVerifier
from vaultkit.ports import Verifier

KEY = "Vaultkit-Agent"


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("subject\n\nVaultkit-Agent: bob\n", "bob"),
        ("subject\n\nVaultkit-Agent: bob", "bob"),
        ("subject\r\n\r\nVaultkit-Agent: bob\r\n", "bob"),
        ("subject\n\n\nVaultkit-Agent: bob\n\n\n", "bob"),
        ("subject\n\nbody\n\nVaultkit-Agent: bob\nSigned-off-by: A <a@x.invalid>\n", "bob"),
        ("subject\n\nVaultkit-Agent: eve\nVaultkit-Agent: bob\n", "bob"),
        ("subject\n\nVaultkit-Agent: eve\n\nVaultkit-Agent: bob\n", "bob"),
        ("subject\n\nVaultkit-Agent: \n", None),
        ("Vaultkit-Agent: eve\n", None),
        ("subject\nVaultkit-Agent: eve\n", None),
        ("subject\n\nVaultkit-Agent: eve\n\nlast words\n", None),
        ("subject\n\nlast words\nVaultkit-Agent: eve\n", None),
        ("subject\n\nvaultkit-agent: eve\n", None),
        ("subject\n\n Vaultkit-Agent: eve\n", None),
        ("subject\n\nXVaultkit-Agent: eve\n", None),
        ("subject\n\nOther: eve\u2028Vaultkit-Agent: eve\n", None),
        ("subject\n", None),
        ("", None),
    ],
)
def test_reading_a_trailer(message: str, value: str | None) -> None:
    """Only a line of a last paragraph that holds nothing but trailers counts, and of several the last."""
    assert read_trailer(message, KEY) == value


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ("subject", "subject\n\nVaultkit-Agent: bob\n"),
        ("subject\n", "subject\n\nVaultkit-Agent: bob\n"),
        ("subject\n\nbody\n", "subject\n\nbody\n\nVaultkit-Agent: bob\n"),
        ("subject\n\nOther: 1\n", "subject\n\nOther: 1\nVaultkit-Agent: bob\n"),
        ("subject\n\nVaultkit-Agent: eve\nOther: 1\n", "subject\n\nOther: 1\nVaultkit-Agent: bob\n"),
        ("subject\n\nVaultkit-Agent: eve\n", "subject\n\nVaultkit-Agent: bob\n"),
        ("Vaultkit-Agent: eve\n", "Vaultkit-Agent: eve\n\nVaultkit-Agent: bob\n"),
        ("subject\n\nsee: this\nand that\n", "subject\n\nsee: this\nand that\n\nVaultkit-Agent: bob\n"),
    ],
)
def test_adding_a_trailer(message: str, result: str) -> None:
    """A trailer joins the last paragraph or makes one, takes the place of its like, and is set only once."""
    assert add_trailer(message, KEY, "bob") == result
    assert add_trailer(result, KEY, "bob") == result
    assert read_trailer(result, KEY) == "bob"


@pytest.mark.parametrize("value", ["b\nVaultkit-Agent: eve", "b\r\n\r\nVaultkit-Agent: eve", "b\u2028"])
def test_a_value_is_one_line(value: str) -> None:
    """A value with line breaks in it cannot begin another trailer."""
    message = add_trailer("subject", "Other", value)
    assert message.count("\n") == 3
    assert read_trailer(message, KEY) is None


@pytest.mark.parametrize(
    "name",
    [
        "a\n\nVaultkit-Agent: eve",
        "a\r\n\r\nVaultkit-Agent: eve\n",
        "\n\nVaultkit-Agent: eve",
        "\x1b[2Ja",
        "\udcff",
    ],
)
def test_a_file_name_in_the_subject_is_no_trailer(name: str) -> None:
    """Whatever a note is called, a subject that names it is one line, and the signer stays the signer."""
    subject = one_line(f"add {name}")
    assert "\n" not in subject
    assert subject.isprintable()
    for message in (subject, name):
        signed = TrailerVerifier().sign(Commit(Oid("1" * 40), (), "p", 1, message), "bob")
        assert TrailerVerifier().signer(signed) == "bob"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("subject\n\nbody\n", "subject"),
        ("\n\nsubject\r\n", "subject"),
        ("a\tb\x1b[0m", "a b [0m"),
        ("", "(no words)"),
    ],
)
def test_the_summary(message: str, line: str) -> None:
    """A list shows the first line of a message, without anything that could move the cursor."""
    assert summary(message) == line


def test_the_verifier() -> None:
    """A commit is by whom its trailer says; signing sets that, and changes nothing else but the message."""
    verifier: Verifier = TrailerVerifier()
    plain = Commit(Oid("1" * 40), (Oid("2" * 40),), "p <p@x.invalid>", 7, "subject\n\nVaultkit-Change: 1\n")
    assert verifier.signer(plain) is None
    signed = verifier.sign(plain, "local_agent")
    assert verifier.signer(signed) == "local_agent"
    assert verifier.signer(verifier.sign(signed, "cloud_agent")) == "cloud_agent"
    assert read_trailer(signed.message, "Vaultkit-Change") == "1"
    assert (signed.tree, signed.parents, signed.author, signed.time) == (
        plain.tree,
        plain.parents,
        plain.author,
        7,
    )
