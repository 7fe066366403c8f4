"""How much a server may say. One that talks for ever is cut off by size, not only by the clock.

The branches, the progress and the answers together have one allowance. A pack is counted by itself:
what arrives of it is granted in addition, up to the limit of a pack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from vaultkit.core.git.bounds import MIB
from vaultkit.errors import RemoteUnreachable

Read = Callable[[int], bytes]
PACKET_BYTES = 16
"""At most so much comes with each piece of a pack that is not the pack: lengths and channels."""


class Meter:
    """What the server at `address` may still say in this call: `talk` bytes, and a pack of `pack` bytes."""

    def __init__(self, address: str, talk: int, pack: int) -> None:
        self._address = address
        self._talk = self._left = talk
        self._pack = self._pack_left = pack

    def metered(self, read: Read) -> Read:
        """`read`, but RemoteUnreachable once it has brought more than is allowed."""

        def counted(size: int) -> bytes:
            data = read(size)
            self._left -= len(data)
            if self._left < 0:
                raise self._too_much("talked on for", self._talk)
            return data

        return counted

    def into(self, file: BinaryIO) -> Callable[[bytes], int]:
        """What writes the pieces of a pack to `file`; RemoteUnreachable when they become too many."""

        def write(data: bytes) -> int:
            self._pack_left -= len(data)
            if self._pack_left < 0:
                raise self._too_much("sent a pack of", self._pack)
            self._left += len(data) + PACKET_BYTES
            return file.write(data)

        return write

    def _too_much(self, what: str, limit: int) -> RemoteUnreachable:
        amount = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} bytes"
        hint = "Nothing was stored. Ask whoever runs the remote."
        return RemoteUnreachable(f"{self._address} {what} more than {amount}, the most allowed", hint=hint)
