"""Marks of commits that only keep things in order: what they say, nobody decided."""

from __future__ import annotations

from vaultkit.core.git.message import read_trailer
from vaultkit.core.git.tree import Commit
from vaultkit.core.rules.identity import Identity

UPKEEP = "Vaultkit-Upkeep"
"""The trailer of a commit by which vaultkit only kept the Dashboard; nobody's work, so nothing to undo."""

TAKES_UP = "Vaultkit-Takes-Up"
"""The trailer of a commit that only says what an interrupted merge left on the disk."""


def is_upkeep(message: str) -> bool:
    """Does a commit with this message only bring the Dashboard up to date?"""
    return read_trailer(message, UPKEEP) is not None


def takes_up(commit: Commit, identity: Identity) -> bool:
    """Does it say what an interrupted merge left here, and nothing that anybody did?"""
    return read_trailer(commit.message, TAKES_UP) is not None and identity.made(commit)
