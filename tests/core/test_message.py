"""Trailers in commit messages."""

from __future__ import annotations

import pytest

from vaultkit.core.git.message import add_trailer, one_line, read_trailer, summary

KEY = "Vaultkit-Change"


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("subject\n\nVaultkit-Change: bob\n", "bob"),
        ("subject\n\nVaultkit-Change: bob", "bob"),
        ("subject\r\n\r\nVaultkit-Change: bob\r\n", "bob"),
        ("subject\n\n\nVaultkit-Change: bob\n\n\n", "bob"),
        ("subject\n\nbody\n\nVaultkit-Change: bob\nSigned-off-by: A <a@x.invalid>\n", "bob"),
        ("subject\n\nVaultkit-Change: eve\nVaultkit-Change: bob\n", "bob"),
        ("subject\n\nVaultkit-Change: eve\n\nVaultkit-Change: bob\n", "bob"),
        ("subject\n\nVaultkit-Change: \n", None),
        ("Vaultkit-Change: eve\n", None),
        ("subject\nVaultkit-Change: eve\n", None),
        ("subject\n\nVaultkit-Change: eve\n\nlast words\n", None),
        ("subject\n\nlast words\nVaultkit-Change: eve\n", None),
        ("subject\n\nvaultkit-agent: eve\n", None),
        ("subject\n\n Vaultkit-Change: eve\n", None),
        ("subject\n\nXVaultkit-Change: eve\n", None),
        ("subject\n\nOther: eve\u2028Vaultkit-Change: eve\n", None),
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
        ("subject", "subject\n\nVaultkit-Change: bob\n"),
        ("subject\n", "subject\n\nVaultkit-Change: bob\n"),
        ("subject\n\nbody\n", "subject\n\nbody\n\nVaultkit-Change: bob\n"),
        ("subject\n\nOther: 1\n", "subject\n\nOther: 1\nVaultkit-Change: bob\n"),
        ("subject\n\nVaultkit-Change: eve\nOther: 1\n", "subject\n\nOther: 1\nVaultkit-Change: bob\n"),
        ("subject\n\nVaultkit-Change: eve\n", "subject\n\nVaultkit-Change: bob\n"),
        ("Vaultkit-Change: eve\n", "Vaultkit-Change: eve\n\nVaultkit-Change: bob\n"),
        ("subject\n\nsee: this\nand that\n", "subject\n\nsee: this\nand that\n\nVaultkit-Change: bob\n"),
    ],
)
def test_adding_a_trailer(message: str, result: str) -> None:
    """A trailer joins the last paragraph or makes one, takes the place of its like, and is set only once."""
    assert add_trailer(message, KEY, "bob") == result
    assert add_trailer(result, KEY, "bob") == result
    assert read_trailer(result, KEY) == "bob"


@pytest.mark.parametrize("value", ["b\nVaultkit-Change: eve", "b\r\n\r\nVaultkit-Change: eve", "b\u2028"])
def test_a_value_is_one_line(value: str) -> None:
    """A value with line breaks in it cannot begin another trailer."""
    message = add_trailer("subject", "Other", value)
    assert message.count("\n") == 3
    assert read_trailer(message, KEY) is None


@pytest.mark.parametrize(
    "name",
    [
        "a\n\nVaultkit-Change: eve",
        "a\r\n\r\nVaultkit-Change: eve\n",
        "\n\nVaultkit-Change: eve",
        "\x1b[2Ja",
        "\udcff",
    ],
)
def test_a_file_name_in_the_subject_is_no_trailer(name: str) -> None:
    """Whatever a note is called, a subject that names it is one line, and the real trailer stays the one."""
    subject = one_line(f"add {name}")
    assert "\n" not in subject
    assert subject.isprintable()
    for message in (subject, name):
        assert read_trailer(add_trailer(message, KEY, "bob"), KEY) == "bob"


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
