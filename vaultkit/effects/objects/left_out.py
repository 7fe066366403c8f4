"""The names of files that arrived and were not kept because they are too large.

A server believes that we have what it once sent, and will not send it again when such a file is only
moved. So that its absence is then not taken for an incomplete answer, the names are remembered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from vaultkit.core.git.tree import Oid
from vaultkit.effects.objects.durable import put_in_place, temporary_file
from vaultkit.effects.objects.regular_file import open_regular

NAME = "vaultkit-too-large"
MOST = 10_000
_LINE = re.compile(rb"[0-9a-f]{40}(?=\n)")
_LINE_BYTES = 41


class LeftOutNames:
    """The names remembered for the objects in `folder`, the last ten thousand of them."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "info")
        self._path = os.path.join(self._folder, NAME)

    def names(self) -> frozenset[Oid]:
        return frozenset(self._read())

    def add(self, names: Collection[Oid]) -> None:
        known = self._read()
        new = sorted(set(names).difference(known))
        if not new:
            return
        os.makedirs(self._folder, exist_ok=True)
        with temporary_file(self._folder, "tmp_large_") as (file, temporary):
            file.write("".join(f"{name}\n" for name in [*known, *new][-MOST:]).encode("ascii"))
        put_in_place(temporary, self._path)

    def _read(self) -> list[Oid]:
        file = open_regular(self._path)
        if file is None:
            return []
        with file:
            return [Oid(line.decode("ascii")) for line in _LINE.findall(file.read(MOST * _LINE_BYTES))]
