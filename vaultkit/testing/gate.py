"""A port with a gate in front: whoever wants to interfere is asked before and after each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Pass = Callable[[str], None]
"""Called with the name of what is about to be done, and with the name and " done" afterwards; may raise."""


class Gate:
    """Behaves as the port does. Only calls that change something, or that a disk may fail, pass the gate."""

    def __init__(self, port: object, gated: frozenset[str], passing: Pass) -> None:
        self._port = port
        self._gated = gated
        self._pass = passing

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._watched(name, found) if name in self._gated else found

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def gated(*words: Any, **more: Any) -> Any:
            self._pass(name)
            result = call(*words, **more)
            self._pass(f"{name} done")
            return result

        return gated


DISK = frozenset({"items", "item", "read", "replace", "remove", "rename", "keep"})
OBJECTS = frozenset({"put_folder", "put_blob", "put_blobs", "put_commit", "move_head", "set_tracking"})
STATE = frozenset(
    {"put", "settle", "see", "wrote", "hold", "expect", "report"}
    | {"enqueue", "note_conflict", "retry", "finish", "ask_again", "drop_job"}
)
