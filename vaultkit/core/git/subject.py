"""The first line of a commit, for people."""

from __future__ import annotations

from collections.abc import Sequence

from vaultkit.core.git.changes import Move, without_moves
from vaultkit.core.git.tree import Changes


def describe(changes: Changes, moves: Sequence[Move]) -> str:
    """One line a person can read: what a commit does."""
    parts = [_moved(move.src, move.dst) for move in moves]
    for path, (old, new) in without_moves(changes, moves).items():
        parts.append(f"{'add' if old is None else 'remove' if new is None else 'edit'} {path}")
    if len(parts) == 1:
        return parts[0]
    return f"{parts[0]} and {len(parts) - 1} more" if parts else "nothing"


def _moved(src: str, dst: str) -> str:
    folder, _, name = dst.rpartition("/")
    return f"rename {src} to {name}" if src.rpartition("/")[0] == folder else f"move {src} to {folder or '/'}"
