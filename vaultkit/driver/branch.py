"""Moving the branch, the one delicate spot: the state file and the ref are two files.

The intention is recorded first, then the ref moves, then the intention becomes the state; a restart finds
the ref on either side and knows which state is true.
"""

from __future__ import annotations

import json

from vaultkit.core.cycle.protocol import Advance
from vaultkit.core.git.tree import Oid
from vaultkit.desk import Desk


class Branch:
    """The branch of one desk. `ref` is where this cycle found it, or moved it last."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.ref: Oid | None = None

    def find(self) -> None:
        """See where it is. If a kill came between its move and the state's saying so, that is made good."""
        self.ref = self._desk.objects.head()
        intended = self._desk.state.get("advancing")
        if intended is None:
            return
        values = json.loads(intended)
        if values["head"] == self.ref:
            settles = values.pop("settles")
            self._remember(settles=settles, **values)
        else:
            self._desk.state.put(advancing=None)

    def advance(self, action: Advance) -> bool:
        """Move it; False, and nothing changed, if another program has moved it meanwhile."""
        state = self._desk.state
        sighted = json.dumps(action.sighted) if action.sighted else None
        values = {"head": action.head, "base": action.base, "tree": action.tree, "sighted": sighted}
        state.put(advancing=json.dumps({**values, "settles": action.settles}))
        if not self._desk.objects.move_head(self.ref, action.head):
            state.put(advancing=None)
            return False
        self.ref = action.head
        self._remember(settles=action.settles, **values)
        return True

    def _remember(self, *, settles: bool, **values: str | None) -> None:
        put = self._desk.state.settle if settles else self._desk.state.put
        put(**values, advancing=None)
