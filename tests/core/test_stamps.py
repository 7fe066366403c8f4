"""Stamps of a move that was lost go, and those from before come back, always in the same way."""

from __future__ import annotations

from vaultkit.core.text.stamps import STAMPS, without_stamps

BASE = b"---\n" + b"".join(b"%s: then\n" % key.encode() for key in sorted(STAMPS)) + b"---\nwords\n"


def test_stamps_come_back_in_the_order_they_had() -> None:
    """What a lost move had taken out is put back as it stood; nothing depends on the order of a set."""
    assert without_stamps(BASE, b"---\ntags: []\n---\nwords\n") == BASE.replace(
        b"---\n", b"---\ntags: []\n", 1
    )


def test_stamps_of_the_lost_move_go_and_other_words_stay() -> None:
    """Only stamps are taken back, wherever they stand."""
    stamped = b"---\nstatus: in_progress\ntags: []\nowner: cloud_agent\n---\nmore words\n"
    base = b"---\nstatus: needs_action\n---\nwords\n"
    assert without_stamps(base, stamped) == b"---\nstatus: needs_action\ntags: []\n---\nmore words\n"


def test_a_property_typed_into_a_note_that_had_none_stays() -> None:
    """A frontmatter that the stamps made goes with them; one that also holds a person's words does not."""
    assert without_stamps(b"words\n", b"---\nstatus: in_progress\nowner: me\n---\nwords\n") == b"words\n"
    stamped = b"---\nlevel: high\nstatus: in_progress\nowner: me\n---\nwords\n"
    assert without_stamps(b"words\n", stamped) == b"---\nlevel: high\n---\nwords\n"


def test_a_comment_typed_beside_a_stamp_stays() -> None:
    """Above it or behind it, beside a stamp that was there before or one that the lost move had made."""
    base = b"---\nstatus: needs_action\n---\nwords\n"
    stamped = b"---\n# ask Ada first\nstatus: in_progress\n# mine\nowner: me\n---\nwords\n"
    back = b"---\n# ask Ada first\nstatus: needs_action\n# mine\n---\nwords\n"
    assert without_stamps(base, stamped) == back
    behind = b"---\nstatus: in_progress # at last\nowner: me # until noon\n---\nwords\n"
    back = b"---\nstatus: needs_action # at last\nowner: me # until noon\n---\nwords\n"
    assert without_stamps(base, behind) == back


def test_a_comment_in_a_frontmatter_that_stamps_made_stays() -> None:
    """It is all that is left of it."""
    stamped = b"---\n# ask Ada first\nstatus: in_progress\n---\nwords\n"
    assert without_stamps(b"words\n", stamped) == b"---\n# ask Ada first\n---\nwords\n"
