"""What a note may hold: text, as every program that opens it will read it."""

from __future__ import annotations


def is_text(data: bytes) -> bool:
    """Is it UTF-8 without zero bytes? Anything else some program would show as something else."""
    if b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
