"""The repositories that one borrows objects from (`objects/info/alternates`), and those they borrow from.

In a folder that others write into, that file may name anything, itself included: each folder counts
once, and there is an end to how many there may be and how large the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from vaultkit.effects.objects.regular_file import open_regular

MOST_LENDERS = 100
LARGEST_FILE = 64 * 1024


def lenders(folder: str) -> list[str]:
    """The `objects` folders that the one at `folder` borrows from, the nearest first."""
    return list(islice(_lenders(folder), MOST_LENDERS))


def _lenders(folder: str) -> Iterator[str]:
    seen, waiting = {os.path.realpath(folder)}, [folder]
    for borrower in waiting:  # it grows on the way
        for line in _lines(os.path.join(borrower, "info", "alternates")):
            lender = os.path.realpath(os.path.join(borrower, os.fsdecode(line)))
            if lender not in seen:
                seen.add(lender)
                waiting.append(lender)
                yield lender


def _lines(path: str) -> list[bytes]:
    file = open_regular(path, follow=True)
    if file is None:
        return []
    with file:
        content = file.read(LARGEST_FILE)
    return [line for line in content.split(b"\n") if line and b"\0" not in line and line[:1] != b"#"]
